"""Search and the map of a site, as a citizen meets them."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from sitecluster.cms.finding.searching import PAGE_SIZE
from tests.browser.content import RICH_TITLE, Content
from tests.browser.public_pages import AXE_OPTIONS, WIDER
from tests.browser.server import Server

OpenContext = Callable[..., BrowserContext]
ADDRESSES = (
    "/search/", "/search/?q=集市", "/search/?q=集市&page=2&kind=article", "/search/?q=绝无此词",
    "/search/?q=集市&kind=x", "/sitemap/",
)  # fmt: skip


@pytest.mark.parametrize(("view", "width"), [("", 360), ("elder", 360), ("contrast", 1440)])
def test_they_fit_every_screen_and_axe_finds_nothing(
    view: str, width: int, server: Server, written: Content, new_context: OpenContext
) -> None:
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    for path in ADDRESSES:
        answer = page.goto(server.town(path))
        assert answer is not None
        assert answer.status == (400 if "=x" in path else 200)
        page.evaluate("view => document.documentElement.dataset.view = view", view)
        content, window = page.evaluate(WIDER)
        assert content <= window, path
        found = Axe().run(page, options=AXE_OPTIONS)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert page.context.cookies() == []


def test_a_citizen_searches_with_the_keyboard_and_without_script(
    server: Server, written: Content, new_context: OpenContext
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(server.town())
    page.locator("header [name=q]").focus()
    page.keyboard.type("集市开放时间")
    page.keyboard.press("Enter")
    expect(page.locator(".hits h2").first).to_have_text(RICH_TITLE)
    expect(page.locator(".hits mark").first).to_have_text("集市开放时间")
    page.locator("#search-for").fill("集市")
    page.keyboard.press("Enter")
    expect(page.locator(".hits > li")).to_have_count(PAGE_SIZE)
    page.locator(".facets [value=column]").focus()
    page.keyboard.press("Space")
    page.locator(".facets button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".hits > li")).to_have_count(1)
    page.locator(".hits a").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(server.town(written.column_path))


def test_the_map_leads_to_a_column(
    server: Server, written: Content, new_context: OpenContext
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(server.town())
    page.locator(".foot").get_by_role("link", name="网站地图").click()
    assert page.url == server.town("/sitemap/")
    page.locator(".map").get_by_role("link", name="赶集信息", exact=True).click()
    assert page.url == server.town(written.column_path)
