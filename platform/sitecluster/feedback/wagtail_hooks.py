"""What Wagtail's admin learns of feedback."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry, register_permission_policy

from .models import Message
from .screens import CitizensAlone, MessageViewSet, waiting

register_permission_policy(Message, CitizensAlone(Message))  # before anything asks for it


@hooks.register("register_admin_viewset")
def messages() -> MessageViewSet:
    """Offer the messages in the menu."""
    return MessageViewSet("feedback_messages", url_prefix="feedback/messages")


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Lets a group be given the messages."""
    return Permission.objects.filter(
        content_type__app_label="feedback", content_type__model="message"
    )


class Waiting(Component):
    """Says on the admin's home how many messages wait, to whoever may answer them."""

    order = 120

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def render_html(self, parent_context: Any = None) -> SafeString | str:
        policy = policy_registry.get_by_type(Message)
        if not policy.user_has_permission(self.request.user, "change"):
            return ""
        count, late = waiting()
        if not count:
            return ""
        text = ngettext(
            "%(count)d message of a citizen waits for an answer.",
            "%(count)d messages of citizens wait for an answer.",
            count,
        )
        words = [text % {"count": count}]
        if late:
            text = ngettext(
                "%(count)d is late.",
                "%(count)d are late.",
                late,
            )
            words.append(text % {"count": late})
        return format_html(
            '<section class="help-block help-{}"><p>{} <a href="{}">{}</a></p></section>',
            "warning" if late else "info",
            " ".join(words),
            reverse("feedback_messages:index") + "?state=received&state=in_hand",
            gettext("Answer them"),
        )


@hooks.register("construct_homepage_panels")
def waiting_panel(request: HttpRequest, panels: list[Any]) -> None:
    """Add `Waiting` to the home of a site's admin."""
    panels.append(Waiting(request))
