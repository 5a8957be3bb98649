"""The forms in which pages are written and copied."""

from copy import copy
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import CopyForm

from .page_form import PublicationForm
from .placement import placement_problems
from .slugs import LATIN_SLUG, next_article_slug, today


class SitePageForm(PublicationForm):
    """Proposes the name in the address where the editor leaves it empty.

    A draft's name follows its title for as long as the field stays empty: Wagtail saves while
    the title is still being typed. Once the page has been public its name stays.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].validators.append(LATIN_SLUG)

    def clean(self) -> dict[str, Any]:
        """Fill the name, then check that the page may stand where it would."""
        if "slug" in self.fields and "slug" not in self.errors:
            self.cleaned_data["slug"] = self.cleaned_data.get("slug") or self._proposed_slug()
        cleaned: dict[str, Any] = super().clean()
        if self.parent_page is not None and not self.errors:
            self._check_place(cleaned.get("slug", self.instance.slug))
        return cleaned

    def _proposed_slug(self) -> str:
        page = self.instance
        if page.slug and page.first_published_at:
            return str(page.slug)
        return str(page.proposed_slug(self.cleaned_data.get("title", ""), self.parent_page))

    def _check_place(self, slug: str) -> None:
        page = copy(self.instance)
        page.slug = slug
        if not page._state.adding and page.url_path == f"{self.parent_page.url_path}{slug}/":
            return
        for problem in placement_problems(page, self.parent_page):
            self.add_error("slug" if "slug" in self.fields else None, problem)


class SitePageCopyForm(CopyForm):
    """Says why a page can't be copied to where the editor wants it."""

    def clean(self) -> dict[str, Any]:
        """Check the place that the copy would have."""
        cleaned: dict[str, Any] = super().clean()
        parent = cleaned.get("new_parent_page") or self.page.get_parent()
        page = copy(self.page.specific)
        page.slug = cleaned.get("new_slug") or page.slug
        if not cleaned.get("copy_subpages"):
            page.numchild = 0
        for problem in placement_problems(page, parent):
            self.add_error("new_parent_page", problem)
        return cleaned


class ArticleCopyForm(SitePageCopyForm):
    """Doesn't ask for a name: the copy of an article gets a number of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slug = self.fields["new_slug"]
        slug.required, slug.disabled, slug.initial = False, True, ""
        slug.help_text = _("The copy gets a number of its own.")

    def clean_new_slug(self) -> str:
        """A number that no article had."""
        return next_article_slug(today())
