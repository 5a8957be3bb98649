"""Sign-in by email address, and rights that end with the membership."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from sitecluster.tenancy import current_tenant

from .membership import forget_rights
from .models import User


class MemberBackend(ModelBackend):
    """Django's own backend, for members of the active site and for platform admins.

    It makes no statement more than Django's: the membership is read with the account.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The account with this address (in any case) and password, or None."""
        email = kwargs.get("email") if username is None else username
        if email is None or password is None:
            return None
        try:
            user = User.everyone.get_by_natural_key(email)
        except User.DoesNotExist:
            User().set_password(password)  # takes the time that a known address would take
            return None
        allowed = user.check_password(password) and self.user_can_authenticate(user)
        return user if allowed else None

    def get_user(self, user_id: int) -> User | None:
        """The account of a session, with its membership of the active site."""
        accounts = User.everyone.get_queryset()
        tenant = current_tenant()
        if tenant is not None:
            accounts = accounts.with_membership(tenant.id)
        user = accounts.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        if tenant is not None:
            user.__dict__["_known_memberships"] = {tenant.id: user.__dict__["member_here"]}
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The account's permissions on the active site; none in the shared schema."""
        return super().get_all_permissions(user_obj, obj) if self._here(user_obj) else set()

    def _get_permissions(self, user_obj: Any, obj: Any, from_name: str) -> set[str]:
        if not self._here(user_obj):
            return set()
        permissions: set[str] = super()._get_permissions(user_obj, obj, from_name)  # type: ignore[misc]
        return permissions

    def _here(self, user: Any) -> bool:
        """Has the account rights here? Forgets first what it remembers of another site."""
        tenant = current_tenant()
        if tenant is None or not user.is_authenticated:
            return False
        if user.__dict__.setdefault("_rights_on", tenant.id) != tenant.id:
            forget_rights(user)
            user.__dict__["_rights_on"] = tenant.id
        return user.is_superuser or user.is_member(tenant.id)
