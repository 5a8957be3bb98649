"""Off is off everywhere: whatever the samples bring answers at beta and is absent at alpha."""

from collections.abc import Iterator
from typing import Any

import pytest
from bell.models import Ring
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from sitecluster_board.models import NoticePage, Pin, Topic
from wagtail.models import Page
from wagtail.models.api import APIToken

from sitecluster.accounts.models import User
from sitecluster.cms.models import LinkPage
from sitecluster.plugins.middleware import _viewset_owners
from sitecluster.plugins.registry import owner_of
from sitecluster.tenancy import tenant_context
from tenants import switching
from tenants.directory import Site

from .conftest import notice, now, root_client, turn_on

ADMIN = "sitecluster.project.urls_admin"
APPS = {"board", "board_shared", "bell"}
WORDS = (
    "board main item",
    "board settings item",
    "board search area",
    "board home panel",
    "board summary item",
    "board script",
    "board pins",
    "bell menu item",
    "bell constructed item",
    "bell style",
)


@pytest.fixture
def sides(alpha: Site, beta: Site) -> tuple[Site, Site]:
    """Alpha, where board and echo were on and left their rows, and beta, where they are on."""
    for code in ("alpha", "beta"):
        site = turn_on(code, "board", "echo")
        notice(site, "Zettel", publish=False)
        with tenant_context(site):
            Pin.objects.create(topic=Topic.objects.first())
            Ring.objects.create()
            home = Page.objects.get(depth=2, locale__language_code="zh-hans")
            home.add_child(instance=LinkPage(title="Ours", slug="ours", url="https://example.org/"))
    switching.disable("alpha", "echo")
    switching.disable("alpha", "board")
    return now("alpha"), now("beta")


def patterns(
    resolver: Any, namespaces: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern, str | None]]:
    """Every address of an admin host: its name, its pattern, the app of a plugin it is from."""
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            inner = (*namespaces, part.namespace) if part.namespace else namespaces
            yield from patterns(part, inner)
        else:
            owners = [owner_of(part.callback), *(_viewset_owners().get(n) for n in namespaces)]
            owner = next((owner for owner in owners if owner), None)
            yield ":".join((*namespaces, part.name or "")), part, owner


def addresses(site: Site) -> dict[str, str]:
    """What the samples brought to the admin, with the keys of their rows at ``site``."""
    found = {}
    with tenant_context(site):
        keys = {"pin": Pin.objects.get().pk, "topic": Topic.objects.first().pk}
    for name, part, owner in patterns(get_resolver(ADMIN)):
        if owner not in APPS:
            continue
        key = keys["pin" if "pin" in name else "topic"]
        values = [key for _converter in part.pattern.converters] or [key]
        for arguments in ([], values):
            try:
                found[name] = reverse(name, ADMIN, args=arguments)
            except NoReverseMatch:
                continue
            break
        else:
            raise AssertionError(f"no address for {name}")
    return found


def test_every_address_in_the_admin(sides: tuple[Site, Site]) -> None:
    off, on = sides
    paths = addresses(on)
    assert len(paths) > 20
    client = root_client("beta")
    answered = {name: client.get(path).status_code for name, path in paths.items()}
    assert {name: status for name, status in answered.items() if status in (404, 500)} == {}
    client = root_client("alpha")
    paths = addresses(off)
    for method in (client.get, client.post):
        silent = {name: method(path).status_code for name, path in paths.items()}
        assert {name: status for name, status in silent.items() if status != 404} == {}


def general(site: Site) -> list[str]:
    """Addresses of Wagtail's own views that are about something of the board."""
    with tenant_context(site):
        home = Page.objects.get(depth=2, locale__language_code="zh-hans")
        draft, topic = NoticePage.objects.get(), Topic.objects.get(name__startswith="first")
        link = LinkPage.objects.get(slug="ours")
    return [
        f"/admin/pages/{draft.pk}/edit/",
        f"/admin/pages/{draft.pk}/view_draft/",
        f"/admin/pages/{draft.pk}/history/",
        f"/admin/pages/{draft.pk}/copy/",
        f"/admin/pages/{draft.pk}/delete/",
        f"/admin/pages/{draft.pk}/",
        f"/admin/pages/add/board/noticepage/{home.pk}/",
        "/admin/pages/usage/board/noticepage/",
        "/admin/settings/board/boardsettings/",
        f"/admin/bulk/board/topic/board_pin/?id={topic.pk}",
        f"/admin/bulk/cms/linkpage/board_pin/?id={link.pk}",
    ]


def test_general_views_about_it(sides: tuple[Site, Site]) -> None:
    off, on = sides
    answered = {path: root_client("beta").get(path).status_code for path in general(on)}
    silent = {path: root_client("alpha").get(path).status_code for path in general(off)}
    assert {path: status for path, status in answered.items() if status in (404, 500)} == {}
    assert {path: status for path, status in silent.items() if status != 404} == {}


def words_on(client: Client, path: str, words: tuple[str, ...]) -> set[str]:
    text = client.get(path).content.decode()
    return {word for word in words if word in text}


def test_menus_panels_and_scripts(sides: tuple[Site, Site]) -> None:
    expected = set(WORDS)
    assert (
        words_on(root_client("beta"), "/admin/", WORDS)
        | words_on(root_client("beta"), "/admin/pages/search/", WORDS)
        == expected
    )
    for path in ("/admin/", "/admin/pages/search/", "/admin/reports/"):
        assert words_on(root_client("alpha"), path, WORDS) == set()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/admin/pages/{home}/", ("Zettel",)),
        ("/admin/pages/search/?q=Zettel", ("Zettel",)),
        ("/admin/choose-page/{home}/", ("Zettel",)),
        ("/admin/choose-page/search/?q=Zettel", ("Zettel",)),
        ("/admin/pages/{home}/add_subpage/", ("board/noticepage",)),
        ("/admin/snippets/", ("board/topic",)),
        ("/admin/groups/new/", ("board",)),
        ("/admin/reports/page-types-usage/", ("notice page", "Notice page")),
        ("/api/v3/schema/", ("board.NoticePage", "board.Topic")),
    ],
)
def test_lists_of_the_admin(sides: tuple[Site, Site], path: str, words: tuple[str, ...]) -> None:
    found = {}
    for site in sides:
        with tenant_context(site):
            home = Page.objects.get(depth=2, locale__language_code="zh-hans").pk
        client = root_client(site.code)
        answer = client.get(path.format(home=home), headers=token(site))
        assert answer.status_code == 200
        found[site.code] = any(word in shown(answer) for word in words)
    assert found == {"alpha": False, "beta": True}


def shown(answer: Any) -> str:
    """The answer without the menu and what stands before it."""
    text = str(answer.content.decode())
    return text.partition("<main")[2] or text


def token(site: Site) -> dict[str, str]:
    """What a program of the platform admin sends to the API."""
    with tenant_context(site):
        user = User.everyone.get(email="root@example.org")
        return {"authorization": f"Bearer {APIToken.create_token(user=user, name='t')[1]}"}
