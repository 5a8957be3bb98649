"""The audit trail: what was done, where and by whom, and the seals that chain it.

All three tables lie in the shared schema and hold no key to another table, so an entry outlives
whatever it tells of. Triggers of migration 0001 refuse to change or take out entries and seals.
"""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AnyEncoder(DjangoJSONEncoder):
    """Writes whatever it is given: a set as a sorted list, a stranger as its text."""

    def default(self, o: object) -> object:
        if isinstance(o, set | frozenset):
            return sorted(o, key=str)
        try:
            return super().default(o)
        except TypeError:
            return str(o)


class Entry(models.Model):
    """One administrative act; `sitecluster.audit.trail.record` writes it and nothing changes it."""

    at = models.DateTimeField(_("time"), db_default=Now(), help_text="set by the database alone")
    act = models.CharField(_("act"), max_length=100)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("person"), max_length=255, blank=True)
    actor_email = models.CharField(max_length=254, blank=True)
    site_id = models.BigIntegerField(null=True)
    site_code = models.CharField(_("site code"), max_length=63, blank=True)
    subject = models.TextField(_("subject"), blank=True)
    before = models.JSONField(_("before"), null=True, encoder=AnyEncoder)
    after = models.JSONField(_("after"), null=True, encoder=AnyEncoder)
    reason = models.TextField(_("reason"), blank=True)
    document = models.TextField(_("document number"), blank=True)
    address = models.GenericIPAddressField(_("client address"), null=True)
    origin = models.CharField(
        max_length=200, blank=True, help_text="web, “command <name>” or “task <name>”"
    )

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        default_permissions = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["site_id", "-at"], name="entries_of_a_site"),
            models.Index(fields=["-at"], name="entries_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject}".rstrip()


class Unsealed(models.Model):
    """An entry that waits for its seal; a trigger puts it here, in the entry's transaction.

    A queue and no high-water mark, since entries commit out of the order of their ids.
    """

    entry_id = models.BigIntegerField(primary_key=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.entry_id)


class Seal(models.Model):
    """The seal of one entry; `hash` covers the hash before it, so a change anywhere shows.

    ``act`` and ``at`` repeat the entry's, so that one that was taken out can still be named.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    act = models.CharField(max_length=100)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the entry")
    hash = models.CharField(max_length=64, help_text="SHA-256 of the chain up to here")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"
