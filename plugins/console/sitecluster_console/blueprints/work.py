"""What the worker does with blueprints: schemas are made and dropped, which no web process may."""

from django.utils.translation import gettext as _, gettext_lazy

from sitecluster_console.batches.work import BatchProblem, kind
from sitecluster_console.shared.models import Batch, BatchItem
from tenants import blueprint_sites, directory
from tenants.blueprint_changes import between, columns_of
from tenants.models import Blueprint

OPEN, PUBLISH, RESTORE = "blueprint.open", "blueprint.publish", "blueprint.restore"
COPY = "blueprint.copy"


@kind(OPEN, title=gettext_lazy("Prepare a blueprint for editing"), platform_only=True)
def open_editor(item: BatchItem, batch: Batch) -> str | None:
    """Make the blueprint site of the item's code."""
    if blueprint_sites.editor_of(item.code):
        return None
    site = blueprint_sites.open_editor(item.code, by=batch.created_by)
    return _("It can be edited at %s.") % site.admin_url


@kind(PUBLISH, title=gettext_lazy("Publish a blueprint"), platform_only=True)
def publish(item: BatchItem, batch: Batch) -> str:
    """Make the newest version from the blueprint site."""
    last = blueprint_sites.newest(item.code)
    made = blueprint_sites.publish(item.code, **_why(batch))
    return _said(made, last)


@kind(RESTORE, title=gettext_lazy("Back to the platform's own content"), platform_only=True)
def restore(item: BatchItem, batch: Batch) -> str:
    """Make the newest version from the platform's own content."""
    last = blueprint_sites.newest(item.code)
    return _said(blueprint_sites.restore_standard(item.code, **_why(batch)), last)


@kind(COPY, title=gettext_lazy("Copy a site as a blueprint"), platform_only=True)
def copy(item: BatchItem, batch: Batch) -> str:
    """Make a blueprint from the item's site."""
    if item.site is None:
        raise BatchProblem(_("The site is gone."))
    wishes = batch.wishes
    made = blueprint_sites.copy_site(
        directory.record(item.site),
        wishes["code"],
        wishes["name"],
        articles=wishes["articles"],
        **_why(batch),
    )
    return _("The blueprint %(name)s (%(code)s) is there.") % {"name": made.name, "code": made.code}


def _why(batch: Batch) -> dict[str, object]:
    return {"by": batch.created_by, "reason": batch.reason, "document": batch.document}


def _said(made: Blueprint, last: Blueprint) -> str:
    changes = between(columns_of(last), columns_of(made))
    text = _(
        "Version %(version)d: %(added)d columns added, %(removed)d removed, %(renamed)d renamed."
    )
    return text % {
        "version": made.version,
        "added": len(changes.added),
        "removed": len(changes.removed),
        "renamed": len(changes.renamed),
    }
