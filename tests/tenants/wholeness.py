"""Is every site whole, and nothing there that belongs to none?"""

from collections.abc import Iterable

from sitecluster.cms import publication
from sitecluster.tenancy import connection
from tenants import directory
from tenants.models import Tenant
from tests.conftest import client_for
from tests.tenants.conftest import ask

SHARED = (
    "tenants_tenant",
    "tenants_domain",
    "library_item",
    "accounts_user",
    "accounts_membership",
)
RELATIONS = """
SELECT n.nspname, array_agg(c.relkind::text || c.relname::text ORDER BY c.relkind, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE starts_with(n.nspname, 's_') GROUP BY 1
"""


def flaws(codes: Iterable[str] | None = None) -> list[str]:
    """What is wrong with the cluster, and with the sites of ``codes`` (all sites by default)."""
    directory.forget()
    connection.set_schema_to_public()
    relations = dict(ask(RELATIONS))
    sites = {site.schema_name: site for site in directory.sites()}
    found = [f"{name}: schema without site" for name in relations.keys() - sites.keys()]
    found += [f"{name}: site without schema" for name in sites.keys() - relations.keys()]
    model = relations[directory.snapshot().by_code["alpha"].schema_name]
    for code in codes if codes is not None else directory.snapshot().by_code:
        site = directory.snapshot().by_code.get(code)
        if site is not None and site.schema_name in relations:
            if relations[site.schema_name] != model:
                found.append(f"{code}: other tables, indexes or sequences")
            found += publication.compare(site) + _flaws_of_home(site)
    return found


def _flaws_of_home(site: directory.Site) -> list[str]:
    if site.address is None:
        return [] if site.kind == "control" else [f"{site.code}: no address"]
    response = client_for(site.address.host).get(f"{site.address.prefix}/")
    if response.status_code == 200 and site.name in response.content.decode():
        return []
    return [f"{site.code}: the home page answers {response.status_code}"]


def checksums() -> dict[str, str]:
    """A hash of the rows of each shared table, and of the pages of each site."""
    connection.set_schema_to_public()
    tables = [f"public.{table}" for table in SHARED]
    tables += [
        f"{schema}.{table}"
        for schema in Tenant.objects.values_list("schema_name", flat=True)
        for table in ("wagtailcore_page", "wagtailcore_revision", "rights_usergroup")
    ]
    return {
        table: ask(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")[0][0]
        for table in tables
    }
