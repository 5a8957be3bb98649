"""The life of a site (guideline 2017-47, B.4), and other changes of its row.

    building → live ⇄ offline, live ⇄ read-only; live, offline, read-only → closed → live or removed

Each step is an `Act` with a reason; limits and opening gates are rows that platform admins edit
(`limits`, `clearances`). Before it exists a site is an opening (the console's). Every process sees
a change within a second, since the directory follows the rows.
"""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.theming.inspection import refusals
from tenants import directory
from tenants.changing import changing, note
from tenants.models import Kind, Pause, State, Tenant
from tenants.provisioning import ProvisionError

from . import clearances
from .limits import CLOSING_NOTICE_DAYS, value_of
from .steps import ACTS, TOLD, Act, Wish, faults, objections

# Removing a site means more than a word in its row (`removal`).
SETTABLE = [state.value for state in State if state is not State.REMOVED]


def offered(site: Tenant, user: Any = None) -> list[Act]:
    """The acts that lead on from the site's state, those alone that ``user`` may do if given."""
    if site.kind == Kind.CONTROL or site.is_blueprint:
        return []
    everything = user is None or user.is_superuser
    return [
        step
        for step in ACTS.values()
        if site.state in step.before and (everything or not step.platform_only)
    ]


def act(
    code: str,
    name: str,
    *,
    by: Any,
    reason: str,
    document: str = "",
    notice: str = "",
    until: date | None = None,
    archive_url: str = "",
    despite: bool = False,
) -> directory.Site:
    """Do the named act (`steps.ACTS`) with the site.

    ``notice`` is what citizens read (the reason if it is empty), ``until`` the planned end of a
    time offline or of the notice of a closed site, ``archive_url`` where the closed site's pages
    are kept. ``despite`` lets a platform admin go ahead against missing gates and limits, which is
    recorded. Raises `ProvisionError` and then has changed nothing.
    """
    told = notice.strip() or reason.strip()
    wish = Wish(by, reason.strip(), document.strip(), told, until, archive_url.strip())
    with changing(code) as tenant:
        step = step_of(tenant, name, by)
        if step.after is State.REMOVED:
            raise ProvisionError([_("A site is removed in the background.")])
        problems = [fault.text for fault in faults(step, tenant, wish)]
        if problems:
            raise ProvisionError(problems)
        against = [fault.text for fault in objections(step, tenant, wish)]
        if against and not despite:
            raise ProvisionError(against)
        if against and by is not None and not by.is_superuser:
            raise ProvisionError([*against, _("Only a platform admin may go ahead all the same.")])
        gates = [gate.code for gate in clearances.missing(tenant)] if step.gated else []
        before = _facts(tenant)
        _enter(tenant, step.after, wish)
        site, why = directory.record(tenant), wish.why()
        if gates:
            note("site.opened_without_gates", site, {}, {"gates": gates}, why)
        after = {**_facts(tenant), **({"despite": against} if against else {})}
        note(step.audit, site, before, after, why)
    return site


def set_state(
    code: str,
    state: str,
    notice: str = "",
    *,
    by: Any = None,
    reason: str = "",
    document: str = "",
    until: date | None = None,
    archive_url: str = "",
) -> directory.Site:
    """Put the site into ``state`` as a command does: in any order, and without the rules of
    `act` but for one: opening a site whose gates aren't passed needs a reason.

    Raises `ProvisionError`.
    """
    if state not in SETTABLE:
        text = _("The state %(state)s is unknown; it is one of %(states)s.")
        raise ProvisionError([text % {"state": state, "states": ", ".join(SETTABLE)}])
    wish = Wish(by, reason, document, notice, until, archive_url)
    with changing(code) as tenant:
        if tenant.is_blueprint:
            raise ProvisionError([_("The site of a blueprint is never public.")])
        opens = tenant.state == State.BUILDING and state == State.LIVE
        gates = clearances.missing(tenant) if opens else []
        if gates and not reason:
            raise ProvisionError([clearances.sentence(gates), _("Say why it opens all the same.")])
        before = _facts(tenant)
        _enter(tenant, State(state), wish)
        site = directory.record(tenant)
        if gates:
            codes = {"gates": [gate.code for gate in gates]}
            note("site.opened_without_gates", site, {}, codes, wish.why())
        note("site.state_changed", site, before, _facts(tenant), wish.why())
    return site


def set_theme(
    code: str, theme: str, *, by: Any = None, reason: str = "", document: str = ""
) -> directory.Site:
    """Give the site an installed theme that is sound; raises `ProvisionError`.

    A server that was started before the theme was installed shows the base theme until its restart.
    """
    problems = refusals(theme)
    if problems:
        raise ProvisionError(problems)
    with changing(code) as tenant:
        before, tenant.theme = tenant.theme, theme
        tenant.save(update_fields=["theme"])
        site, why = directory.record(tenant), {"by": by, "reason": reason, "document": document}
        note("theme.set", site, {"theme": before}, {"theme": theme}, why)
    return site


def set_second_factor(
    code: str, *, required: bool, by: Any = None, reason: str = "", document: str = ""
) -> directory.Site:
    """Say whether whoever works on the site must have a second factor; raises `ProvisionError`.

    The control site requires one in any case.
    """
    with changing(code) as tenant:
        if tenant.kind == Kind.CONTROL and not required:
            raise ProvisionError([_("The control site always requires a second factor.")])
        before, tenant.second_factor = tenant.second_factor, required
        tenant.save(update_fields=["second_factor"])
        site, why = directory.record(tenant), {"by": by, "reason": reason, "document": document}
        change = {"second_factor": before}, {"second_factor": required}
        note("site.second_factor_set", site, *change, why)
    return site


def step_of(tenant: Tenant, name: str, by: Any) -> Act:
    """The act, if it leads on from where the site is and ``by`` (None: a command) may do it.

    Raises `ProvisionError`.
    """
    step = ACTS.get(name)
    if step is None:
        raise ProvisionError([_("There is no act %(name)s.") % {"name": name}])
    if by is not None and step.platform_only and not by.is_superuser:
        raise ProvisionError([_("Only a platform admin may do this.")])
    if step not in offered(tenant):
        names = {"site": tenant.name, "act": step.title, "state": tenant.get_state_display()}
        text = _("“%(act)s” isn't possible for %(site)s: its state is “%(state)s”.")
        raise ProvisionError([text % names])
    return step


def _enter(tenant: Tenant, state: State, wish: Wish) -> None:
    """The one place where the state of a site that stands changes."""
    if tenant.state != state:
        tenant.state_since = timezone.now()
    if tenant.state == State.OFFLINE and state is not State.OFFLINE:
        tenant.pauses.filter(ended_at=None).update(ended_at=tenant.state_since)
    if state is State.OFFLINE:
        Pause.objects.update_or_create(
            tenant=tenant,
            ended_at=None,
            defaults={"until": wish.until},
            create_defaults={"until": wish.until, "began_at": tenant.state_since},
        )
    tenant.state, tenant.state_until = state, wish.until
    tenant.state_note = wish.notice if state in TOLD else ""
    tenant.archive_url = wish.archive_url if state is State.CLOSED else ""
    if state is State.CLOSED:
        shortest = timezone.localdate() + timedelta(days=value_of(CLOSING_NOTICE_DAYS))
        tenant.state_until = wish.until or shortest
    tenant.save(update_fields=["state", "state_note", "state_since", "state_until", "archive_url"])


def _facts(tenant: Tenant) -> dict[str, Any]:
    """What the audit trail keeps of a state."""
    facts = {"state": str(tenant.state), "notice": tenant.state_note}
    if tenant.state_until:
        facts["until"] = tenant.state_until.isoformat()
    if tenant.state == State.CLOSED and tenant.archive_url:
        facts["archive_url"] = tenant.archive_url
    return facts
