"""What every page of every site has in common."""

from copy import copy
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.api import APIField
from wagtail.models import Page, PageViewRestriction

from .forms import SitePageCopyForm, SitePageForm
from .gates import PublicationRefused
from .placement import (
    MAX_COLUMN_LEVEL,
    Problem,
    address_problems,
    deepest_level,
    placement_problems,
)
from .register_fields import Registered
from .slugs import LATIN_SLUG, latin_slug


class TitlePanel(TitleFieldPanel):
    """The title alone: Wagtail's panel would copy it into the name in the address."""

    class BoundPanel(TitleFieldPanel.BoundPanel):
        """Without the script's attributes."""

        def get_attrs(self) -> dict[str, Any]:
            return {"placeholder": self.get_placeholder()}


class SitePage(Registered, Page):
    """A page with a Latin name in its address, in a place where it may stand."""

    base_form_class = SitePageForm
    copy_form_class = SitePageCopyForm
    private_page_options: ClassVar[list[str]] = []
    holds_columns: ClassVar[bool] = False
    fallback_slug: ClassVar[str] = "page"
    # In which shapes (illustrations.SHAPES) citizens see the pictures of pages of this type.
    picture_shapes: ClassVar[tuple[str, ...]] = ("text", "card")
    slug: Any  # a field of Wagtail's page

    content_panels = [TitlePanel("title")]
    promote_panels = [FieldPanel("slug"), FieldPanel("show_in_menus")]

    class Meta:
        abstract = True

    @classmethod
    def can_create_at(cls, parent: Any) -> bool:
        """Whether the type can be made below ``parent``; columns four levels deep (A-197)."""
        fits = not cls.holds_columns or deepest_level(cls(), parent) <= MAX_COLUMN_LEVEL
        return fits and bool(super().can_create_at(parent))

    def publication_problems(self) -> list[Problem]:
        """What stands against making this page, as it is in memory, live."""
        parent = self.get_parent()
        return address_problems(self, parent) if parent is not None and self.slug else []

    def proposed_slug(self, title: str, parent: Any) -> str:
        """A free name below ``parent``, made of the pinyin initials of ``title``."""
        base, number = latin_slug(title) or self.fallback_slug, 1
        candidate = copy(self)
        candidate.slug = base
        while not self._slug_is_available(candidate.slug, parent, self) or address_problems(
            candidate, parent
        ):
            number += 1
            candidate.slug = f"{base}-{number}"
        return str(candidate.slug)

    def clean(self) -> None:
        """Check the name and the place; raises ValidationError."""
        super().clean()
        self._check_place()

    def minimal_clean(self) -> None:
        """The same for drafts, of which Wagtail checks the least."""
        super().minimal_clean()
        self._check_place()

    def save(self, clean: bool = True, **kwargs: Any) -> Any:
        """Save; raises PublicationRefused for a column that a copied branch carries too deep."""
        if self._state.adding and not clean and self.holds_columns:
            problems = placement_problems(self, self.get_parent())
            if problems:
                raise PublicationRefused(self, problems)
        return super().save(clean=clean, **kwargs)

    def get_view_restrictions(self) -> Any:
        """None, without asking: public hosts know no session, so no page is private."""
        return PageViewRestriction.objects.none()

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The draft in the page's own language, whatever the editor's screens speak."""
        with translation.override(self.locale.language_code):
            response: Any = super().serve_preview(request, mode_name)
            if hasattr(response, "render"):
                response.render()
        return response

    def _set_core_field_defaults(self) -> None:
        parent = self._known_parent()
        if not self.slug and self.title and parent is not None:
            self.slug = self.proposed_slug(self.title, parent)
        super()._set_core_field_defaults()

    def _known_parent(self) -> Any:
        """The page above; Wagtail's API names it before the page has a place in the tree."""
        return getattr(self, "_cached_parent_obj", None) or self.get_parent()

    def _check_place(self) -> None:
        if not (self.path and self.slug):
            return
        LATIN_SLUG(self.slug)
        parent = self.get_parent()
        if parent is None or self.url_path == f"{parent.url_path}{self.slug}/":
            return
        problems = placement_problems(self, parent)
        if problems:
            raise ValidationError(problems)


def writable(*names: str) -> list[APIField]:
    """Fields that the API may read and write."""
    return [APIField(name, writable=True) for name in names]


def missing(page: Page, *names: str) -> list[Problem]:
    """A sentence for each of these fields that is empty, since drafts may lack any."""
    return [
        format_lazy(_("“{field}” is empty."), field=page._meta.get_field(name).verbose_name)
        for name in names
        if not str(getattr(page, name) or "").strip()
    ]
