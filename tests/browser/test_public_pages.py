"""Public pages on every screen: nothing sticks out, the keyboard suffices, no script is needed."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.content import PAUSE, RICH_TITLE, Content
from tests.browser.public_pages import NAMES, STATUS, faults
from tests.browser.server import Server

OpenContext = Callable[..., BrowserContext]
SIZES = {"phone": (360, 740), "tablet": (768, 1024), "desktop": (1440, 900)}
BROKEN = """() => [...document.images].filter(
    image => image.loading != "lazy" && !(image.complete && image.naturalWidth)).map(i => i.src)"""
FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {tag: element.tagName, href: element.href, top: box.top, height: box.height,
        outline: style.outlineStyle == "none" ? 0 : parseFloat(style.outlineWidth)};
}"""


@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_every_screen_and_axe_finds_nothing(
    size: str, address: Callable[[str], str], new_context: OpenContext
) -> None:
    width, height = SIZES[size]
    page = new_context(viewport={"width": width, "height": height}).new_page()
    for name in NAMES:
        answer = page.goto(address(name))
        assert answer is not None
        assert answer.status == STATUS.get(name, 200), name
        assert page.evaluate(BROKEN) == [], name
        assert faults(page) == [], name
    assert page.context.cookies() == []


def test_article_shows_every_kind_of_block(address: Callable[[str], str], citizen: Page) -> None:
    citizen.goto(address("article"))
    for selector in (
        "h2", "h3", "ul", "ol", "hr", "blockquote", ".picture img", ".gallery img", "table",
        ".file", "video", "details",
    ):  # fmt: skip
        expect(citizen.locator(f".prose {selector}").first).to_be_attached()
    expect(citizen.locator(".attachments a")).to_have_text("赶集安全须知")


@pytest.mark.parametrize("name", ["portal", "article", "column"])
def test_keyboard_starts_with_the_skip_link_and_always_shows_where_it_is(
    name: str, address: Callable[[str], str], citizen: Page
) -> None:
    citizen.goto(address(name))
    citizen.keyboard.press("Tab")
    skip: dict[str, Any] = citizen.evaluate(FOCUSED)
    assert skip["href"].endswith("#main")
    assert skip["top"] >= 0
    for _ in range(15):
        citizen.keyboard.press("Tab")
        focused: dict[str, Any] = citizen.evaluate(FOCUSED)
        assert focused["outline"] >= 2, focused
        assert focused["height"] >= 20, focused
    citizen.goto(address(name))
    citizen.keyboard.press("Tab")
    citizen.keyboard.press("Enter")
    expect(citizen.locator("#main")).to_be_focused()


def test_a_citizen_needs_no_script(
    server: Server, written: Content, address: Callable[[str], str], new_context: OpenContext
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(address("township"))
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="赶集信息").click()
    assert page.url == server.town(written.column_path)
    page.get_by_role("link", name="下一页").click()
    assert page.url == address("page two")
    page.get_by_role("link", name="1", exact=True).click()
    page.get_by_role("link", name=RICH_TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(RICH_TITLE)
    page.get_by_role("navigation", name="当前位置").get_by_role("link", name="赶集信息").click()
    assert page.url == server.town(written.column_path)


def test_a_paused_site_says_so(address: Callable[[str], str], citizen: Page) -> None:
    citizen.goto(address("offline"))
    expect(citizen.get_by_role("main")).to_contain_text(PAUSE)


def test_the_site_map_lists_addresses_below_the_prefix(
    server: Server, written: Content, citizen: Page
) -> None:
    answer = citizen.goto(server.town("/sitemap.xml"))
    assert answer is not None
    assert answer.headers["content-type"].startswith("application/xml")
    listed = {
        each.text for each in ElementTree.fromstring(answer.body()).iter() if "loc" in each.tag
    }
    assert {
        server.town(),
        server.town(written.article_path),
        server.town(written.topic_path),
    } <= listed
    assert all(str(place).startswith(server.town()) for place in listed)
    assert citizen.context.cookies() == []
