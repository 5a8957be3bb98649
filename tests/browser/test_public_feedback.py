"""Writing to a site, and leaving it: with the keyboard alone, and without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looking import cut_off, look
from tests.browser.public_pages import faults
from tests.browser.server import Server

OpenContext = Callable[..., BrowserContext]
QUESTION = "门户网站，是否继续？"
ELSEWHERE = "https://example.org/"


def elsewhere(context: BrowserContext) -> BrowserContext:
    """Let the one address that the article links to answer, so that no test asks the internet."""
    page = "<!doctype html><html lang=en><title>Elsewhere</title>"
    context.route(
        f"{ELSEWHERE}**", lambda route: route.fulfill(body=page, content_type="text/html")
    )
    return context


def tab_to(page: Page, locator: Any) -> None:
    """Press Tab until ``locator`` has the focus."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The keyboard doesn't reach {locator}.")


@pytest.mark.parametrize("script", [True, False])
def test_an_error_is_reported_with_the_keyboard(
    script: bool, address: Callable[[str], str], new_context: OpenContext
) -> None:
    size = {"width": 360, "height": 740}
    page = new_context(viewport=size, java_script_enabled=script).new_page()
    page.goto(address("article"))
    page.get_by_role("link", name="我为政府网站找错").click()
    expect(page.get_by_label("所在页面")).to_have_value(re.compile("/zz/beta/gjxx/"))
    text = page.locator("#feedback-text")
    if script:  # without, a browser tells nobody what has the focus
        tab_to(page, text)
        page.keyboard.type("有错。")
        tab_to(page, page.locator(".form .button").first)
        page.keyboard.press("Enter")
        expect(page.locator(".problem")).to_be_focused()
        assert not faults(page)
        assert cut_off(page) == []
        look(page, "feedback-faults")
    else:
        text.fill("有错。")
        page.locator(".form .button").first.click()
    expect(page.locator("fieldset .field__error")).to_be_visible()
    expect(text).to_have_value("有错。")
    page.get_by_role("radio").nth(1).check()
    text.fill("集市安排表的日期写错了。")
    page.locator(".form .button").first.click()
    number = page.locator(".receipt__number").inner_text()
    assert re.fullmatch(r"\d{8}-\w{4}-\w{4}", number)
    if script:
        assert not faults(page)
        assert cut_off(page) == []
        look(page, "feedback-received")
    page.locator("main .button--line").click()
    page.locator("#receipt-number").fill(number)
    page.keyboard.press("Enter")
    expect(page.locator(".receipt__number")).to_have_text(number)
    assert page.context.cookies() == []


def test_the_prompt_is_a_dialog_for_the_keyboard(
    address: Callable[[str], str], new_context: OpenContext
) -> None:
    page = elsewhere(new_context(viewport={"width": 360, "height": 740})).new_page()
    page.goto(address("article"))
    link, dialog = page.get_by_role("link", name="安排表"), page.get_by_role("dialog")
    link.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(QUESTION)
    expect(dialog).to_contain_text(ELSEWHERE)
    expect(dialog.get_by_role("button", name="继续访问")).to_be_focused()
    assert not faults(page)
    look(page, "leaving-dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # 放弃
    expect(dialog).to_be_hidden()
    assert page.url == address("article")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(ELSEWHERE)


def test_the_prompt_is_a_page_without_script(
    server: Server, address: Callable[[str], str], new_context: OpenContext
) -> None:
    page = elsewhere(new_context(java_script_enabled=False)).new_page()
    page.goto(address("article"))
    for leads_to, name in ((address("article"), "放弃"), (ELSEWHERE, "继续访问")):
        page.get_by_role("link", name="安排表").click()
        assert page.url.startswith(server.town(f"/go/?u={ELSEWHERE}"))
        expect(page.get_by_role("main")).to_contain_text(QUESTION)
        look(page, "leaving-page")
        page.get_by_role("main").get_by_role("link", name=name).click()
        page.wait_for_url(leads_to)


def test_the_prompts_page_is_well_made(
    address: Callable[[str], str], new_context: OpenContext
) -> None:
    page = elsewhere(new_context(viewport={"width": 360, "height": 740})).new_page()
    page.goto(address("article"))
    prompt = page.get_by_role("link", name="安排表").get_attribute("href")
    assert prompt
    page.goto(address("article").partition("/zz/")[0] + prompt)
    assert not faults(page)
    assert cut_off(page) == []
