"""The screens on which a site's admins manage its members.

Every view loads accounts through ``User.objects``, which knows members of the site alone
(`managers`); here stands what may be done with them.
"""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log
from wagtail.permissions import policy_registry
from wagtail.users.views import users
from wagtail.users.views.users import UserColumn

from sitecluster.tenancy import required_tenant

from .forms import ExistingMemberForm, NewMemberForm
from .invitations import invite, pending, resend, role_names, withdraw
from .membership import end_membership, set_groups
from .models import Invitation, User
from .profiles import ask_for_address, edit, mail_one_time_link
from .refusals import MembershipError


class ActorMixin:
    """Tells the form who is asking, and shows why an act is refused."""

    request: Any
    form: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        kwargs.pop("editing_self", None)
        return {**kwargs, "actor": self.request.user}

    def form_valid(self, form: Any) -> Any:
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except MembershipError as error:
            form.add_error(None, str(error))
            self.produced_error_message = str(error)
            return self.form_invalid(form)  # type: ignore[attr-defined]

    def show_link(self, user: Any, link: str) -> None:
        """Show a mailed link to a platform admin: not everyone in an office reads mail."""
        if self.request.user.is_superuser:
            text = gettext("Give this one-time link to %(user)s: %(link)s")
            messages.info(self.request, text % {"user": user, "link": link})


class IndexView(users.IndexView):
    """The site's members."""

    add_item_label = _("Add a member")
    page_title = _("Members")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = [] if self.results_only else pending(required_tenant())
        invitations = [(row, role_names(row)) for row in waiting]
        return {**super().get_context_data(**kwargs), "invitations": invitations}

    @cached_property
    def columns(self) -> list[Any]:
        title = self._get_title_column_class(UserColumn)
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="user"),
            title(
                "name",
                accessor="get_full_name",
                label=_("Full name"),
                sort_key="name",
                get_url=self.get_edit_url,
            ),
            Column("email", label=_("Email"), sort_key="email", width="25%"),
            Column("roles", label=_("Roles"), accessor=_role_names, width="20%"),
            Column("state", label=_("State"), accessor=_state, width="10%"),
            DateColumn("last_login", label=_("Last login"), sort_key="last_login", width="15%"),
        ]

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().prefetch_related("groups")


def _role_names(user: User) -> str:
    return "、".join(sorted(group.name for group in user.groups.all()))


def _state(user: User) -> str:
    return gettext("Active") if user.is_active else gettext("Suspended")


class CreateView(ActorMixin, users.CreateView):
    """Asks somebody to join."""

    page_title = page_subtitle = _("Add a member")
    submit_button_label = _("Send the invitation")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *above, here = super().get_breadcrumbs_items()
        return [*above, {**here, "label": self.page_title}]

    def save_instance(self) -> Invitation:
        data, actor = self.form.cleaned_data, self.request.user
        asked = invite(
            data["email"], required_tenant(), data["groups"], name=data["first_name"], by=actor
        )
        self.show_link(asked.invitation.name, asked.link)
        return asked.invitation

    def save_action(self) -> HttpResponse:
        text = gettext("An invitation has been sent to %(email)s.")
        messages.success(self.request, text % {"email": self.object.email})
        return redirect(self.index_url_name)

    def run_after_hook(self) -> None:
        """There is no new account yet."""


class EditView(ActorMixin, users.EditView):
    """Changes a member's groups and, for admins of its home site, its name and address."""

    success_message = _("%(object)s has been changed.")

    def save_instance(self) -> User:
        form, actor, tenant = self.form, self.request.user, required_tenant()
        user = User.objects.get(pk=self.object.pk)
        set_groups(user, tenant, form.wanted_groups(), by=actor)
        names = ["first_name", "is_superuser", *(["email"] if actor.is_superuser else [])]
        fields = {name: form.cleaned_data[name] for name in names if name in form.fields}
        edit(user, tenant, by=actor, **fields)
        if form.new_email:
            ask_for_address(user, form.new_email, tenant, by=actor)
            text = gettext("A link has been sent to %(email)s.")
            messages.info(self.request, text % {"email": form.new_email})
        if form.cleaned_data.get("new_link"):
            self.show_link(user, mail_one_time_link(user, tenant, by=actor))
        log(user, "wagtail.edit", user=actor)
        return user


class DeleteView(users.DeleteView):
    """Ends a membership; the account stays."""

    page_title = _("End the membership")
    success_message = _("%(object)s is no longer a member.")
    template_name = "accounts/end_membership.html"

    def get_usage(self) -> None:
        """What the person did here stays, so there is nothing to warn of."""

    def get_usage_url(self) -> None:
        """None, see `get_usage`."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                response: HttpResponse = super().form_valid(form)
        except MembershipError as error:
            messages.error(self.request, str(error))
            return redirect(self.get_success_url())
        return response

    def delete_action(self) -> None:
        end_membership(self.object, required_tenant(), by=self.request.user)
        log(self.object, "wagtail.delete", user=self.request.user)


class InvitationActView(PermissionCheckedMixin, View):
    """Sends an invitation again or takes it back."""

    permission_policy = policy_registry.get_by_type(User)
    permission_required = "add"
    act = ""
    request: Any

    def post(self, request: Any, pk: int) -> HttpResponse:
        tenant = required_tenant()
        invitation = get_object_or_404(pending(tenant), pk=pk)
        try:
            if self.act == "resend":
                asked = resend(invitation, tenant, by=request.user)
                text = gettext("An invitation has been sent to %(email)s.")
                ActorMixin.show_link(self, asked.invitation.name, asked.link)
            else:
                withdraw(invitation, tenant, by=request.user)
                text = gettext("The invitation of %(email)s has been withdrawn.")
        except MembershipError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, text % {"email": invitation.email})
        return redirect("wagtailusers_users:index")


class MemberViewSet(users.UserViewSet):
    """The members of the active site."""

    menu_label = _("Members")
    copy_view_enabled = False
    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView
    create_template_name = "wagtailadmin/generic/create.html"
    edit_template_name = "wagtailadmin/generic/edit.html"
    delete_template_name = "accounts/end_membership.html"
    index_template_name = "accounts/members.html"

    def get_urlpatterns(self) -> list[Any]:
        view = InvitationActView.as_view
        return [
            *super().get_urlpatterns(),
            path("invitations/<int:pk>/resend/", view(act="resend"), name="resend_invitation"),
            path(
                "invitations/<int:pk>/withdraw/", view(act="withdraw"), name="withdraw_invitation"
            ),
        ]

    def get_form_class(self, for_update: bool = False) -> Any:
        return ExistingMemberForm if for_update else NewMemberForm
