"""The sites of the cluster, their addresses, and the blueprints they are made from."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
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
    """Steps of a site's life (guideline 2017-47, B.4); before them it is an opening, requested and
    approved (`sitecluster_console.shared.models.Opening`)."""

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
    state_since = models.DateTimeField(
        _("in this state since"), default=timezone.now, db_default=Now()
    )
    state_until = models.DateField(_("planned until"), null=True, blank=True)
    archive_url = models.URLField(
        _("address of the archive"), max_length=500, blank=True, db_default=""
    )
    max_bytes = models.BigIntegerField(_("most bytes of uploads"), null=True, blank=True)
    max_items = models.PositiveIntegerField(_("most published items"), null=True, blank=True)
    is_blueprint = models.BooleanField(
        _("template of new sites"),
        default=False,
        db_default=False,
        editable=False,
        help_text="edited like a site, but never public: what new sites are made from",
    )
    theme = models.CharField(_("theme"), max_length=40, default="base")
    plugins = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    blueprint_code = models.CharField(
        max_length=MAX_CODE_LENGTH, blank=True, default="", db_default="", editable=False
    )
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
    redirects = models.BooleanField(
        _("leads to the primary address"),
        default=False,
        db_default=False,  # processes of the release before write rows too
        help_text="by 301, to the same path",
    )

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

    That of a kind has the kind's name as its ``code``; others are chosen by their code.

    ``fingerprint`` names the migrations and the content that the dump holds;
    another fingerprint means another dump.
    """

    code = models.CharField(_("code"), max_length=MAX_CODE_LENGTH)
    name = models.CharField(_("name"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.PositiveIntegerField(_("version"))
    source = models.ForeignKey(
        Tenant,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="blueprints",
        help_text="the site that it was taken from; none: the platform's own content",
    )
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
            models.UniqueConstraint(fields=["code", "version"], name="one_blueprint_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Evidence(models.TextChoices):
    """How well a rule is known; see docs/lifecycle.md."""

    VERIFIED = "V", _("Verified")
    UNVERIFIED = "M", _("Unverified")


class Limit(models.Model):
    """A number that a rule sets, which platform admins may change (guideline 2017-47, B.4)."""

    key = models.SlugField(_("rule"), primary_key=True)
    value = models.PositiveIntegerField(_("value"))
    unit = models.CharField(_("unit"), max_length=20, help_text="days, times a year, …")
    evidence = models.CharField(_("evidence"), max_length=1, choices=Evidence.choices)
    source = models.CharField(_("source"), max_length=100)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        default_permissions = ()
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return f"{self.key} = {self.value} {self.unit}"


class Gate(models.Model):
    """A step that opening a site must pass, in order (guideline 2017-47, B.4: opening).

    ``own_domain`` gates are those of a site with a domain of its own; what stands below a
    portal's domain has the portal's. Which are required is a rule, hence data.
    """

    code = models.SlugField(_("code"), primary_key=True)
    order = models.PositiveSmallIntegerField(_("order"))
    required = models.BooleanField(_("required"), default=True)
    own_domain = models.BooleanField(_("only with a domain of its own"), default=False)
    evidence = models.CharField(_("evidence"), max_length=1, choices=Evidence.choices)
    source = models.CharField(_("source"), max_length=100)

    class Meta:
        verbose_name = _("opening gate")
        verbose_name_plural = _("opening gates")
        default_permissions = ()
        ordering: ClassVar = ["order"]

    def __str__(self) -> str:
        return self.code


class Clearance(models.Model):
    """That a site has passed a gate: the record to keep (guideline 2017-47, B.4)."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="clearances")
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=100, blank=True)
    authority = models.CharField(_("authority"), max_length=100, blank=True)
    issued_on = models.DateField(_("date"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("passed gate")
        verbose_name_plural = _("passed gates")
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "gate"], name="one_clearance_a_gate"),
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.gate_id}"


class Pause(models.Model):
    """A time for which a site was offline. The rule counts them (guideline 2017-47, B.4), and the
    audit trail may be kept for less than the year that it looks back.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="pauses")
    began_at = models.DateTimeField(_("from"), default=timezone.now)
    until = models.DateField(_("planned until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("time offline")
        verbose_name_plural = _("times offline")
        default_permissions = ()
        ordering: ClassVar = ["-began_at"]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.began_at:%Y-%m-%d}"


class Usage(models.Model):
    """What a site takes up, measured now and then (`tenants.usage`); sizes in bytes."""

    tenant = models.OneToOneField(
        Tenant, on_delete=models.CASCADE, primary_key=True, related_name="usage"
    )
    files = models.PositiveIntegerField(_("uploads"), default=0)
    file_bytes = models.BigIntegerField(_("size of uploads"), default=0)
    schema_bytes = models.BigIntegerField(_("size in the database"), default=0)
    measured_at = models.DateTimeField(_("measured"))

    class Meta:
        verbose_name = _("usage")
        verbose_name_plural = _("usage")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.file_bytes}"


class Backup(models.Model):
    """One site's schema, shared rows and uploads in one file (`tenants.backups.making`)."""

    class State(models.TextChoices):
        """What has become of it."""

        WAITING = "waiting", pgettext_lazy("backup", "Waiting")
        DONE = "done", pgettext_lazy("backup", "Done")
        FAILED = "failed", pgettext_lazy("backup", "Failed")

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="backups")
    file = models.CharField(_("file"), max_length=200, blank=True, help_text="within BACKUPS_DIR")
    size = models.BigIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    problem = models.TextField(_("problem"), blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        default_permissions = ()
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.file
