"""Asking people to join a site.

A site admin names an address. Whoever reads it accepts: with the account that has this address
or, if there is none, with one that is made then. Asking does the same, at the same cost, whether
an account exists or not, so nobody learns of accounts elsewhere (design, Identity). The link goes
to the address alone, since whoever opens it learns whether an account has to be made.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from wagtail.log_actions import log

from sitecluster.audit.trail import record
from sitecluster.rights import roles as rights
from sitecluster.rights.roles import CODES, ROLES
from sitecluster.tasks.queue import PROMPT, task
from sitecluster.tenancy import FROZEN, Tenant, find_sites, required_tenant

from . import mail
from .branches import groups_given_by
from .membership import join, valid_email
from .models import Invitation, Outcome, User
from .refusals import MembershipError, acting_on

LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Asked:
    """An invitation that was sent, and its link, which is known at this moment alone."""

    invitation: Invitation
    link: str


def invite(
    email: str, tenant: Tenant, groups: Iterable[Group], *, name: str, by: User | None = None
) -> Asked:
    """Ask whoever reads ``email`` to join the site with these groups, and mail the link.

    An open invitation of the address is replaced. Raises `MembershipError` for a bad address, a
    member, groups that ``by`` may not give, and a mail that can't be sent.
    """
    with acting_on(tenant):
        address, wanted = valid_email(email), list(groups)
        if by is not None:
            _refuse_beyond_reach(wanted, by)
        return _ask(address, tenant, wanted, name, by)


def ask_first_admin(email: str, tenant: Tenant, *, name: str, by: User | None) -> None:
    """Invite the first site admin of a site that is being opened, in its transaction.

    ``by`` opens the site and is no member of it. The mail goes out after the commit, by the
    worker: a mail server that is down keeps no site from being opened. Raises `MembershipError`.
    """
    address = valid_email(email)
    with acting_on(tenant):
        ask_later.enqueue(address, name, by.pk if by else None)


@task(title=gettext_lazy("Invitation of the first site admin"), retries=12, priority=PROMPT)
def ask_later(email: str, name: str, by: int | None) -> None:
    """Invite the first site admin of the active site, unless somebody has done so meanwhile."""
    tenant = required_tenant()
    if pending(tenant).filter(email=email).exists() or User.objects.filter(email=email).exists():
        return
    with acting_on(tenant):
        groups = list(rights.groups_of([rights.SITE_ADMIN.code]))
        person = User.everyone.filter(pk=by).first() if by else None
        _ask(email, tenant, groups, name, person)


def _ask(address: str, tenant: Tenant, wanted: list[Group], name: str, by: User | None) -> Asked:
    if User.objects.filter(email=address).exists():  # of this site's members
        raise MembershipError(_("%(email)s is a member already.") % {"email": address})
    roles = sorted(CODES.get(group.name, group.name) for group in wanted)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.update_or_create(
        tenant_id=tenant.id,
        email=address,
        closed_at=None,
        defaults={"name": name.strip(), "roles": roles, "invited_by": by, **_fresh(token)},
    )[0]
    record("member.invited", by=by, subject=address, after={"roles": roles})
    return _send(invitation, tenant, token)


def resend(invitation: Invitation, tenant: Tenant, *, by: User) -> Asked:
    """Mail a new link, which holds from now on; the old one is void. Raises `MembershipError`."""
    with acting_on(tenant):
        row = _open(invitation.pk, expired_too=True)
        _refuse_beyond_reach(groups_of(row), by)
        token = secrets.token_urlsafe(32)
        for field, value in _fresh(token).items():
            setattr(row, field, value)
        row.invited_by = by
        row.save()
        record("member.invited", by=by, subject=row.email, after={"roles": row.roles})
        return _send(row, tenant, token)


def withdraw(invitation: Invitation, tenant: Tenant, *, by: User) -> None:
    """Take an invitation back; raises `MembershipError` if it is closed."""
    with acting_on(tenant):
        row = _open(invitation.pk, expired_too=True)
        _close(row, Outcome.WITHDRAWN)
        record("member.invitation_withdrawn", by=by, subject=row.email)


def accept(invitation: Invitation, user: User) -> None:
    """``user``, whose address was asked, joins. Raises `MembershipError`."""
    tenant = site_of(invitation)
    with acting_on(tenant):
        row = _open(invitation.pk)
        _refuse_others(row, user)
        if tenant.state in FROZEN:
            text = _("%(name)s takes no changes: it is read-only or closed.")
            raise MembershipError(text % {"name": tenant.name})
        join(
            user,
            tenant,
            groups_of(row),
            act="member.accepted",
            by=user,
            added_by=row.invited_by,
        )
        _close(row, Outcome.ACCEPTED)
        log(user, "wagtail.create", user=user)


def accept_anew(invitation: Invitation, name: str, password: str) -> User:
    """Make the account of an address that has none (or one without a password), and join.

    The password has been validated. Its home is the site that asked. Raises `MembershipError`.
    """
    tenant = site_of(invitation)
    with acting_on(tenant):
        row = _open(invitation.pk)
        user = User.everyone.get_or_create(
            email=row.email,
            defaults={"password": make_password(None), "home_site_id": tenant.id},
        )[0]
        if user.has_usable_password():
            raise MembershipError(_("Sign in to accept."))
        user.first_name = user.first_name or name.strip()
        user.set_password(password)
        user.save()
        accept(row, user)
    return user


def decline(invitation: Invitation, user: User | None = None) -> None:
    """Say no: as ``user``, whose address was asked, or (None) as the holder of the link.

    Raises `MembershipError`.
    """
    with acting_on(site_of(invitation)):
        row = _open(invitation.pk)
        if user is not None:
            _refuse_others(row, user)
        _close(row, Outcome.DECLINED)
        record("member.declined", by=user, subject=row.email)


def find(token: str, tenant: Tenant) -> Invitation | None:
    """The open invitation of this site with this link, or None."""
    return _holding().filter(token_hash=_hash(token), tenant_id=tenant.id).first()


def requests_to(user: User) -> list[tuple[Invitation, Tenant]]:
    """The open invitations to the account's address, with their sites."""
    waiting = {row.tenant_id: row for row in _holding().filter(email=user.email)}
    return [(waiting[site.id], site) for site in find_sites(waiting)]


def pending(tenant: Tenant) -> QuerySet[Invitation]:
    """The site's invitations that are neither accepted nor declined; some may have run out."""
    rows = Invitation.objects.filter(tenant_id=tenant.id, closed_at=None)
    return rows.select_related("invited_by").order_by("email")


def groups_of(invitation: Invitation) -> list[Group]:
    """The groups that the invitation names, as far as the active site has them still."""
    return list(Group.objects.filter(name__in=role_names(invitation)))


def role_names(invitation: Invitation) -> list[str]:
    """What the groups that the invitation names are called."""
    return [ROLES[role].name if role in ROLES else role for role in invitation.roles]


def site_of(invitation: Invitation) -> Tenant:
    """The site that asks; raises `MembershipError` if it has been removed."""
    for site in find_sites([invitation.tenant_id]):
        return site
    raise MembershipError(_("This invitation no longer holds."))


def _refuse_beyond_reach(groups: list[Group], by: User) -> None:
    beyond = set(groups) - set(groups_given_by(by))
    if beyond:
        names = "、".join(sorted(group.name for group in beyond))
        text = _("You may not give or take %(roles)s: it holds rights that you lack.")
        raise MembershipError(text % {"roles": names})


def _refuse_others(row: Invitation, user: User) -> None:
    if user.email != row.email:
        raise MembershipError(_("This invitation is for somebody else."))


def _open(pk: int, *, expired_too: bool = False) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).filter(pk=pk, closed_at=None)
    row = rows.first()
    if row is None or (row.expires_at <= timezone.now() and not expired_too):
        raise MembershipError(_("This invitation no longer holds."))
    return row


def _holding() -> QuerySet[Invitation]:
    return Invitation.objects.filter(closed_at=None, expires_at__gt=timezone.now())


def _close(row: Invitation, outcome: Outcome) -> None:
    row.closed_at, row.outcome = timezone.now(), outcome
    row.save(update_fields=["closed_at", "outcome"])


def _fresh(token: str) -> dict[str, object]:
    return {"token_hash": _hash(token), "expires_at": timezone.now() + LIFETIME}


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _send(invitation: Invitation, tenant: Tenant, token: str) -> Asked:
    path = reverse("invitation", urlconf=settings.ROOT_URLCONF, args=[token])
    link = urljoin(tenant.admin_url, path)
    roles = "、".join(group.name for group in groups_of(invitation))
    context = {"invitation": invitation, "site": tenant, "link": link, "roles": roles}
    mail.send("invitation", invitation.email, context)
    return Asked(invitation, link)
