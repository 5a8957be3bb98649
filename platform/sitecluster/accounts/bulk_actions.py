"""What may be done with many members at once.

They take the place of Wagtail's actions of the same names, which delete accounts and switch them
off without a reason.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _, ngettext
from wagtail.users.utils import change_user_perm, user_can_delete_user
from wagtail.users.views.bulk_actions import (
    AssignRoleBulkAction,
    SetActiveStateBulkAction,
)
from wagtail.users.views.bulk_actions.user_bulk_action import UserBulkAction

from sitecluster.tenancy import required_tenant

from .forms import SuspensionForm
from .membership import end_membership, may_edit_profile, reinstate, set_groups, suspend
from .models import User


class AssignRole(AssignRoleBulkAction):
    """Adds a role to members."""

    def get_execution_context(self) -> dict[str, Any]:
        return {**super().get_execution_context(), "tenant": required_tenant()}

    @classmethod
    def execute_action(cls, objects: Sequence[User], **kwargs: Any) -> tuple[int, int]:
        for user in objects:
            set_groups(user, kwargs["tenant"], [*user.groups.all(), kwargs["role"]])
        return len(objects), 0


class EndMembership(UserBulkAction):
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


class Suspend(SetActiveStateBulkAction):
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
                reinstate(user)
        return len(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return ngettext(
            "%(count)d account has been changed",
            "%(count)d accounts have been changed",
            num_parent_objects,
        ) % {"count": num_parent_objects}
