"""Many sites at once: real schemas, replayed from one pattern that holds the benches' content."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.db import connections, transaction
from psycopg2 import sql

from sitecluster.tenancy import connection, shared_context
from tenants import blueprinting, directory, dump, naming
from tenants.migrating import migration_state
from tenants.models import Blueprint, Domain, Kind, State, Tenant

from . import content

NAME = "@@name@@"
PATTERN_SCHEMA = "bp_bench_0123456789abcdef"
HOST_ENDING = ".bench.test"
# What a site needs before its pages; the starter content of the blueprint stays behind.
KEPT = (
    "django_migrations",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "wagtailcore_locale",
    "wagtailcore_collection",
)
ROOT_PAGE = """
INSERT INTO wagtailcore_page (title, draft_title, slug, path, depth, numchild, url_path, live,
    has_unpublished_changes, seo_title, show_in_menus, search_description, expired, locked,
    content_type_id, locale_id, translation_key)
SELECT 'Root', 'Root', 'root', '0001', 1, 0, '/', true, false, '', false, '', false, false,
    (SELECT id FROM public.django_content_type WHERE app_label = 'wagtailcore' AND model = 'page'),
    (SELECT min(id) FROM wagtailcore_locale), gen_random_uuid()
"""


def code(number: int) -> str:
    """The code of the ``number``-th site."""
    return f"b{number:04}"


def host(number: int) -> str:
    """The host of the ``number``-th site, the same here and on plain Wagtail."""
    return code(number) + HOST_ENDING


def name(number: int) -> str:
    """The name of the ``number``-th site."""
    return f"第{number:04}县人民政府"


def pattern() -> dump.Dump:
    """The dump of a schema with the benches' content."""
    blueprint = dump_without_pages()
    with transaction.atomic():
        dump.replay(blueprint, PATTERN_SCHEMA, {})
        connection.set_schema(PATTERN_SCHEMA)
        with connection.cursor() as cursor:
            cursor.execute(ROOT_PAGE)
        content.write(NAME, "localhost", 1, is_default=True)
    connection.set_schema_to_public()
    taken = dump.take(PATTERN_SCHEMA)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(PATTERN_SCHEMA)))
    return taken


def dump_without_pages() -> dump.Dump:
    """A department's blueprint without its starter content."""
    blueprint = Blueprint.objects.filter(kind=Kind.DEPARTMENT).latest("version")
    whole = blueprinting.dump_of(blueprint)
    return replace(whole, rows={table: rows for table, rows in whole.rows.items() if table in KEPT})


def make(taken: dump.Dump, first: int, last: int, jobs: int = 2) -> None:
    """Make the sites from number ``first`` to ``last``, ``jobs`` at once."""
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda number: _make(taken, number), range(first, last + 1)))
        for _ in range(jobs):
            pool.submit(connections.close_all)
    directory.forget()


def _make(taken: dump.Dump, number: int) -> None:
    schema = naming.schema_name(code(number))
    with shared_context(), transaction.atomic():
        tenant = Tenant.objects.create(
            code=code(number),
            schema_name=schema,
            name=name(number),
            kind=Kind.DEPARTMENT,
            state=State.LIVE,
            migration_state=migration_state(),
        )
        Domain.objects.create(tenant=tenant, host=host(number))
        dump.replay(taken, schema, {NAME: name(number)})
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("UPDATE {}.wagtailcore_site SET hostname = %s").format(
                    sql.Identifier(schema)
                ),
                [host(number)],
            )
