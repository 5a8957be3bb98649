"""One account a person for the whole cluster, and the sites where it is active.

`membership` holds what may be done with them. Rights lie in each site's own schema
(`sitecluster.rights`), so a session that is moved to another site carries none there.
"""

from typing import Any, ClassVar

from django.contrib.auth import models as auth
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from sitecluster.plugins.registry import is_on
from sitecluster.tenancy import below

from . import credentials  # noqa: F401 -- more models of this app
from .managers import EveryoneManager, MembersManager

mixin: Any = auth.PermissionsMixin


WRITTEN_BY_VERBS = {
    "id",
    "home_site",
    "is_active",
    "suspended_at",
    "suspended_by",
    "suspension_reason",
    "sessions_valid_from",
    "password_changed_at",
    "second_factor_since",
    "second_factor_required",
}


class User(AbstractBaseUser):
    """A person. The whole name stands in ``first_name``, since Wagtail joins two with a space."""

    email = models.EmailField(_("email address"), unique=True)
    first_name = models.CharField(_("full name"), max_length=100, blank=True)
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
    suspended_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    suspension_reason = models.TextField(_("reason of suspension"), blank=True)
    sessions_valid_from = models.DateTimeField(null=True, blank=True, editable=False)
    password_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    # Since when the account has a second factor, noted here so that no request has to ask.
    second_factor_since = models.DateTimeField(null=True, blank=True, editable=False)
    second_factor_required = models.BooleanField(
        _("must have a second factor"), default=False, db_default=False, editable=False
    )
    groups = models.ManyToManyField(
        auth.Group,
        through="rights.UserGroup",
        blank=True,
        related_name="user_set",
        related_query_name="user",
    )
    user_permissions = models.ManyToManyField(
        auth.Permission,
        through="rights.UserPermission",
        blank=True,
        related_name="user_set",
        related_query_name="user",
    )

    objects = MembersManager()
    everyone = EveryoneManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar = ["email"]

    # Borrowed: Django's mixin would bring its own relations, which can't lie in another schema.
    get_user_permissions = mixin.get_user_permissions
    get_group_permissions = mixin.get_group_permissions
    get_all_permissions = mixin.get_all_permissions
    _has_perm = mixin.has_perm
    has_perms = mixin.has_perms
    has_module_perms = mixin.has_module_perms

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """As Django's, and False for everyone where a plugin is off that ``perm`` belongs to."""
        return is_on(perm.partition(".")[0]) and bool(self._has_perm(perm, obj))

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def validate_unique(self, exclude: Any = None) -> None:
        """Compare the address with every account, not with the site's members alone."""
        super().validate_unique(exclude)
        others = User.everyone.exclude(pk=self.pk)
        if "email" not in (exclude or ()) and others.filter(email=self.email).exists():
            raise ValidationError({"email": _("This email address can't be used.")})

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        """Write what is named; without that, everything but what has verbs of its own.

        A form that has read the account a moment ago then can't undo a suspension.
        """
        if update_fields is None and not args and not self._state.adding:
            fields = {field.name for field in self._meta.concrete_fields}
            update_fields = fields - WRITTEN_BY_VERBS
        super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise models.ProtectedError("Accounts are suspended, never deleted.", {self})

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Sessions end with a new password and when `sessions_valid_from` moves."""
        value = (
            f"{self.password} {self.sessions_valid_from and self.sessions_valid_from.timestamp()}"
        )
        return salted_hmac("sitecluster.session", value, secret, algorithm="sha256").hexdigest()

    def is_member(self, tenant_id: int) -> bool:
        """Is the account active on the site? Asked once a site and object."""
        known: dict[int, bool] = self.__dict__.setdefault("_known_memberships", {})
        if tenant_id not in known:
            known[tenant_id] = self.memberships.filter(tenant_id=tenant_id, ended_at=None).exists()
        return known[tenant_id]

    def branch(self, role: str = "manager") -> frozenset[int] | None:
        """Ids of the sites that the person runs, or for another `Branch` role asks for; None is
        all of the cluster, for platform admins. Asked once a role and object."""
        if not self.is_active:
            return frozenset()
        if self.is_superuser:
            return None
        known: dict[str, frozenset[int]] = self.__dict__.setdefault("_known_branches", {})
        if role not in known:
            tops = Delegation.objects.filter(user=self, role=role, ended_at=None)
            known[role] = below(tops.values_list("tenant_id", flat=True))
        return known[role]

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
    added_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "tenant"], name="one_membership_a_site"),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.tenant}"


class Delegation(models.Model):
    """A person who is no platform admin runs a branch: a site and all below it (design: the
    administration can be delegated down the tree)."""

    class Role(models.TextChoices):
        """What may be done in the branch."""

        MANAGER = "manager", _("Runs the sites")
        APPLICANT = "applicant", _("Asks for new sites")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="delegations")
    tenant = models.ForeignKey(
        "tenants.Tenant",
        on_delete=models.CASCADE,
        related_name="delegations",
        verbose_name=_("site"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "tenant", "role"],
                condition=models.Q(ended_at=None),
                name="one_delegation_a_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} / {self.tenant}"


class Outcome(models.TextChoices):
    """How an invitation ended."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Invitation(models.Model):
    """A site asks whoever reads an address to become its member.

    It names an address and no account, so that it says nothing about who has one (design,
    Identity). ``roles`` are role codes and names of groups, as in `Membership`; of the token only
    a hash is kept.
    """

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("email address"))
    name = models.CharField(_("full name"), max_length=100)
    roles = models.JSONField(_("roles"), default=list)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("holds until"))
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(closed_at=None),
                name="one_open_invitation",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["email"], name="invitation_email")]

    def __str__(self) -> str:
        return f"{self.email} @ {self.tenant}"

    @property
    def has_expired(self) -> bool:
        """Has its time run out? Then it can be sent again."""
        return self.expires_at <= timezone.now()
