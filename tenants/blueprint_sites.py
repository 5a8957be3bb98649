"""Blueprints that platform admins make: edited like a site, published as a new version.

The blueprint site of a code is a tenant that nobody but platform admins sees. What it or another
site hands on becomes the newest blueprint of the code; sites made before stay as they are.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Revision

from sitecluster.audit.trail import record
from sitecluster.cms import moments, starting
from sitecluster.cms.identity import SiteIdentity
from sitecluster.cms.models import ArticlePage, HomePage
from sitecluster.library.models import Item
from sitecluster.tenancy import connection, shared_context, tenant_context
from sitecluster.theming.catalogue import default_theme

from . import (
    blueprint_changes as changing,
    blueprinting,
    content,
    directory,
    dump,
    naming,
    switching,
)
from .blueprint_changes import SHOWN
from .extracting import Extract, extract, frame, template
from .handing_on import handed_on
from .migrating import migrate_new
from .models import Blueprint, Kind, State, Tenant
from .naming import BLUEPRINT_PREFIX
from .orders import code_faults
from .provisioning import ProvisionError, refuse_behind, remembered

MOST_ARTICLES = 300  # their dates are replaced one by one in each new site
# The facts of a site that no other site shares (guideline 2017-47, B.7), and who runs it.
OWN_FACTS: dict[str, str | bool] = {
    **dict.fromkeys(
        "contact_phone contact_email address postcode office_hours site_id_code icp_number"
        " police_number mark_code error_report_url co_organiser operator leader deputy_leader"
        " working_body editor_in_chief white_list".split(),
        "",
    ),
    "supports_ipv6": False,
}
NAMED = ("legal_name", "host_unit", "organiser", "copyright")


def editor_of(code: str) -> Tenant | None:
    """The blueprint site of this code, if it has been opened."""
    return Tenant.objects.filter(code=BLUEPRINT_PREFIX + code, is_blueprint=True).first()


def open_editor(code: str, *, by: Any = None) -> directory.Site:
    """The blueprint site of this code, made from its newest blueprint at first use.

    Raises `ProvisionError`.
    """
    with _changing():
        tenant = editor_of(code)
        if tenant is None:
            blueprint = newest(code)
            tenant = Tenant.objects.create(
                code=BLUEPRINT_PREFIX + code,
                schema_name=naming.schema_name(BLUEPRINT_PREFIX + code),
                name=_("Blueprint %(name)s") % {"name": title(blueprint)},
                kind=blueprint.kind,
                state=State.BUILDING,
                is_blueprint=True,
                theme=default_theme(blueprint.kind),
            )
            _fill(tenant, blueprint)
            site = directory.record(tenant)
            record("blueprint.opened", by=by, site=site, subject=title(blueprint))
        return directory.record(tenant)


def publish(code: str, **why: Any) -> Blueprint:
    """Make what the blueprint site shows the newest version, for sites that are opened from now on.

    ``why`` holds by, reason and document. Raises `ProvisionError`, also where nobody has opened
    the blueprint for editing.
    """
    with _changing():
        last, tenant = newest(code), editor_of(code)
        if tenant is None:
            raise ProvisionError([_("Nobody has edited the blueprint %s yet.") % code])
        words = {shown: token for token, shown in SHOWN.items()}
        found = extract(directory.record(tenant), words, _check_articles)
        made = _create(found, last.code, last.kind, last.name, tenant)
        Tenant.objects.filter(pk=tenant.pk).update(
            blueprint_code=made.code, blueprint_version=made.version
        )
        _note("blueprint.published", made, why, before=last)
        return made


def copy_site(
    site: directory.Site, code: str, name: str, *, articles: bool = True, **why: Any
) -> Blueprint:
    """Make a blueprint of the new ``code`` for sites like ``site``, without its people and facts.

    Its name becomes the new site's where the front page or its identity is called just so;
    without ``articles`` it hands on its columns, topics and links alone. Raises `ProvisionError`.
    """
    problems = copy_faults(site, code, name)
    if problems:
        raise ProvisionError(problems)

    def finish() -> None:
        _check_articles()
        _forget_names(site)

    with _changing():
        if Blueprint.objects.filter(code=code).exists():
            raise ProvisionError([_("There is a blueprint %s already.") % code])
        found = extract(site, {}, finish, articles=articles)
        made = _create(found, code, site.kind, name.strip(), Tenant.objects.get(pk=site.id))
        _note("blueprint.copied", made, why, site=site)
        return made


def copy_faults(site: directory.Site, code: str, name: str) -> list[str]:
    """Why no blueprint of this code and name can be made from ``site``; empty if one can."""
    problems = code_faults(code, site.kind)
    if code in Kind.values:
        problems.append(_("The code %(code)s is reserved.") % {"code": code})
    longest = naming.MAX_CODE_LENGTH - len(BLUEPRINT_PREFIX)
    if len(code) > longest:
        text = _("The code %(code)s is longer than %(limit)d characters.")
        problems.append(text % {"code": code, "limit": longest})
    if not 0 < len(name.strip()) <= 100:
        problems.append(_("The name must have 1 to 100 characters."))
    if site.kind == Kind.CONTROL or site.is_blueprint:
        problems.append(_("No site can be like %(name)s.") % {"name": site.name})
    return problems


def restore_standard(kind: str, **why: Any) -> Blueprint:
    """Go back to the platform's own content for new sites of this kind, and in its blueprint site.

    Raises `ProvisionError`.
    """
    if kind not in content.kinds():
        raise ProvisionError([_("The platform has no content of its own for %s.") % kind])
    with _changing():
        last = newest(kind)
        if last.source_id is None:
            raise ProvisionError([_("The blueprint is the platform's own already.")])
        made = _standard(kind)
        tenant = editor_of(kind)
        if tenant is not None:
            connection.check_constraints()  # what is pending would stand against it
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA "{tenant.schema_name}" CASCADE')
            Item.objects.filter(tenant=tenant).delete()
            _fill(tenant, made)
        _note("blueprint.restored", made, why, before=last)
        return made


def title(blueprint: Blueprint) -> str:
    """What people call it: its name, or the kind of sites that it is for."""
    return blueprint.name or str(Kind(blueprint.kind).label)


@contextmanager
def _changing() -> Iterator[None]:
    """One transaction; neither `blueprinting.build` nor another change of blueprints meanwhile."""
    with shared_context(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [blueprinting.LOCK]
            )
        yield
        transaction.on_commit(directory.forget)


def newest(code: str) -> Blueprint:
    """The newest version; raises `ProvisionError`."""
    try:
        return blueprinting.of_code(code)
    except Blueprint.DoesNotExist:
        raise ProvisionError([_("There is no blueprint %(code)s.") % {"code": code}]) from None


def _fill(tenant: Tenant, blueprint: Blueprint) -> None:
    """Replay the blueprint into the tenant's schema, which isn't there, as one for editors."""
    whole = remembered(blueprint.pk)
    words = SHOWN | blueprinting.words_of_moments(whole.moments)
    renewed = dump.replay(blueprinting.dump_of(whole), tenant.schema_name, words)
    tenant.blueprint_code, tenant.blueprint_version = whole.code, whole.version
    tenant.migration_state, tenant.plugins = blueprinting.mark_of(whole), []
    tenant.save()
    site = directory.record(tenant)
    refuse_behind(site)
    with tenant_context(site):
        starting.begin(site, {}, renewed(whole.items))
        SiteIdentity.objects.update(legal_name=SHOWN[content.NAME])
    moments.rebuild(site)
    try:
        switching.begin(tenant)
    except switching.PluginError as error:
        raise ProvisionError(error.problems) from error


def _check_articles() -> None:
    """Raise `ProvisionError` for more articles than a new site should begin with."""
    count = ArticlePage.objects.count()
    if count > MOST_ARTICLES:
        text = _("It has %(count)d articles; a blueprint hands on %(most)d at the most.")
        raise ProvisionError([text % {"count": count, "most": MOST_ARTICLES}])


def _forget_names(site: directory.Site) -> None:
    """Replace the site's names by the tokens where a field says nothing else, in its copy."""
    tokens = {naming.short_name(site.name): content.SHORT_NAME, site.name: content.NAME}
    for identity in SiteIdentity.objects.all():
        for name in NAMED:
            setattr(identity, name, tokens.get(getattr(identity, name), ""))
        identity.legal_name = content.NAME
        for name, nothing in OWN_FACTS.items():
            setattr(identity, name, nothing)
        identity.save()
    for page in HomePage.objects.select_related("live_revision"):
        named = {
            field: tokens[value]
            for field in ("title", "draft_title", "seo_title")
            if (value := getattr(page, field)) in tokens
        }
        HomePage.objects.filter(pk=page.pk).update(**named)
        if page.live_revision:
            now = {**page.live_revision.content, **named}
            Revision.objects.filter(pk=page.live_revision_id).update(
                content=now, object_str=named.get("title", page.title)
            )


def _standard(kind: str) -> Blueprint:
    """The platform's own content as the newest version."""
    own = Blueprint.objects.filter(code=kind, source=None).order_by("version").last()
    if own is not None and blueprinting.mark_of(own):
        found = Extract(blueprinting.dump_of(own), own.items, own.moments)
    else:
        structure = frame()
        with template() as schema:
            migrate_new(schema)
            connection.set_schema(schema)
            content.write(kind)
            taken = dump.refill(structure, schema, handed_on())
            found = Extract(taken, starting.library_rows(), starting.recent_moments())
    return _create(found, kind, kind, "", None)


def _create(found: Extract, code: str, kind: str, name: str, source: Tenant | None) -> Blueprint:
    fingerprint = blueprinting.structure() if source else blueprinting.fingerprint()
    about = {"code": code, "kind": kind, "name": name, "source": source}
    return blueprinting.create(
        found.taken, found.items, found.moments, fingerprint=fingerprint, **about
    )


def _note(
    act: str,
    made: Blueprint,
    why: Mapping[str, Any],
    *,
    before: Blueprint | None = None,
    site: directory.Site | None = None,
) -> None:
    after: dict[str, Any] = {"blueprint": str(made)}
    if before is not None:
        changes = changing.between(changing.columns_of(before), changing.columns_of(made))
        after |= {name: found for name, found in asdict(changes).items() if found}
    shown = {"blueprint": str(before)} if before else None
    record(act, site=site, subject=title(made), before=shown, after=after, **why)
