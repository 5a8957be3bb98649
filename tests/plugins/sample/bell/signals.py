"""What an app of somebody else does on its own when something happens."""

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.signals import page_published

from .models import Ring

HEARD: list[str] = []


@receiver(page_published)
def ring(instance: Any, **kwargs: Any) -> None:
    HEARD.append(f"published {instance.title}")


@receiver(post_delete, sender=Ring)
def silence(instance: Ring, **kwargs: Any) -> None:
    HEARD.append(f"deleted {instance.tone}")
