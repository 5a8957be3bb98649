"""Off is off everywhere: whatever the samples bring answers at beta and is absent at alpha."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bell.models import Ring
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from sitecluster_board.models import NoticePage, Pin, Topic
from wagtail.models import Page, Revision
from wagtail.models.api import APIToken

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms.models import LinkPage
from sitecluster.cms.scheduling import keep
from sitecluster.plugins.middleware import _viewset_owners
from sitecluster.plugins.registry import owner_of
from sitecluster.tasks.worker import work_off
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
            topic = Topic.objects.get(name__startswith="first")
            topic.save_revision()
            Pin.objects.create(topic=topic)
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
        topic, pin = Topic.objects.get(name__startswith="first"), Pin.objects.get()
        values = {
            "revision_id": topic.latest_revision_id,
            "revision_id_a": "earliest",
            "revision_id_b": "latest",
        }
    for name, part, owner in patterns(get_resolver(ADMIN)):
        if owner not in APPS:
            continue
        values["pk"] = pin.pk if "pin" in name else topic.pk
        wanted = [*part.pattern.converters, *part.pattern.regex.groupindex]
        found[name] = reverse(name, ADMIN, kwargs={key: values[key] for key in wanted})
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
        ("/admin/pages/search/?q=Zette", ("Zettel",)),
        ("/admin/choose-page/{home}/", ("Zettel",)),
        ("/admin/choose-page/search/?q=Zette", ("Zettel",)),
        ("/admin/pages/{home}/add_subpage/", ("board/noticepage",)),
        ("/admin/snippets/", ("board/topic",)),
        ("/admin/reports/page-types-usage/", ("board.noticepage",)),
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
        assert answer.status_code in (200, 302)  # nothing left to see: back to the home screen
        found[site.code] = any(word in shown(answer) for word in words)
    assert found == {"alpha": False, "beta": True}


def test_rights_to_give_to_groups(sides: tuple[Site, Site]) -> None:
    found = {}
    for site in sides:
        form = root_client(site.code).get("/admin/groups/new/").context["form"]
        offered = form.registered_permissions.values_list("content_type__app_label", flat=True)
        found[site.code] = set(offered) & APPS
    assert found == {"alpha": set(), "beta": {"board"}}


def shown(answer: Any) -> str:
    """The answer without the menu and what stands before it."""
    text = str(answer.content.decode())
    return text.partition("<main")[2] or text


def token(site: Site) -> dict[str, str]:
    """What a program of the platform admin sends to the API."""
    with tenant_context(site):
        user = User.everyone.get(email="root@example.org")
        if not user.is_member(site.id):
            add_member(user.email, site, ["site_admin"])
        user = User.everyone.get(pk=user.pk)
        return {"authorization": f"Bearer {APIToken.create_token(user=user, name='t')[1]}"}


def api(site: Site) -> Any:
    """Asks the site's API as a platform admin: method, path, JSON."""
    client = root_client(site.code)
    headers = token(site)

    def ask(method: str, path: str, data: Any = None) -> Any:
        kwargs = {"data": data, "content_type": "application/json"} if data else {}
        return getattr(client, method)(f"/api/v3/{path}", headers=headers, **kwargs)

    return ask


def test_the_api(sides: tuple[Site, Site]) -> None:
    found: dict[str, list[Any]] = {}
    for site in sides:
        with tenant_context(site):
            draft, home = NoticePage.objects.get(), Page.objects.get(slug="site", depth=2)
            topic = Topic.objects.first()
            assert topic is not None
        ask = api(site)
        body = {"meta": {"type": "board.NoticePage", "parent_id": home.pk}, "title": "Made"}
        listed = ask("get", "pages/?limit=20&type=board.NoticePage").json()
        found[site.code] = [
            [page["id"] for page in listed["items"]] == [draft.pk],
            ask("get", f"pages/{draft.pk}/?version=draft").status_code,
            ask("post", f"pages/{draft.pk}/actions/publish/", {}).status_code,
            ask("post", "pages/", body).status_code,
            ask("get", "schema/board.NoticePage/").status_code,
            ask("get", "snippets/board.Topic/").status_code,
            ask("get", f"snippets/board.Topic/{topic.pk}/").status_code,
            ask("post", "snippets/board.Topic/", {"name": "Made"}).status_code,
        ]
        with tenant_context(site):
            found[site.code].append(NoticePage.objects.live().count())
    assert found == {
        "alpha": [False, 404, 404, 403, 404, 404, 404, 404, 0],
        "beta": [True, 200, 200, 201, 200, 200, 200, 201, 1],
    }


def test_an_app_is_on_where_either_of_its_plugins_is(sides: tuple[Site, Site]) -> None:
    path = reverse("bell_rings", ADMIN)

    def status() -> int:
        now("alpha")
        code: int = root_client("alpha").get(path).status_code
        return code

    assert status() == 404
    switching.enable("alpha", "chime")
    assert status() == 200
    switching.enable("alpha", "echo", with_required=True)
    switching.disable("alpha", "chime")
    assert status() == 200
    switching.disable("alpha", "echo")
    assert status() == 404


def test_a_plugin_of_the_platform_answers_at_the_control_site(sides: tuple[Site, Site]) -> None:
    path = reverse("watch_beats", ADMIN)
    assert root_client("beta").get(path).status_code == 404
    assert root_client("control").get(path).status_code != 404


def test_tasks_wait_while_the_plugin_is_off(sides: tuple[Site, Site], settings: Any) -> None:
    from sitecluster_board.tasks import pin

    settings.TASKS_RUN_AT_ONCE = False
    for site in sides:
        with tenant_context(site):
            pin.enqueue("by a task")
    work_off()
    assert pinned(sides) == [0, 1]
    turn_on("alpha", "board")
    work_off()
    assert pinned(sides) == [1, 1]


def pinned(sides: tuple[Site, Site]) -> list[int]:
    """How many pins a task has made at each."""
    counts = []
    for site in sides:
        with tenant_context(site):
            counts.append(Pin.objects.filter(note="by a task").count())
    return counts


def test_the_gate_costs_no_statement_in_the_admin(sides: tuple[Site, Site]) -> None:
    """An article's editor at the site where board is off, before and after it was ever on."""
    with tenant_context(sides[0]):
        page = LinkPage.objects.get(slug="ours")
    path = f"/admin/pages/{page.pk}/edit/"
    counts = {}
    for plugins in (frozenset(), frozenset({"board"})):
        for plugin in plugins:
            switching.enable("alpha", plugin)
        now("alpha")
        client = root_client("alpha")
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        counts[plugins] = len(captured)
    assert len(set(counts.values())) == 1


def test_receivers_of_signals(sides: tuple[Site, Site]) -> None:
    from bell.signals import HEARD

    HEARD.clear()
    for site in sides:
        with tenant_context(site):
            page = LinkPage.objects.get(slug="ours")
            page.title = f"Ours at {site.code}"
            page.save_revision().publish()
            Ring.objects.all().delete()  # its own model: a purge must be able to clean up
    assert HEARD == ["deleted ding", "published Ours at beta", "deleted ding"]


def test_a_feature_of_rich_text_is_offered_by_the_fields_that_name_it(alpha: Site) -> None:
    from wagtail.rich_text import features

    assert "bold" in features.get_default_features()
    assert "bell" not in features.get_default_features()


def test_drafts_of_snippets_and_what_is_scheduled(sides: tuple[Site, Site]) -> None:
    past = timezone.now() - timedelta(minutes=1)
    found = {}
    for site in sides:
        with tenant_context(site):
            topic = Topic.objects.get(name__startswith="first")
            draft = NoticePage.objects.get()
            Topic.objects.update(live=False)
            for thing in (topic, draft):
                revision = thing.save_revision()
                Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=past)
                kind = ContentType.objects.get_for_model(Page if thing is draft else Topic)
                keep.func(f"{kind.pk}:{thing.pk}")
            found[site.code] = [
                Topic.objects.get(pk=topic.pk).live,
                Page.objects.get(pk=draft.pk).live,
            ]
    assert found == {"alpha": [False, False], "beta": [True, True]}


def test_a_site_admins_lists(sides: tuple[Site, Site]) -> None:
    """Whose pages are found by groups, unlike a platform admin's."""
    found = {}
    for site in sides:
        with tenant_context(site):
            add_member("admin@example.org", site, ["site_admin"])
            user = User.everyone.get(email="admin@example.org")
            client = Client(headers={"host": f"{site.code}.admin.localhost"})
            client.force_login(user)
            home = Page.objects.get(depth=2, locale__language_code="zh-hans").pk
        paths = (f"/admin/pages/{home}/", "/admin/pages/search/?q=Zette", "/admin/board_pins/")
        answers = [client.get(path) for path in paths]
        found[site.code] = [(a.status_code, "Zettel" in shown(a)) for a in answers]
    assert found == {
        "alpha": [(200, False), (200, False), (404, False)],
        "beta": [(200, True), (200, True), (200, False)],
    }
