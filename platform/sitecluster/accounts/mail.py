"""Mails: their links lead to the admin host of the site that sends them, to its members alone."""

from collections.abc import Iterable
from smtplib import SMTPException
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from wagtail.admin import mail as wagtail_mail
from wagtail.admin.templatetags import wagtailadmin_tags

from sitecluster.tenancy import current_tenant

from .mail_limit import may_mail
from .models import User
from .refusals import MembershipError

_of_the_cluster = wagtailadmin_tags.get_admin_base_url
_valid_recipients = wagtail_mail.EmailNotificationMixin.get_valid_recipients
_send_notification = wagtail_mail.send_notification


def install() -> None:
    """Let Wagtail's notifications, which know one host a process, name the active site's own,
    and reach no one who has left the site."""
    wagtailadmin_tags.get_admin_base_url = admin_root_url
    wagtail_mail.EmailNotificationMixin.get_valid_recipients = valid_recipients
    wagtail_mail.send_notification = send_notification


def admin_root_url() -> str:
    """Scheme, host and port on which the active site is edited."""
    tenant = current_tenant()
    own: str = tenant.admin_url.removesuffix("/admin/") if tenant else _of_the_cluster()
    return own


def members_of(people: Iterable[User]) -> list[User]:
    """Those who are members of the active site: a page's author may have left since."""
    tenant = current_tenant()
    return [user for user in people if tenant is not None and user and user.is_member(tenant.id)]


def valid_recipients(self: Any, instance: Any, **kwargs: Any) -> set[User]:
    """Wagtail's, of members alone."""
    return set(members_of(_valid_recipients(self, instance, **kwargs)))


def send_notification(recipient_users: Iterable[User], notification: str, extra: Any) -> Any:
    """Wagtail's, to members alone."""
    return _send_notification(members_of(recipient_users), notification, extra)


def send(name: str, to: str, context: dict[str, Any], *, about: str = "") -> None:
    """Mail ``accounts/mail/<name>.txt`` to an address, with its ``_subject.txt``.

    Raises `MembershipError` if the mail server doesn't take it, and for the sixth of a kind that a
    site sends to an address within an hour ``about`` the same matter.
    """
    site = current_tenant()
    if not may_mail(f"{name} {about} {site.code if site else ''} {to}"):
        text = _("Too many mails to %(email)s. Please try again in an hour.")
        raise MembershipError(text % {"email": to})
    subject = render_to_string(f"accounts/mail/{name}_subject.txt", context).strip()
    text = render_to_string(f"accounts/mail/{name}.txt", context)
    try:
        wagtail_mail.send_mail(" ".join(subject.split()), text, [to])
    except (OSError, SMTPException):
        raise MembershipError(
            _("The mail to %(email)s could not be sent.") % {"email": to}
        ) from None
