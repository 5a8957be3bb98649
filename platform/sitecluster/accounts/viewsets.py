"""The screens on which a site's admins manage its members.

Every view loads accounts through ``User.objects``, which knows members of the site alone
(`managers`); here stands what may be done with them.
"""

from typing import Any

from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.log_actions import log
from wagtail.users.views import groups, users
from wagtail.users.views.users import UserColumn

from sitecluster.rights.roles import CODES
from sitecluster.tenancy import required_tenant

from .forms import ExistingMemberForm, NewMemberForm, RoleGroupForm
from .membership import (
    add_member,
    end_membership,
    one_time_link,
    set_groups,
)
from .models import User


class ActorMixin:
    """Tells the form who is asking."""

    request: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        kwargs.pop("editing_self", None)
        return {**kwargs, "actor": self.request.user}

    def offer_link(self, user: User) -> None:
        """Show a one-time link for ``user`` to the person who asked."""
        text = gettext("Give this one-time link to %(user)s: %(link)s")
        link = one_time_link(user, required_tenant())
        messages.info(self.request, text % {"user": user, "link": link})


class IndexView(users.IndexView):
    """The site's members."""

    add_item_label = _("Add a member")
    page_title = _("Members")

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
    """Adds a member and makes the account if there is none."""

    page_title = page_subtitle = _("Add a member")
    success_message = _("%(object)s is a member now.")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *above, here = super().get_breadcrumbs_items()
        return [*above, {**here, "label": self.page_title}]

    def save_instance(self) -> User:
        data, actor = self.form.cleaned_data, self.request.user
        tenant = required_tenant()
        with transaction.atomic():
            user, created = add_member(data["email"], tenant, (), name=data["first_name"], by=actor)
            set_groups(user, tenant, data["groups"])
            log(user, "wagtail.create", user=actor)
        if created:
            self.offer_link(user)
        return user


class EditView(ActorMixin, users.EditView):
    """Changes a member's groups and, for admins of its home site, its name and address."""

    success_message = _("%(object)s has been changed.")

    def save_instance(self) -> User:
        with transaction.atomic():
            user: User = self.form.save()
            set_groups(user, required_tenant(), self.form.cleaned_data["groups"])
            log(user, "wagtail.edit", user=self.request.user)
        if self.form.cleaned_data.get("new_link"):
            self.offer_link(user)
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

    def delete_action(self) -> None:
        end_membership(self.object, required_tenant(), by=self.request.user)
        log(self.object, "wagtail.delete", user=self.request.user)


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

    def get_form_class(self, for_update: bool = False) -> Any:
        return ExistingMemberForm if for_update else NewMemberForm


class GroupDeleteView(groups.DeleteView):
    """The groups of the roles stay."""

    def get_queryset(self) -> Any:
        return super().get_queryset().exclude(name__in=CODES)


class RoleGroupViewSet(groups.GroupViewSet):
    """Groups of the active site."""

    delete_view_class = GroupDeleteView

    def get_form_class(self, for_update: bool = False) -> Any:
        return RoleGroupForm
