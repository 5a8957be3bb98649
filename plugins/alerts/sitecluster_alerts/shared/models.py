"""Emergency notices of all sites (A-123: the first word at once, in the authority's own name)."""

from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sitecluster.audit.trail import record
from sitecluster.tenancy import current_tenant, required_tenant, touch


class Level(models.TextChoices):
    """The four levels of the Emergency Response Law (突发事件应对法), the gravest first."""

    RED = "1", _("Red (exceptionally serious)")
    ORANGE = "2", _("Orange (serious)")
    YELLOW = "3", _("Yellow (fairly serious)")
    BLUE = "4", _("Blue (ordinary)")


class OwnManager(models.Manager["Alert"]):
    """The notices of the active site alone; none where no site is active."""

    def get_queryset(self) -> "models.QuerySet[Alert]":
        tenant, every = current_tenant(), super().get_queryset()
        return every.filter(tenant_id=tenant.id) if tenant else every.none()


class Alert(models.Model):
    """One notice. What is saved or deleted is seen on all pages within a second."""

    tenant_id = models.BigIntegerField(editable=False, db_index=True)
    level = models.CharField(_("level"), max_length=1, choices=Level, default=Level.ORANGE)
    text = models.CharField(_("text"), max_length=120)
    text_en = models.CharField(
        _("text in English"), max_length=240, blank=True, help_text=_("For pages in English.")
    )
    link = models.CharField(
        _("link to more"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("For example an article that is kept up to date."),
    )
    starts_at = models.DateTimeField(_("start"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("end"), null=True, blank=True, help_text=_("Without one it stays until it is deleted.")
    )
    below = models.BooleanField(_("also on every site below"), default=True)

    objects = OwnManager()
    everywhere = models.Manager()

    class Meta:
        verbose_name = _("emergency notice")
        verbose_name_plural = _("emergency notices")
        ordering: ClassVar = ["level", "-starts_at", "-pk"]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """Raise ValidationError for an end that isn't after the start."""
        if self.ends_at and self.starts_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must come after the start.")})

    def in_force(self, now: datetime) -> bool:
        """Whether citizens read it at the moment ``now``."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            if self._state.adding:
                self.tenant_id = required_tenant().id
            super().save(*args, **kwargs)
            self._tell("alert.set")

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self._tell("alert.deleted")
            return super().delete(*args, **kwargs)

    def _tell(self, act: str) -> None:
        names = ("level", "text", "text_en", "link", "starts_at", "ends_at", "below")
        values = {name: getattr(self, name) for name in names}
        record(act, subject=self.text, after={name: str(value) for name, value in values.items()})
        touch()  # every process forgets what it remembers, see banner.py
