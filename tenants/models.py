"""The sites of the cluster, their addresses, and the blueprints they are made from."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from .naming import (
    CODE_PATTERN,
    HOST_PATTERN,
    MAX_CODE_LENGTH,
    MAX_PREFIX_LENGTH,
    PREFIX_PATTERN,
)


class Kind(models.TextChoices):
    """Kinds of sites (A-211, A-307)."""

    CONTROL = "control", _("Control site")
    PORTAL = "portal", _("Government portal")
    DEPARTMENT = "department", _("Department")
    PARTY = "party", _("Party or law organ")
    DISTRICT = "district", _("District or county")
    TOWNSHIP = "township", _("Township or street")


class State(models.TextChoices):
    """Steps of a site's life (guideline 2017-47, B.4)."""

    REQUESTED = "requested", pgettext_lazy("site", "Requested")
    APPROVED = "approved", pgettext_lazy("site", "Approved")
    BUILDING = "building", pgettext_lazy("site", "Building")
    LIVE = "live", pgettext_lazy("site", "Live")
    OFFLINE = "offline", pgettext_lazy("site", "Temporarily offline")
    READONLY = "readonly", pgettext_lazy("site", "Read-only")
    CLOSED = "closed", pgettext_lazy("site", "Closed")
    REMOVED = "removed", pgettext_lazy("site", "Removed")


class Tenant(models.Model):
    """A site with a schema of its own."""

    auto_drop_schema = False  # django-tenants asks when a row is deleted

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(
        _("code"),
        max_length=MAX_CODE_LENGTH,
        unique=True,
        validators=[RegexValidator(CODE_PATTERN)],
    )
    schema_name = models.CharField(max_length=63, unique=True, editable=False)
    name = models.CharField(_("legal name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("site above"),
    )
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.BUILDING
    )
    state_note = models.TextField(_("notice shown while not live"), blank=True)
    theme = models.CharField(_("theme"), max_length=40, default="base")
    plugins = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    blueprint_version = models.PositiveIntegerField(null=True, editable=False)
    migration_state = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="`tenants.migrating.migration_state` of the code that last upgraded the schema",
    )
    upgrade_error = models.TextField(_("why its upgrade failed"), blank=True, editable=False)
    second_factor = models.BooleanField(_("requires a second factor at sign-in"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """A public address of a site: a host and an optional path prefix.

    The norm wants townships and county departments under the portal's domain
    (guideline 2017-47, B.1, B.3), so the longest matching prefix of a host wins.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    host = models.CharField(_("host"), max_length=253, validators=[RegexValidator(HOST_PATTERN)])
    prefix = models.CharField(
        _("path prefix"),
        max_length=MAX_PREFIX_LENGTH,
        blank=True,
        validators=[RegexValidator(PREFIX_PATTERN)],
    )
    is_primary = models.BooleanField(_("primary"), default=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["host", "prefix"], name="one_site_an_address"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_primary=True), name="one_primary_address"
            ),
        ]

    def __str__(self) -> str:
        return self.host + self.prefix


class Blueprint(models.Model):
    """What new sites of a kind are made from: the dump of a template schema.

    ``fingerprint`` names the migrations and the content that the dump holds;
    another fingerprint means another dump.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.PositiveIntegerField(_("version"))
    fingerprint = models.CharField(max_length=64)
    schema_name = models.CharField(max_length=63)
    pre_data = models.TextField(help_text="DDL of tables and sequences")
    rows = models.JSONField(help_text="table -> [columns, COPY text]")
    post_data = models.TextField(help_text="DDL of indexes and constraints")
    sequences = models.JSONField(help_text="sequence -> last value")
    uuids = models.JSONField(help_text="values that every new site gets anew")
    items = models.TextField(help_text="library rows of the live starter pages, as JSON")
    moments = models.JSONField(
        help_text="publish times of the starter articles -> minutes before the blueprint"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("blueprint")
        verbose_name_plural = _("blueprints")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_blueprint_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"
