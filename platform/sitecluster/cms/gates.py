"""What must hold before a page becomes live, stops being live, moves or goes.

A gate takes an `Act` and yields the problems it sees, each a sentence for the editor. All gates
are asked, so that an editor learns everything at once. Later rules are functions added here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from sitecluster.library import register
from sitecluster.plugins.registry import gated, is_on_now
from sitecluster.tenancy import FROZEN, Tenant

from . import page_tags
from .listings import HOME_DEPTH


class Kind(StrEnum):
    """What is about to happen to a page."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    MOVE = "move"
    DELETE = "delete"


@dataclass(frozen=True)
class Act:
    """What somebody asks for. ``user`` is None where a command or a schedule asks, ``tenant``
    while a blueprint is made; to be published is ``page`` as it stands in memory."""

    kind: Kind
    page: Any
    user: Any = None
    tenant: Tenant | None = None


class PublicationRefused(Exception):
    """A gate refuses; nothing has changed. ``problems`` are sentences for the editor."""

    def __init__(self, page: Any, problems: Sequence[Any]) -> None:
        super().__init__(page, problems)
        self.page = page
        self.problems = problems

    def __str__(self) -> str:
        return " ".join([f"{self.page}:", *map(str, self.problems)])


def site_accepts_changes(act: Act) -> Iterable[Any]:
    """A read-only, closed or removed site keeps its pages as they are."""
    if act.tenant is not None and act.tenant.state in FROZEN:
        yield format_lazy(
            _("{site} takes no changes any more: it is read-only or closed."), site=act.tenant.name
        )


def page_is_complete(act: Act) -> Iterable[Any]:
    """A page's own rules: its fields, its name, an address that isn't another site's."""
    if act.kind is Kind.PUBLISH and hasattr(act.page, "publication_problems"):
        yield from act.page.publication_problems()


def page_tags_are_filled(act: Act) -> Iterable[Any]:
    """A required page tag is never empty (guideline 2017-47, B.7)."""
    if act.kind is Kind.PUBLISH:
        yield from page_tags.problems(act.page, act.tenant)


def type_is_at_work(act: Act) -> Iterable[Any]:
    """What a plugin brought isn't published where the plugin is off; unpublished it may be."""
    kind = act.page.specific_class
    if act.kind is not Kind.PUBLISH or kind is None or not gated(kind._meta.app_label):
        return
    if not is_on_now(kind._meta.app_label, act.tenant):
        yield format_lazy(
            _("Pages of the type “{type}” come with a plugin that is turned off on this site."),
            type=kind._meta.verbose_name,
        )


def front_page_stays(act: Act) -> Iterable[Any]:
    """Without its front page a site answers nothing, and Wagtail's row of the Site goes with it.

    The front pages of other languages may go: their edition ends.
    """
    if act.kind is Kind.PUBLISH or act.tenant is None or act.page.depth != HOME_DEPTH:
        return
    if Site.objects.filter(root_page_id=act.page.pk).exists():
        yield _("This is the front page of the site: it stays where it is, and live.")


Gate = Callable[[Act], Iterable[Any]]
GATES: list[Gate] = [
    site_accepts_changes,
    type_is_at_work,
    front_page_stays,
    page_is_complete,
    page_tags_are_filled,
]


def problems(act: Act) -> list[Any]:
    """What the gates object to; empty if the act may go ahead."""
    return [problem for gate in GATES for problem in gate(act)]


def check_room(tenant: Tenant, page: Any) -> None:
    """Raise PublicationRefused if the site has more items than it may.

    To be asked when ``page`` and whatever is published with it is in the library already.
    """
    count = register.count(tenant.id) if tenant.max_items is not None else 0
    if tenant.max_items is None or count <= tenant.max_items:
        return
    text = _(
        "With this {site} would have {count} published items, and {most} are allowed: withdraw"
        " what is outdated, or ask the platform's administrators for more."
    )
    names = {"site": tenant.name, "count": count, "most": tenant.max_items}
    raise PublicationRefused(page, [format_lazy(text, **names)])


def check(act: Act) -> None:
    """Raise PublicationRefused if a gate objects."""
    found = problems(act)
    if found:
        raise PublicationRefused(act.page, found)
