"""Columns that the cluster asks of many sites: added to one, withdrawn from one (A-042, A-210).

Everything works on the active site and goes through `publication`, so gates, library and redirects
hold as they do for an editor. What is refused is a ValidationError or a PublicationRefused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, ngettext
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Revision, Site

from sitecluster.audit.trail import record
from sitecluster.library.models import ColumnType
from sitecluster.tenancy import required_tenant

from . import redirects
from .addresses import path_within
from .articles import ArticlePage
from .columns import ColumnPage
from .identity import SiteIdentity
from .publication import publishing

OTHER = "other"  # the type of columns that have no window of their own


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A column to be: ``below`` is the path of the column above ("" the front page), ``slug`` its
    name in the address, ``column_type`` a code, OTHER where none is given; without an
    ``owner_unit`` the site's host unit."""

    title: str
    slug: str
    below: str = ""
    column_type: str = ""
    owner_unit: str = ""
    update_frequency: str = "on_change"
    description: str = ""
    keywords: str = ""
    must_have: bool = True


class Articles(StrEnum):
    """What becomes of the articles of a column that is withdrawn."""

    REFUSE = "refuse"
    UNPUBLISH = "unpublish"
    MOVE = "move"


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """A column to go: its ``path`` within the site, and for `Articles.MOVE` that of the column
    which gets its articles. ``leads_to`` is the absolute address for its old one, or ""."""

    path: str
    articles: Articles = Articles.REFUSE
    target: str = ""
    leads_to: str = ""


@dataclass(frozen=True)
class Why:
    """Who asks for it, for the audit trail."""

    by: Any = None
    reason: str = ""
    document: str = ""


def add(wanted: Wanted, why: Why) -> str | None:
    """Give the active site the column; what was done, or None if it has it.

    One that stands there is published and marked, its own texts stay.
    """
    with publishing(why.by) as work:
        parent = _parent(wanted.below)
        page = Page.objects.child_of(parent).filter(slug=wanted.slug).first()
        if page is None:
            column, done = _make(parent, wanted, why), _("Added.")
        else:
            column, done = _column(page.specific), _mend(page.specific, wanted, why)
            work.touched.add(column.pk)
        if done:
            _note("column.added", column, why, after={"must_have": wanted.must_have})
        return done or None


def withdraw(wanted: Withdrawal, why: Why) -> str | None:
    """Take the column and what is below it from the active site; None if it isn't there.

    A branch without any page left is deleted, another one unpublished.
    """
    with publishing(why.by):
        page = page_at(wanted.path)
        if page is None or not page.live:
            return None
        column = _column(page.specific)
        title, paths = column.title, _paths([column, *_live(column, ColumnPage)])
        done = _clear(column, wanted, why)
        _note("column.withdrawn", column, why, after={"articles": str(wanted.articles)})
        column.refresh_from_db()
        if column.get_descendants().not_type(ColumnPage).exists():
            _unpublish(column, why)
            done.append(_("“%s” unpublished.") % title)
        else:
            DeletePageAction(column, user=why.by).execute(skip_permission_checks=True)
            done.append(_("“%s” removed.") % title)
        if wanted.leads_to:
            _lead(paths, wanted.leads_to)
            done.append(_("Its address leads to %s.") % wanted.leads_to)
        return " ".join(done)


def page_at(path: str) -> Page | None:
    """The page at this path below the front page of the active site."""
    root = Site.objects.select_related("root_page").get(is_default_site=True).root_page
    parts = [part for part in path.strip("/").split("/") if part]
    url_path = "/".join([root.url_path.rstrip("/"), *parts]) + "/"
    return Page.objects.filter(url_path=url_path).first()


def _parent(path: str) -> Page:
    page = page_at(path)
    if page is None or not page.live:
        raise ValidationError(_("There is no column at %s.") % _shown(path))
    found: Page = page.specific
    if path.strip("/"):
        _column(found)
    return found


def _column(page: Any) -> ColumnPage:
    if not isinstance(page, ColumnPage):
        text = _("At %(path)s stands “%(title)s”, which is no column.")
        path = path_within(page.url_path, page.locale.language_code)
        raise ValidationError(text % {"path": path, "title": page.title})
    return page


def _make(parent: Page, wanted: Wanted, why: Why) -> ColumnPage:
    column = ColumnPage(
        title=wanted.title,
        slug=wanted.slug,
        owner_unit=wanted.owner_unit or _host_unit(),
        column_type=_type(wanted.column_type or OTHER),
        update_frequency=wanted.update_frequency,
        description=wanted.description or wanted.title,
        keywords=wanted.keywords or wanted.title,
        must_have=wanted.must_have,
        locale=parent.locale,
        live=False,
    )
    parent.add_child(instance=column)
    _publish(column, column.save_revision(user=why.by), why)
    return column


def _mend(column: ColumnPage, wanted: Wanted, why: Why) -> str:
    """Publish the column that is there and mark it; a draft of it stays a draft."""
    done = []
    if not column.live:
        _publish(column, column.get_latest_revision() or column.save_revision(user=why.by), why)
        done.append(_("Published."))
    if wanted.must_have and not ColumnPage.objects.filter(pk=column.pk, must_have=True).exists():
        ColumnPage.objects.filter(pk=column.pk).update(must_have=True)
        for revision in Revision.page_revisions.filter(object_id=str(column.pk)):
            content = {**revision.content, "must_have": True}
            Revision.objects.filter(pk=revision.pk).update(content=content)
        done.append(_("Marked as a must-have column."))
    return " ".join(done)


def _publish(column: ColumnPage, revision: Revision, why: Why) -> None:
    PublishPageRevisionAction(revision, user=why.by).execute(skip_permission_checks=True)
    column.refresh_from_db()


def _unpublish(column: ColumnPage, why: Why) -> None:
    """The whole branch; Wagtail's own way asks for the person's rights on the site."""
    below = column.get_descendants().live().order_by("-depth")
    for page in [*below.specific(), column]:
        UnpublishPageAction(page, user=why.by).execute(skip_permission_checks=True)


def _clear(column: ColumnPage, wanted: Withdrawal, why: Why) -> list[str]:
    """Do with the articles of the branch what is wanted; sentences about it."""
    live = _live(column, ArticlePage)
    if wanted.articles is Articles.MOVE:
        return _move(column, wanted, why)
    if not live:
        return []
    count = len(live)
    if wanted.articles is Articles.REFUSE:
        text = ngettext(
            "%d live article stands in it: say what is to become of it.",
            "%d live articles stand in it: say what is to become of them.",
            count,
        )
        raise ValidationError(text % count)
    return [ngettext("%d article unpublished.", "%d articles unpublished.", count) % count]


def _move(column: ColumnPage, wanted: Withdrawal, why: Why) -> list[str]:
    target = _column(_parent(wanted.target))
    if target.path.startswith(column.path):
        raise ValidationError(_("The articles can't be moved into the column that goes."))
    articles = list(ArticlePage.objects.descendant_of(column))
    for article in articles:
        # Each move changes the tree, of which Wagtail keeps what it has read.
        page = Page.objects.get(pk=article.pk)
        place = Page.objects.get(pk=target.pk)
        MovePageAction(page, place, pos="last-child", user=why.by).execute(
            skip_permission_checks=True
        )
    count = len(articles)
    text = ngettext(
        "%(count)d article moved to “%(title)s”.", "%(count)d articles moved to “%(title)s”.", count
    )
    return [text % {"count": count, "title": target.title}] if count else []


def _live(column: ColumnPage, model: Any) -> list[Any]:
    return list(model.objects.live().descendant_of(column))


def _paths(pages: Iterable[Page]) -> list[str]:
    found = (path_within(page.url_path, page.locale.language_code) for page in pages)
    return [path for path in found if path]


def _lead(paths: Iterable[str], address: str) -> None:
    for path in paths:
        old = redirects.stored(path)
        Redirect.objects.filter(old_path=old).delete()
        Redirect.objects.create(old_path=old, redirect_link=address, is_permanent=True)


def _type(code: str) -> ColumnType:
    try:
        return ColumnType.objects.get(code=code)
    except ColumnType.DoesNotExist:
        raise ValidationError(_("There is no column type %s.") % code) from None


def _host_unit() -> str:
    identity = SiteIdentity.objects.first()
    return (identity.host_unit if identity else "") or required_tenant().name


def _shown(path: str) -> str:
    return f"/{path.strip('/')}/" if path.strip("/") else "/"


def _note(act: str, column: ColumnPage, why: Why, after: dict[str, Any]) -> None:
    path = path_within(column.url_path, column.locale.language_code)
    record(
        act,
        by=why.by,
        subject=column.title,
        after={"path": path, **after},
        reason=why.reason,
        document=why.document,
    )
