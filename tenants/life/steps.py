"""The steps of a site's life: what each leads to, what it asks for, what stands against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tenants import directory
from tenants.models import State, Tenant

from . import clearances
from .limits import CLOSING_NOTICE_DAYS, OFFLINE_DAYS, OFFLINE_TIMES, value_of

SHORTEST_REASON = 5  # characters
TOLD = (State.OFFLINE, State.READONLY, State.CLOSED)
"""States in which people are told why."""
A_YEAR = timedelta(days=365)
_archive = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, kw_only=True)
class Act:
    """A step, named for what is done; every one asks for a reason.

    ``asks`` are the wishes beyond reason and document that it takes: notice, until, archive_url.
    ``gated`` steps open a site, so the gates must be passed. ``opposite`` is the step that takes
    it back.
    """

    name: str
    title: Any
    done: Any
    audit: str
    icon: str
    before: frozenset[State]
    after: State
    asks: tuple[str, ...] = ()
    until_required: bool = False
    document_required: bool = False
    platform_only: bool = False
    gated: bool = False
    serious: bool = False
    warning: Any = ""
    opposite: str = ""


@dataclass(frozen=True)
class Wish:
    """Who does a step, why, and with what."""

    by: Any
    reason: str
    document: str = ""
    notice: str = ""
    until: date | None = None
    archive_url: str = ""

    def why(self) -> dict[str, Any]:
        """What the audit trail keeps of it."""
        return {"by": self.by, "reason": self.reason, "document": self.document}


def _acts(*acts: Act) -> dict[str, Act]:
    return {act.name: act for act in acts}


ACTS = _acts(
    Act(
        name="go-live",
        title=gettext_lazy("Open to the public"),
        done=gettext_lazy("is open to the public."),
        audit="site.went_live",
        icon="view",
        before=frozenset({State.BUILDING}),
        after=State.LIVE,
        gated=True,
        warning=gettext_lazy("From now on everyone can read the site at its addresses."),
    ),
    Act(
        name="take-offline",
        title=gettext_lazy("Take offline"),
        done=gettext_lazy("is offline."),
        audit="site.taken_offline",
        icon="no-view",
        before=frozenset({State.LIVE}),
        after=State.OFFLINE,
        asks=("notice", "until"),
        until_required=True,
        warning=gettext_lazy("The public sees a notice with the reason and the planned end."),
        opposite="bring-back",
    ),
    Act(
        name="prolong",
        title=gettext_lazy("Change the notice"),
        done=gettext_lazy("has a new notice."),
        audit="site.pause_changed",
        icon="date",
        before=frozenset({State.OFFLINE}),
        after=State.OFFLINE,
        asks=("notice", "until"),
        until_required=True,
    ),
    Act(
        name="bring-back",
        title=gettext_lazy("Bring back"),
        done=gettext_lazy("is back."),
        audit="site.brought_back",
        icon="view",
        before=frozenset({State.OFFLINE}),
        after=State.LIVE,
        opposite="take-offline",
    ),
    Act(
        name="freeze",
        title=gettext_lazy("Make read-only"),
        done=gettext_lazy("is read-only."),
        audit="site.frozen",
        icon="lock",
        before=frozenset({State.LIVE}),
        after=State.READONLY,
        asks=("notice",),
        warning=gettext_lazy("The public goes on reading; nobody can change anything on the site."),
        opposite="unfreeze",
    ),
    Act(
        name="unfreeze",
        title=gettext_lazy("Allow changes again"),
        done=gettext_lazy("can be changed again."),
        audit="site.unfrozen",
        icon="lock-open",
        before=frozenset({State.READONLY}),
        after=State.LIVE,
        opposite="freeze",
    ),
    Act(
        name="close",
        title=gettext_lazy("Close for good"),
        done=gettext_lazy("is closed."),
        audit="site.closed",
        icon="cross",
        before=frozenset({State.LIVE, State.OFFLINE, State.READONLY}),
        after=State.CLOSED,
        asks=("notice", "until", "archive_url"),
        document_required=True,
        serious=True,
        warning=gettext_lazy(
            "The public sees a notice that says where the content went; afterwards the addresses"
            " lead to the archive. Only a platform admin can open the site again."
        ),
        opposite="reopen",
    ),
    Act(
        name="reopen",
        title=gettext_lazy("Open again"),
        done=gettext_lazy("is open again."),
        audit="site.reopened",
        icon="rotate",
        before=frozenset({State.CLOSED}),
        after=State.LIVE,
        platform_only=True,
        gated=True,
        opposite="close",
    ),
    Act(
        name="remove",
        title=gettext_lazy("Remove"),
        done=gettext_lazy("is being removed."),
        audit="site.removed",
        icon="bin",
        before=frozenset({State.CLOSED, State.BUILDING}),
        after=State.REMOVED,
        document_required=True,
        platform_only=True,
        serious=True,
        warning=gettext_lazy(
            "A backup is made, then the site's pages, uploads and addresses are deleted and all"
            " memberships end. Its code can't be used again."
        ),
    ),
)


@dataclass(frozen=True)
class Fault:
    """What is wrong, a sentence, and the wish that it concerns ("": the act as a whole)."""

    wish: str
    text: str


def faults(act: Act, site: Tenant, wish: Wish) -> list[Fault]:
    """What the wish lacks or has wrong; nobody can go ahead against these."""
    found = []
    if len(wish.reason) < SHORTEST_REASON:
        text = _("Give a reason of %(least)d characters or more.")
        found.append(Fault("reason", text % {"least": SHORTEST_REASON}))
    if act.document_required and not wish.document:
        found.append(Fault("document", _("Give the number of the document that orders it.")))
    if act.until_required and wish.until is None:
        found.append(Fault("until", _("Say until when it is planned.")))
    if wish.until is not None and wish.until <= timezone.localdate():
        found.append(Fault("until", _("The planned end must lie in the future.")))
    problem = _archive_problem(site, wish.archive_url) if wish.archive_url else ""
    if problem:
        found.append(Fault("archive_url", problem))
    return found


def objections(act: Act, site: Tenant, wish: Wish) -> list[Fault]:
    """What rules stand against the act; platform admins may go ahead with a reason (guideline
    2017-47, B.4: opening gates, 临时下线, 迁移公告)."""
    return [*_gates(act, site), *_pause(act, site, wish), *_notice(act, wish)]


def pauses_within_a_year(site: Tenant) -> int:
    """How often the site was taken offline in the 365 days before now."""
    return site.pauses.filter(began_at__gt=timezone.now() - A_YEAR).count()


def _gates(act: Act, site: Tenant) -> Iterable[Fault]:
    missing = clearances.missing(site) if act.gated else []
    if missing:
        yield Fault("", clearances.sentence(missing))


def _pause(act: Act, site: Tenant, wish: Wish) -> Iterable[Fault]:
    if act.after is not State.OFFLINE or wish.until is None:
        return
    times, days = value_of(OFFLINE_TIMES), value_of(OFFLINE_DAYS)
    begun = act.after in act.before
    if not begun and pauses_within_a_year(site) >= times:
        text = ngettext(
            "Within a year a site may be taken offline %(times)d time, and this one was.",
            "Within a year a site may be taken offline %(times)d times, and this one was.",
            times,
        )
        yield Fault("", text % {"times": times})
    since = timezone.localdate(site.state_since) if begun else timezone.localdate()
    if (wish.until - since).days > days:
        text = ngettext(
            "A site may be offline for %(days)d day at a time.",
            "A site may be offline for %(days)d days at a time.",
            days,
        )
        yield Fault("until", text % {"days": days})


def _notice(act: Act, wish: Wish) -> Iterable[Fault]:
    if act.after is not State.CLOSED or wish.until is None:
        return
    days = value_of(CLOSING_NOTICE_DAYS)
    if (wish.until - timezone.localdate()).days < days:
        text = ngettext(
            "The notice of a closed site must stay for %(days)d day or more.",
            "The notice of a closed site must stay for %(days)d days or more.",
            days,
        )
        yield Fault("until", text % {"days": days})


def _archive_problem(site: Tenant, text: str) -> str:
    try:
        _archive(text)
    except ValidationError:
        return _("The address of the archive must be a whole web address.")
    parts = urlsplit(text)
    if parts.query or parts.fragment:
        return _("The address of the archive may hold neither ? nor #: paths are added to it.")
    place = directory.snapshot().find(parts.hostname or "", parts.path.rstrip("/") + "/")
    if place is not None and place[1].id == site.pk:
        return _("The archive must lie outside the site's own addresses.")
    return ""
