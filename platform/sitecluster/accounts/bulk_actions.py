"""What may be done with many members at once.

They take the place of Wagtail's actions of the same names, which delete accounts and switch them
off without a reason.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _, ngettext
from wagtail.admin import messages
from wagtail.users.utils import change_user_perm, user_can_delete_user
from wagtail.users.views.bulk_actions import (
    AssignRoleBulkAction,
    SetActiveStateBulkAction,
)
from wagtail.users.views.bulk_actions.user_bulk_action import UserBulkAction

from sitecluster.tenancy import required_tenant

from .forms import RoleForm, SuspensionForm
from .membership import end_membership, set_groups
from .models import User
from .refusals import MembershipError, may_edit_profile
from .suspension import reinstate, suspend


class Refusable:
    """Says why an act is refused; then nobody of those who were ticked is changed."""

    request: Any

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        except MembershipError as error:
            messages.error(self.request, str(error))
            return redirect("wagtailusers_users:index")
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return {**kwargs, "actor": self.request.user} if self.asks_actor else kwargs

    asks_actor = False


class AssignRole(Refusable, AssignRoleBulkAction):
    """Adds a role, one that the person may give, to members."""

    form_class = RoleForm
    asks_actor = True

    def get_execution_context(self) -> dict[str, Any]:
        context = super().get_execution_context()
        return {**context, "tenant": required_tenant(), "by": self.request.user}

    @classmethod
    def execute_action(cls, objects: Sequence[User], **kwargs: Any) -> tuple[int, int]:
        for user in objects:
            groups = {*user.groups.all(), kwargs["role"]}
            set_groups(user, kwargs["tenant"], groups, by=kwargs["by"])
        return len(objects), 0


class EndMembership(Refusable, UserBulkAction):
    """Ends memberships; the accounts stay."""

    action_type = "delete"
    action_priority = 10
    classes: ClassVar = {"serious"}
    display_name = _("End membership")
    aria_label = _("End the membership of the selected people")
    template_name = "accounts/bulk_end_membership.html"

    def check_perm(self, obj: User) -> bool:
        return bool(user_can_delete_user(self.request.user, obj))

    def get_execution_context(self) -> dict[str, Any]:
        return {"tenant": required_tenant(), "by": self.request.user}

    @classmethod
    def execute_action(cls, objects: Sequence[User], **kwargs: Any) -> tuple[int, int]:
        for user in objects:
            end_membership(user, kwargs["tenant"], by=kwargs["by"])
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d person is no longer a member",
            "%(count)d people are no longer members",
            num_parent_objects,
        ) % {"count": num_parent_objects}


class Suspend(Refusable, SetActiveStateBulkAction):
    """Suspends accounts of this home site with a reason, or lets them in again."""

    display_name = _("Suspend")
    aria_label = _("Suspend the selected people or let them in again")
    template_name = "accounts/bulk_suspend.html"
    form_class = SuspensionForm

    def check_perm(self, obj: User) -> bool:
        actor = self.request.user
        return actor.has_perm(change_user_perm) and may_edit_profile(actor, obj, required_tenant())

    def get_execution_context(self) -> dict[str, Any]:
        data = self.cleaned_form.cleaned_data
        return {"suspend": data["suspend"], "reason": data["reason"], "by": self.request.user}

    @classmethod
    def execute_action(cls, objects: Sequence[User], **kwargs: Any) -> tuple[int, int]:
        for user in objects:
            if kwargs["suspend"]:
                suspend(user, kwargs["reason"], by=kwargs["by"])
            else:
                reinstate(user, by=kwargs["by"])
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d account has been changed",
            "%(count)d accounts have been changed",
            num_parent_objects,
        ) % {"count": num_parent_objects}
