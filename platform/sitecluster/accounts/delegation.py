"""Giving a branch of the cluster to a person who is no platform admin, and taking it back.

A delegate enters the control site by a membership whose group may do nothing there but open the
admin: what they see comes from `User.branch`. A suspended account runs nothing from that moment.
"""

from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from django.utils.translation import gettext as _

from sitecluster.audit.trail import record
from sitecluster.tenancy import CONTROL, Tenant, all_sites, find_sites

from .branches import DELEGATES as GROUP
from .managers import UserQuerySet
from .membership import end_membership, find_account, forget_rights, join, locked, set_groups
from .models import Delegation, Membership, User
from .refusals import MembershipError, acting_on

ENTER = "wagtailadmin.access_admin"


def give(
    user: User, site: Tenant, role: str, *, by: User | None = None, reason: str = ""
) -> Delegation:
    """Let ``user`` run ``site`` and all below it, or ask for new sites there (`Delegation.Role`).

    ``by`` (None: a command) is a platform admin, or a manager: managers name applicants for their
    whole branch, and managers for what lies strictly below the sites that were given to them.
    Raises `MembershipError` and then has changed nothing.
    """
    if role not in Delegation.Role.values:
        raise MembershipError(_("There is no role %(role)s.") % {"role": role})
    control = control_site()
    with acting_on(control):
        user = locked(user)
        _refuse_person(user, by)
        _refuse_site(site, role, by)
        given, new = Delegation.objects.get_or_create(
            user=user, tenant_id=site.id, role=role, ended_at=None, defaults={"given_by": by}
        )
        if not new:
            text = _("%(user)s has this delegation already.")
            raise MembershipError(text % {"user": user.email})
        join(user, control, [_group()], act="member.added", by=by)
        _note("delegation.given", given, by, reason)
    return given


def end(delegation: Delegation, *, by: User | None = None, reason: str) -> None:
    """Take a branch back; with the last one the membership of the control site ends too.

    Whoever could give it may end it. Raises `MembershipError` without a reason, and for one that
    has ended.
    """
    if not reason.strip():
        raise MembershipError(_("The end of a delegation needs a reason."))
    control = control_site()
    with acting_on(control):
        user = locked(delegation.user)
        found = Delegation.objects.select_for_update(of=("self",)).filter(ended_at=None)
        current = found.filter(pk=delegation.pk).first()
        if current is None:
            raise MembershipError(_("This delegation has ended already."))
        if not may_end(by, current):
            raise MembershipError(_("You may not do this with %(user)s.") % {"user": user})
        current.ended_at, current.ended_by = timezone.now(), by
        current.save(update_fields=["ended_at", "ended_by"])
        _note("delegation.ended", current, by, reason)
        if not Delegation.objects.filter(user=user, ended_at=None).exists():
            _leave(user, control, by)


def may_end(by: User | None, delegation: Delegation) -> bool:
    """May ``by`` (None: a command) take this one back?"""
    places = giveable(by, delegation.role)
    return places is None or delegation.tenant_id in places


def giveable(by: User | None, role: str) -> frozenset[int] | None:
    """Ids of the sites for which ``by`` may give ``role``; None is all."""
    branch = None if by is None else by.branch()
    if by is None or branch is None or role == Delegation.Role.APPLICANT:
        return branch
    return frozenset(site.id for site in all_sites() if site.parent_id in branch)


def account_for(email: str, by: User) -> User:
    """The account with this address that ``by`` may name; raises `MembershipError`.

    To a delegate accounts outside the branch are as unknown as those that don't exist.
    """
    user = find_account(email)
    if not known_to(by).filter(pk=user.pk).exists():
        raise MembershipError(_("There is no account %(email)s.") % {"email": email})
    return user


def known_to(by: User) -> UserQuerySet:
    """The accounts that ``by`` may know of: all, or those of members of the sites they run."""
    branch = by.branch()
    everyone = UserQuerySet(User)
    if branch is None:
        return everyone
    active = Membership.objects.filter(tenant_id__in=branch, ended_at=None)
    return everyone.filter(pk__in=active.values("user_id"))


def control_site() -> Tenant:
    """The site from which the cluster is run; raises `MembershipError` where there is none yet."""
    for site in all_sites():
        if site.kind == CONTROL:
            return site
    raise MembershipError(_("There is no control site yet."))


def _refuse_person(user: User, by: User | None) -> None:
    if not user.is_active:
        raise MembershipError(_("The account %(user)s is suspended.") % {"user": user.email})
    if user.is_superuser:
        text = _("%(user)s is a platform admin and runs every site.")
        raise MembershipError(text % {"user": user.email})
    if by is not None and user.pk == by.pk:
        raise MembershipError(_("Nobody delegates to themselves."))
    if by is not None and not known_to(by).filter(pk=user.pk).exists():
        raise MembershipError(_("There is no account %(email)s.") % {"email": user.email})


def _refuse_site(site: Tenant, role: str, by: User | None) -> None:
    places = giveable(by, role)
    if places is not None and site.id not in places:
        raise MembershipError(_("This isn't yours to delegate."))
    if site.kind == CONTROL or site.is_blueprint or site.state == "removed":
        raise MembershipError(_("%(site)s can't be delegated.") % {"site": site.name})


def _group() -> Group:
    """The group of delegates, in the schema of the control site; made on first use."""
    group, _new = Group.objects.get_or_create(name=GROUP)
    app_label, codename = ENTER.split(".")
    enter = Permission.objects.get(content_type__app_label=app_label, codename=codename)
    group.permissions.add(enter)
    return group


def _leave(user: User, control: Tenant, by: User | None) -> None:
    """Take the group; a membership that was for nothing else ends."""
    if not Membership.objects.filter(user=user, tenant_id=control.id, ended_at=None).exists():
        return
    held = Group.objects.filter(usergroup__user_id=user.pk)
    rest = list(held.exclude(name=GROUP))
    # What makes a delegate is nobody's right to give, hence not weighed against that of ``by``.
    if rest:
        set_groups(user, control, rest)
    else:
        end_membership(user, control)


def _note(act: str, delegation: Delegation, by: User | None, reason: str) -> None:
    """At the site that heads the branch, so that its admins and delegates read it."""
    forget_rights(delegation.user)
    site = next(iter(find_sites([delegation.tenant_id])), None)
    values = {"role": delegation.role, "site": site.code if site else ""}
    given = act == "delegation.given"
    record(
        act,
        by=by,
        site=site,
        subject=delegation.user.email,
        before=None if given else values,
        after=values if given else None,
        reason=reason.strip(),
    )
