"""A server with committed sites, and browsers in front of it.

Playwright keeps an event loop in the thread of the tests while it runs, so it is started once a
module and no test here touches the database.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from pytest_django.plugin import DjangoDbBlocker

from tests.browser import content, control, public_pages
from tests.browser.content import PASSWORD, Content
from tests.browser.server import Server, free_port, serve
from tests.databases import connected_to, database_copy, database_url, web_role

DEBIANS = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
    " --disable-sync"
).split()
PATIENCE_MS = 20_000

# What the browser and a library of Wagtail's (handsontable) say without need.
HARMLESS = ("Failed to load resource", "Language with code")

OpenContext = Callable[..., BrowserContext]
Visit = Callable[[str, str], Page]
OnControl = Callable[..., Page]
Installation = tuple[Server, Content, dict[str, bytes]]  # and second factors by person

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(autouse=True)
def _test_database(chromium: Browser, db: None) -> None:
    """Makes pytest-django set up the database that is copied, even if these tests run alone."""


@pytest.fixture(scope="session")
def _installation(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("served")
    with django_db_blocker.unblock(), database_copy("browser") as name:
        shutil.copytree(settings.MEDIA_ROOT, folder / "media")
        with connected_to(name), override_settings(MEDIA_ROOT=folder / "media"):
            written, keys = content.write(), control.people()
        with web_role(name) as web, serve(database_url(name), web, folder, free_port()) as running:
            yield running, written, keys


@pytest.fixture(scope="session")
def server(_installation: Installation) -> Server:
    """Serves alpha, beta and gamma out of a copy of the test database."""
    return _installation[0]


@pytest.fixture(scope="session")
def written(_installation: Installation) -> Content:
    """The pages that stand on the served sites."""
    return _installation[1]


@pytest.fixture(scope="module")
def chromium(_installation: Installation) -> Iterator[Browser]:
    """Debian's Chromium where it runs (Ubuntu's is a stub), otherwise Playwright's own.

    Beside its event loop this thread has another connection to the test database, closed here.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=DEBIANS if _runs(DEBIANS) else None, args=FLAGS
        )
        yield browser
        browser.close()
        connections.close_all()


def _runs(program: Path) -> bool:
    if not program.exists():
        return False
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[OpenContext]:
    """Opens a browser window of its own, without cookies, in Chinese.

    No script may have met an error in it until the end of the test.
    """
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            errors.append(f"{message.page and message.page.url}: {message.text}")

    def open_context(**options: Any) -> BrowserContext:
        context = chromium.new_context(
            **{"locale": "zh-CN", "viewport": {"width": 1280, "height": 900}, **options}
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", listen)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()
    assert errors == []


@pytest.fixture
def sign_in(new_context: OpenContext, server: Server) -> Visit:
    """Signs a person in by hand on the admin host of a site, in a window of its own."""

    def visit(email: str, code: str) -> Page:
        page = new_context().new_page()
        page.goto(server.admin(code))
        page.locator("[name=username]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(server.admin(code))
        return page

    return visit


@pytest.fixture(scope="session")
def _known_sessions() -> dict[str, Any]:
    return {}


@pytest.fixture
def signed_in(
    new_context: OpenContext, sign_in: Visit, _known_sessions: dict[str, Any]
) -> Callable[[str, str], BrowserContext]:
    """A window in which a person signed in before, on the site of this code the first time."""

    def visit(email: str, code: str) -> BrowserContext:
        if email not in _known_sessions:
            _known_sessions[email] = sign_in(email, code).context.storage_state()
        return new_context(storage_state=_known_sessions[email])

    return visit


@pytest.fixture
def on_control(
    new_context: OpenContext,
    server: Server,
    _known_sessions: dict[str, Any],
    _installation: Installation,
) -> OnControl:
    """Opens a page of the control site, below its admin, for one of `tests.browser.control`; the
    person signs in by hand the first time."""

    def sign_in(email: str) -> None:
        page = new_context().new_page()
        page.goto(server.admin("control"))
        page.locator("[name=username]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.locator("[name=code]")).to_be_focused()
        page.keyboard.type(control.shown(_installation[2][email]))
        page.keyboard.press("Enter")
        page.wait_for_url(server.admin("control"))
        _known_sessions[email] = page.context.storage_state()

    def visit(email: str, path: str = "", **options: Any) -> Page:
        if email not in _known_sessions:
            sign_in(email)
        page = new_context(storage_state=_known_sessions[email], **options).new_page()
        page.goto(server.admin("control", path))
        return page

    return visit


@pytest.fixture
def slug_of(server: Server) -> Iterator[Callable[[int], str]]:
    """The name of a page of the township in its address, drafts too, by the page's number."""
    with closing(psycopg2.connect(server.database_url)) as connection:

        def read(page_id: int) -> str:
            with connection.cursor() as cursor:
                cursor.execute("SELECT slug FROM s_beta.wagtailcore_page WHERE id = %s", [page_id])
                ((slug,),) = cursor.fetchall()
                return str(slug)

        yield read


@pytest.fixture(scope="session")
def address(server: Server, written: Content) -> Callable[[str], str]:
    """Where the public page of a name stands."""
    return public_pages.addresses(server, written).__getitem__


@pytest.fixture
def citizen(new_context: OpenContext) -> Page:
    """A page in a fresh window."""
    return new_context().new_page()
