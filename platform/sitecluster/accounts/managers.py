"""Which accounts code sees.

Wagtail reaches accounts through ``User.objects`` in some forty places: lists, choosers, filters,
mails, bulk actions. Where a site is active, that manager knows the site's members alone, so no
screen of a site shows or changes anyone else. ``User.everyone`` is for sign-in and for the verbs
of `sitecluster.accounts.membership`; relations (a revision's author) follow their key anyway.
"""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef

from sitecluster.tenancy import current_tenant

if TYPE_CHECKING:
    from .models import User


class UserQuerySet(models.QuerySet["User"]):
    """Accounts; they are suspended, never deleted (design, Identity)."""

    def delete(self) -> Any:
        raise models.ProtectedError("Accounts are suspended, never deleted.", set(self))

    def members(self, tenant_id: int) -> "UserQuerySet":
        """Those who are active on the site."""
        return self.filter(_membership(tenant_id))

    def with_membership(self, tenant_id: int) -> "UserQuerySet":
        """The same accounts with ``member_here``, at no statement more."""
        return self.annotate(member_here=_membership(tenant_id))


def _membership(tenant_id: int) -> Exists:
    active = apps.get_model("accounts", "Membership")._default_manager.filter(ended_at=None)
    return Exists(active.filter(user=OuterRef("pk"), tenant_id=tenant_id))


class EveryoneManager(BaseUserManager["User"]):
    """Every account; makes new ones with the address in lower case, so one person has one."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account; without a password it can't sign in until one is set."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A platform admin."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class MembersManager(EveryoneManager):
    """The members of the active site; every account where no site is active."""

    def get_queryset(self) -> UserQuerySet:
        accounts = super().get_queryset()
        tenant = current_tenant()
        return accounts if tenant is None else accounts.members(tenant.id)
