"""Where the people of a site read what citizens wrote, and answer it."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from sitecluster.cms.slugs import today

from . import trail
from .models import OPEN, Message, State

EXCERPT = 40  # characters


class CitizensAlone(ModelPermissionPolicy):
    """Messages are read, answered and deleted in the admin; nobody writes one there."""

    def user_has_permission(self, user: AbstractBaseUser, action: str) -> bool:
        return action != "add" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: AbstractBaseUser, actions: Any) -> bool:
        return super().user_has_any_permission(user, set(actions) - {"add"})


class HandlingForm(WagtailAdminModelForm):
    """The state, the answer and the note."""

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError where a message would be answered without an answer."""
        values: dict[str, Any] = super().clean()
        if values.get("state") == State.ANSWERED and not values.get("answer", "").strip():
            text = gettext("Write the answer that the citizen is to read.")
            self.add_error("answer", forms.ValidationError(text))
        return values

    def save(self, commit: bool = True) -> Message:
        """Note when the message was closed, which the time of keeping counts from."""
        message: Message = self.instance
        if message.state in OPEN:
            message.closed_at = None
        elif message.closed_at is None:
            message.closed_at = timezone.now()
        saved: Message = super().save(commit)
        return saved


class HandlingView(generic.EditView):
    """Records what was made of the message."""

    def save_instance(self) -> Message:
        before = trail.facts(Message.objects.select_for_update().get(pk=self.object.pk))
        message: Message = super().save_instance()
        trail.handled(message, before)
        return message


class DeletionView(generic.DeleteView):
    """Records that it is gone."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            trail.deleted(self.object)
            answer: HttpResponse = super().form_valid(form)
        return answer


def _excerpt(message: Message) -> str:
    text = " ".join(message.text.split())
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


def _due(message: Message) -> str:
    if not message.is_open:
        return "–"
    day = f"{message.due_on:%Y-%m-%d}"
    return f"{day} ({gettext('late')})" if message.is_late else day


def _sent(message: Message) -> str:
    return f"{timezone.localtime(message.sent_at):%Y-%m-%d %H:%M}"


HANDLING = ObjectList(
    [
        MultiFieldPanel(
            [
                FieldPanel("kind", read_only=True),
                FieldPanel("place", read_only=True),
                FieldPanel("text", read_only=True),
                FieldPanel("contact", read_only=True),
                FieldPanel("sent_at", read_only=True),
                FieldPanel("due_on", read_only=True),
            ],
            heading=_("What the citizen wrote"),
        ),
        MultiFieldPanel(
            [FieldPanel("state"), FieldPanel("answer"), FieldPanel("note")],
            heading=_("Handling"),
        ),
    ],
    base_form_class=HandlingForm,
)


class MessageViewSet(ModelViewSet):
    """The messages of the active site."""

    model = Message
    icon = "mail"
    menu_label: str | Promise = _("Citizens' messages")
    menu_order = 180
    add_to_admin_menu = True
    copy_view_enabled = False
    add_to_reference_index = False
    edit_handler = HANDLING
    edit_view_class = HandlingView
    delete_view_class = DeletionView
    list_display: ClassVar[list[Any]] = [
        "number",
        Column("text", label=_("message"), accessor=_excerpt),
        "kind",
        Column("sent_at", label=_("received at"), accessor=_sent, sort_key="sent_at"),
        Column("due_on", label=_("to be answered by"), accessor=_due, sort_key="due_on"),
        "state",
    ]
    list_filter: ClassVar[list[str]] = ["state", "kind", "sent_at"]
    search_fields = ("number", "text", "place")
    ordering = "-sent_at"

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """No screen offers to add one."""
        return super().get_common_view_kwargs(**{"add_url_name": None, **kwargs})

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "add"]


def waiting() -> tuple[int, int]:
    """How many messages of the active site wait for an answer, and how many of them too long."""
    late = Count("pk", filter=Q(due_on__lt=today()))
    found = Message.objects.filter(state__in=OPEN).aggregate(all=Count("pk"), late=late)
    return found["all"], found["late"]
