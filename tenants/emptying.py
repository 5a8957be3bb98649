"""What plugins have put into the active site: its pages and rows, unpublished or deleted."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _
from wagtail.models import Page

from sitecluster.cms.gates import PublicationRefused
from sitecluster.plugins.registry import bringers
from sitecluster.tenancy import is_shared_only


def apps_leaving(plugin: str, on: Iterable[str]) -> set[str]:
    """Labels of the apps that go off with ``plugin`` where the plugins ``on`` are on."""
    staying = set(on) - {plugin}
    return {
        label
        for label, plugins in bringers().items()
        if plugin in plugins and staying.isdisjoint(plugins)
    }


def apps_of_its_own(plugin: str) -> set[str]:
    """Labels of the apps that no other installed plugin brings, with tables in sites' schemas."""
    return {
        label
        for label, plugins in bringers().items()
        if plugins == (plugin,) and not is_shared_only(label)
    }


def live_pages(labels: Iterable[str]) -> list[Any]:
    """The live pages whose types are from these apps."""
    return list(_pages(labels).live().order_by("path")) if set(labels) else []


def unpublish(pages: Sequence[Any], by: Any) -> None:
    """Unpublish these pages as an editor would; raises PublicationRefused."""
    for page in pages:
        live = Page.objects.live().filter(pk=page.pk).first()
        if live is not None:  # an alias goes with its original
            live.specific.unpublish(user=by)


def empty(labels: set[str], by: Any) -> dict[str, int]:
    """Delete every page and row of these apps; return how many there were, by model.

    Raises PublicationRefused for a page under which others stand, ValidationError for rows that
    rows of other apps hold on to.
    """
    counts: dict[str, int] = {}
    _delete_pages(labels, by, counts)
    _delete_rows(labels, counts)
    return counts


@contextmanager
def refusals_as(error: Any) -> Iterator[None]:
    """Turn what stands against it into ``error`` with its sentences."""
    try:
        yield
    except PublicationRefused as refused:
        raise error([f"“{refused.page}”: {problem}" for problem in refused.problems]) from refused
    except ValidationError as refused:
        raise error(refused.messages) from refused


def _pages(labels: Iterable[str]) -> Any:
    types = [
        model
        for label in labels
        for model in apps.get_app_config(label).get_models()
        if issubclass(model, Page)
    ]
    return Page.objects.exact_type(*types) if types else Page.objects.none()


def _delete_pages(labels: set[str], by: Any, counts: dict[str, int]) -> None:
    for page in list(_pages(labels).order_by("-depth")):
        if page.get_children().exists():
            others = ", ".join(page.get_children().values_list("title", flat=True)[:5])
            text = _("Other pages stand below it and would be deleted, too: %(pages)s.")
            raise PublicationRefused(page, [text % {"pages": others}])
        counts[page.content_type.model] = counts.get(page.content_type.model, 0) + 1
        page.delete(user=by)


def _delete_rows(labels: set[str], counts: dict[str, int]) -> None:
    """Row by row through the models, so that revisions, references and the index follow; what
    protects others goes first."""
    models: list[Any] = [
        model
        for label in sorted(labels)
        for model in apps.get_app_config(label).get_models()
        if not (issubclass(model, Page) or model._meta.proxy)
    ]
    while models:
        held = [model for model in models if not _emptied(model, counts)]
        if len(held) == len(models):
            text = _("Rows elsewhere hold on to its rows: %(tables)s.")
            names = ", ".join(str(model._meta.verbose_name_plural) for model in held)
            raise ValidationError(text % {"tables": names})
        models = held


def _emptied(model: Any, counts: dict[str, int]) -> bool:
    try:
        _total, deleted = model._base_manager.all().delete()
    except (ProtectedError, RestrictedError):
        return False
    for name, number in deleted.items():
        if number:
            label = name.rpartition(".")[2].lower()
            counts[label] = counts.get(label, 0) + number
    return True
