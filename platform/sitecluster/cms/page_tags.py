"""网页标签: the tags that every page carries for those who inspect and gather government sites.

Source: guideline 2017-47, B.7. Three tags of the site on every page, four of the column on lists
and content pages, three and some optional ones of the content. An empty required tag is refused
when a page is published (`problems`), never printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy as _

from sitecluster.tenancy import CONTROL, Tenant, tenant_context

from . import illustrations
from .addresses import with_host

LISTS, WITHOUT = frozenset({"column", "topic"}), frozenset({"home", "link", ""})
COLUMN = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")


@dataclass(frozen=True)
class Tag:
    """One ``<meta>`` element."""

    name: str
    content: str


def tags(page: Any, column: Any) -> list[Tag]:
    """The tags of a specific page beside those of its site, without empty ones.

    ``column`` is the column or topic that a content page stands in, None for other pages.
    """
    kind = getattr(page, "library_kind", "")
    if kind in WITHOUT:
        return []
    if kind in LISTS:
        found = column_tags(page)
    else:
        found = [*(column_tags(column) if column else ()), *_content_tags(page)]
    return [tag for tag in found if tag.content]


def column_tags(column: Any) -> list[Tag]:
    """The four tags of a column or topic; a column without a type shares that of the one above."""
    if column.library_kind == "topic":
        kind = gettext("Topics")
        values = [column.title, column.summary, f"{column.title},{kind}", kind]
    else:
        kind = str(column_type(column) or "")
        values = [column.title, column.description, column.keywords, kind]
    return [Tag(*pair) for pair in zip(COLUMN, map(one_line, values), strict=True)]


def column_type(column: Any) -> Any:
    """The type of a column, or of the nearest column above that has one; else None."""
    if column.column_type_id is not None:
        return column.column_type
    above = apps.get_model("cms", "ColumnPage").objects.ancestor_of(column)
    typed = above.exclude(column_type=None).select_related("column_type").order_by("-depth")
    nearest = typed.first()
    return nearest.column_type if nearest else None


def column_of(parent: Any) -> Any:
    """The column or topic that ``parent``, a page read without its type, is; else None.

    Costs one statement.
    """
    kind = parent.specific_class if parent is not None else None
    if kind is apps.get_model("cms", "ColumnPage"):
        return kind.objects.select_related("column_type").filter(pk=parent.pk).first()
    if kind is apps.get_model("cms", "TopicPage"):
        return kind.objects.defer_streamfields().filter(pk=parent.pk).first()
    return None


def site_id_code(tenant: Tenant | None, own: str) -> str:
    """网站标识码: the site's ``own``, or that of the nearest site above on the same host.

    A site below the path of its portal is part of the portal's filing (guideline 2017-47, B.4).
    """
    site = tenant
    while not own and site is not None:
        above = site.parent
        if not (above and above.address and site.address and _share_host(site, above)):
            break
        site = above
        with tenant_context(above):
            own = _own_code()
    return own


def published_at(page: Any) -> datetime | None:
    """When citizens could first read the page: what its editor says, else when it went live."""
    when: datetime | None = getattr(page, "published_at", None) or page.first_published_at
    return when


def source_of(page: Any) -> str:
    """Where the content comes from; a type of page without a source is of the site's host unit."""
    return str(page.source) if hasattr(page, "source") else _host_unit()


def problems(page: Any, tenant: Tenant | None) -> Iterator[Any]:
    """What required tag would be empty if this specific page were published now."""
    if tenant is not None and _is_public(tenant) and not site_id_code(tenant, _own_code()):
        yield _(
            "The site has no site identification code, which every page must show: it is entered"
            " under Settings, “Site identity”."
        )
    if getattr(page, "library_kind", "") in WITHOUT | LISTS:
        return
    parent = page.get_parent()
    column = column_of(parent)
    for tag in column_tags(column) if column else ():
        if not tag.content:
            text = _("The page tag {tag} would be empty: “{column}” has to be completed first.")
            yield format_lazy(text, tag=tag.name, column=column.title)


def one_line(text: Any) -> str:
    """As an attribute holds it."""
    return " ".join(str(text or "").split())


def picture_url(page: Any) -> str:
    """The absolute address of the page's lead image as others' cards show it, or ""."""
    drawn = illustrations.drawn(getattr(page, "lead_image", None), "share")
    if drawn is None:
        return ""
    return with_host(drawn.url)


def _content_tags(page: Any) -> list[Tag]:
    when = published_at(page)
    summary = getattr(page, "summary", "") or page.search_description
    pairs = {
        "ArticleTitle": page.title,
        "PubDate": timezone.localtime(when).strftime("%Y-%m-%d %H:%M") if when else "",
        "ContentSource": source_of(page),
        "Keywords": getattr(page, "keywords", ""),
        "Author": getattr(page, "author", ""),
        "Description": summary,
        "Image": picture_url(page),
        "Url": page.full_url,
    }
    return [Tag(name, one_line(value)) for name, value in pairs.items()]


def _is_public(tenant: Tenant) -> bool:
    blueprint = tenant.is_blueprint or tenant.kind == CONTROL
    return tenant.state == "live" and tenant.address is not None and not blueprint


def _share_host(site: Tenant, above: Tenant) -> bool:
    return bool(site.address and above.address and site.address.host == above.address.host)


def _own_code() -> str:
    identity = apps.get_model("cms", "SiteIdentity").objects.only("site_id_code").first()
    return identity.site_id_code if identity else ""


def _host_unit() -> str:
    identity = apps.get_model("cms", "SiteIdentity").objects.first()
    return (identity.host_unit or identity.legal_name) if identity else ""
