"""Who may do what with groups."""

from collections.abc import Iterable
from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy

from .models import User


class PlatformAdminsAlone(ModelPermissionPolicy):
    """Platform admins, whatever permissions somebody else was given."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Also for any permission and any group."""
        return bool(user.is_active and user.is_superuser)

    def users_with_any_permission(self, actions: Iterable[str]) -> Any:
        """Those of them who are members of the active site."""
        return User.objects.filter(is_active=True, is_superuser=True)
