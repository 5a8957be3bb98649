"""One account a person for the whole cluster, and the sites where it is active.

Rights lie in each site's own schema (`sitecluster.rights`), so a session that is moved to
another site carries none there.
"""

from typing import Any, ClassVar

from django.contrib.auth import models as auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the address is stored in lower case, so that one person has one."""

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


class User(AbstractBaseUser):
    """A person. The whole name stands in ``first_name``, since Wagtail joins two with a space."""

    email = models.EmailField(_("email address"), unique=True)
    first_name = models.CharField(_("name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_superuser = models.BooleanField(_("platform admin"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    home_site = models.ForeignKey(
        "tenants.Tenant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="home_users",
        verbose_name=_("home site"),
    )
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspension_reason = models.TextField(_("reason of suspension"), blank=True)
    groups = models.ManyToManyField(
        auth.Group, through="rights.UserGroup", blank=True, related_name="user_set"
    )
    user_permissions = models.ManyToManyField(
        auth.Permission, through="rights.UserPermission", blank=True, related_name="user_set"
    )

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar = ["email"]

    # Django's mixin would bring its own relations, which can't lie in another schema.
    get_user_permissions = auth.PermissionsMixin.get_user_permissions
    get_group_permissions = auth.PermissionsMixin.get_group_permissions
    get_all_permissions = auth.PermissionsMixin.get_all_permissions
    has_perm = auth.PermissionsMixin.has_perm
    has_perms = auth.PermissionsMixin.has_perms
    has_module_perms = auth.PermissionsMixin.has_module_perms

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    def get_full_name(self) -> str:
        return self.first_name or self.email

    def get_short_name(self) -> str:
        return self.get_full_name()

    def __str__(self) -> str:
        return self.get_full_name()


class Membership(models.Model):
    """An account is active on a site from ``created_at`` to ``ended_at``."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="memberships"
    )
    roles = models.JSONField(_("roles"), default=list, help_text=_("Mirror of the site's groups."))
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "tenant"], name="one_membership_a_site"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.tenant}"
