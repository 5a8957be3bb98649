"""The pages around the columns: home, topics, links."""

from typing import Any
from urllib.parse import urlsplit

from django.core.validators import URLValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.url_routing import RouteResult
from wagtail_localize.fields import SynchronizedField

from sitecluster.tenancy import Side, serving

from . import listings
from .addresses import language_of
from .blocks import ArticleBody
from .front.form import HomePageForm
from .front.sections import HomeSections
from .lead_image import IllustratedPage
from .placement import Problem
from .site_page import SitePage, missing, writable
from .trail import trail

TOPIC_ENTRIES, OTHERS = 200, 6
WEB = ("http", "https")


class HomePage(SitePage):
    """The front page of one language edition."""

    library_kind = "home"
    is_creatable = False  # a site has one; those of other languages are its translations
    parent_page_types = ["wagtailcore.Page"]
    fallback_slug = "site"
    picture_shapes = ("card", "wide", "logo")
    base_form_class = HomePageForm
    override_translatable_fields = [
        SynchronizedField(name, overridable=False) for name in ("logo", "header_picture", "colours")
    ]

    intro = models.TextField(_("introduction"), blank=True)
    # The look of the whole site is that of its front page in the site's own language.
    logo = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("logo"),
    )
    header_picture = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("header picture"),
    )
    colours = models.CharField(_("colours"), max_length=40, blank=True, db_default="")
    sections = StreamField(HomeSections(), verbose_name=_("sections"), blank=True)

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("intro"),
        MultiFieldPanel(
            [
                FieldPanel("logo"),
                FieldPanel("header_picture"),
                FieldPanel("colours"),
            ],
            heading=_("The look of the site"),
            help_text=_("For every page of the site; the preview shows it at once."),
        ),
        FieldPanel("sections"),
    ]
    promote_panels = []

    api_fields = writable("intro", "logo", "header_picture", "colours", "sections")

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Raise Http404 below ``/en/`` while the site has no live English edition.

        Wagtail falls back to this page and would show the whole site there a second time.
        """
        now = serving()  # an admin host speaks its user's language
        public = now is not None and now.side is Side.PUBLIC
        if public and language_of(self.locale_id) != translation.get_language():
            raise Http404
        return super().route(request, path_components)

    def get_admin_default_ordering(self) -> str:
        """Columns stand in the order of the menu."""
        return "ord"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The sections in bands, in the frame of the site's look."""
        from .front.composition import composed  # noqa: PLC0415 -- the frame knows the pages

        return {
            **super().get_context(request, *args, **kwargs),
            **composed(self, request),
        }


class TopicPage(IllustratedPage):
    """专题: pages on one subject, gathered for a time."""

    library_kind = "topic"
    fallback_slug = "zt"
    picture_shapes = ("text", "card", "share")
    parent_page_types = ["cms.HomePage", "cms.ColumnPage"]
    page_description = _("Articles on one subject, gathered for a time.")

    summary = models.TextField(_("summary"), blank=True)
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    body = StreamField(ArticleBody(), verbose_name=_("text"), blank=True)

    content_panels = [
        *SitePage.content_panels,
        FieldPanel("summary"),
        FieldPanel("lead_image"),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("opens_on"), FieldPanel("closes_on")])],
            heading=_("Duration"),
        ),
    ]

    api_fields = writable("summary", "lead_image", "opens_on", "closes_on", "body")

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    @property
    def over(self) -> bool:
        """Is its time past? Such a topic is kept and marked as archived (guideline, B.6)."""
        return self.closes_on is not None and self.closes_on < timezone.localdate()

    def publication_problems(self) -> list[Problem]:
        """Its summary is a page tag of the norm; a topic doesn't close before it opens."""
        problems = [*super().publication_problems(), *missing(self, "summary")]
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            problems.append(_("The topic closes before it opens."))
        return problems

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The topic's articles and links, newest first, and the newest of the other topics."""
        others = TopicPage.objects.sibling_of(self, inclusive=False).live()
        return {
            **super().get_context(request, *args, **kwargs),
            "breadcrumb": trail(self, request),
            "items": list(listings.entries_below(self)[:TOPIC_ENTRIES]),
            "others": list(others.defer_streamfields().order_by("-first_published_at")[:OTHERS]),
        }


class LinkPage(SitePage):
    """An entry of a list that leads to another site; lists link there at once."""

    library_kind = "link"
    fallback_slug = "link"
    parent_page_types = ["cms.HomePage", "cms.ColumnPage", "cms.TopicPage"]
    subpage_types: list[str] = []
    page_description = _("An entry of a list that leads to another site.")
    preview_modes: list[tuple[str, str]] = []

    url = models.URLField(_("address"), max_length=1000, validators=[URLValidator(schemes=WEB)])

    content_panels = [*SitePage.content_panels, FieldPanel("url")]
    promote_panels = []

    api_fields = writable("url")

    class Meta:
        verbose_name = _("external link")
        verbose_name_plural = _("external links")

    def publication_problems(self) -> list[Problem]:
        """A link leads somewhere, over http or https."""
        problems = [*super().publication_problems(), *missing(self, "url")]
        if self.url and not leads_to_web(self.url):
            problems.append(_("The address must start with http:// or https://."))
        return problems

    def get_url(self, request: Any = None, current_site: Any = None) -> str | None:
        """Where the link leads; the address of the page itself is `full_url`."""
        return self.url or None

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        """Redirect; not for good, since an editor may change where to."""
        if not leads_to_web(self.url):
            raise Http404
        return HttpResponseRedirect(self.url)


def leads_to_web(url: str) -> bool:
    """Is this an address of a web page, rather than a script or a file?"""
    return urlsplit(url).scheme in WEB
