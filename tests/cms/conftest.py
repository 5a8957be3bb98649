"""A desk on a site: an editor's browser and a branch of pages to work with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from wagtail.models import Page, Site as WagtailSite
from wagtail.test.utils.form_data import (
    nested_form_data,
    querydict_from_html,
    rich_text,
    streamfield,
)

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms import publication
from sitecluster.cms.gates import GATES, Act, Kind
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.library.models import ColumnType, Item
from sitecluster.rights.roles import SITE_ADMIN
from sitecluster.tenancy import tenant_context
from tenants.directory import Site, forget, sites
from tenants.models import State, Tenant


def add(parent: Page, page: Any, publish: bool = True) -> Any:
    """Make ``page`` below ``parent`` as an editor would: a draft, then a published revision."""
    page.live = False
    page.locale_id = parent.locale_id
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    revision = page.save_revision()
    if publish:
        revision.publish()
    return type(page).objects.get(pk=page.pk)


def column(parent: Page, title: str, slug: str, publish: bool = True) -> ColumnPage:
    """A column that may be published."""
    made = ColumnPage(
        title=title,
        slug=slug,
        owner_unit="办公室",
        column_type=ColumnType.objects.get(code="news"),
        description="说明。",
        keywords="公告",
    )
    return add(parent, made, publish)


def article(parent: Page, title: str, publish: bool = True, **fields: Any) -> ArticlePage:
    """An article that may be published."""
    body = [("text", "<p>全文内容。</p>")]
    made = ArticlePage(title=title, **({"source": "县政府办公室", "body": body} | fields))
    return add(parent, made, publish)


def disagreements() -> list[str]:
    """Where the live pages of any site and the library's rows differ."""
    return [f"{site.code}: {line}" for site in sites() for line in publication.compare(site)]


def form_of(response: Any) -> QueryDict:
    """What the page editor would send; a script draws the blocks, so they are given here."""
    data = querydict_from_html(response.content.decode(), form_id="page-edit-form")
    body = streamfield([("text", rich_text("<p>正文。</p>"))])
    data.update(nested_form_data({"body": body}))
    return data


@dataclass
class Desk:
    """Somebody with every right at work on ``site``, whose schema is active."""

    site: Site
    user: User
    client: Client
    home: Page
    first: ArticlePage
    second: ArticlePage
    draft: ArticlePage
    news: ColumnPage

    add = staticmethod(add)
    column = staticmethod(column)
    article = staticmethod(article)
    disagreements = staticmethod(disagreements)

    def row(self, page: Page) -> Item | None:
        """The page's row in the library, unless it is withdrawn."""
        rows = Item.objects.filter(tenant_id=self.site.id, page_id=page.pk)
        return rows.filter(withdrawn_at=None).first()

    def get(self, path: str) -> Any:
        """The answer of the site's admin host."""
        return self.client.get(path)

    def post(self, path: str, data: Any = None, **kwargs: Any) -> Any:
        """The same for what is sent."""
        return self.client.post(path, {} if data is None else data, **kwargs)

    def edit(self, page: Page, button: str = "action-publish", **changes: Any) -> Any:
        """Change fields in the page editor and press a button."""
        path = f"/admin/pages/{page.pk}/edit/"
        data = form_of(self.get(path))
        data.update(changes)
        data[button] = button
        return self.post(path, dict(data.lists()))


@pytest.fixture
def make_desk(db: None) -> Iterator[Callable[[Site], Desk]]:
    """Makes a desk on a site and keeps the site's schema active for the length of the test."""
    entered: list[Any] = []

    def make(site: Site) -> Desk:
        context = tenant_context(site)
        context.__enter__()
        entered.append(context)
        user = User.everyone.filter(email="desk@example.org").first()
        user = user or User.everyone.create_superuser("desk@example.org")
        add_member(user.email, site, [SITE_ADMIN.code])  # a token works for members alone
        host = f"{site.code}.admin.localhost"
        client = Client(headers={"host": host})
        client.force_login(user)
        home = WagtailSite.objects.get().root_page
        news = column(home, "要闻动态", "ywdt-test")
        return Desk(
            site=site,
            user=user,
            client=client,
            home=home,
            first=article(news, "第一篇"),
            second=article(news, "第二篇"),
            draft=article(news, "草稿", publish=False),
            news=ColumnPage.objects.get(pk=news.pk),
        )

    yield make
    for context in reversed(entered):
        context.__exit__(None, None, None)


@pytest.fixture(params=["alpha", "beta"])
def desk(
    request: Any, alpha: Site, beta: Site, make_desk: Callable[[Site], Desk]
) -> Iterator[Desk]:
    """A desk on the portal, then on the township below the portal's path.

    Whatever a test does there, live pages and library rows of all sites agree at its end.
    """
    yield make_desk({"alpha": alpha, "beta": beta}[request.param])
    assert disagreements() == []


@pytest.fixture
def objection() -> Iterator[str]:
    """A gate that objects to making drafts live; gives its words."""
    words = "草稿要先审核。"

    def objecting(act: Act) -> list[str]:
        return [words] if act.kind is Kind.PUBLISH and act.page.title == "草稿" else []

    GATES.append(objecting)
    yield words
    GATES.remove(objecting)


@pytest.fixture
def freeze(desk: Desk) -> Callable[[], None]:
    """Makes the desk's site read-only for everybody."""

    def now() -> None:
        Tenant.objects.filter(code=desk.site.code).update(state=State.READONLY)
        forget()

    return now


@pytest.fixture
def hold(desk: Desk) -> Iterator[Callable[[], None]]:
    """Makes a gate object to whatever happens to a page of the desk's site."""

    def objecting(act: Act) -> list[str]:
        return [f"{desk.site.name}暂不变更。"]

    yield lambda: GATES.append(objecting)
    if objecting in GATES:
        GATES.remove(objecting)
