"""Editing in Chinese: words of the screens, names in addresses."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.content import Content
from tests.browser.server import Server

Enter = Callable[[str, str], BrowserContext]
LATIN = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]+)*")
# A name, and what a sample plugin adds.
UNTRANSLATED = {"bell constructed item", "bell menu item", "Wagtail"}
EDITS_ARE_WATCHED = """() => new Promise(resolve =>
    document.addEventListener("w-unsaved:watch-edits", resolve, {once: true}))"""


def english(page: Page) -> set[str]:
    """The English words that stand on the screen, beside addresses."""
    text = re.sub(r"\S+@\S+", "", page.locator("body").inner_text())
    return set(LATIN.findall(text)) - UNTRANSLATED


def open_form(page: Page, address: str) -> None:
    """Open a form and wait, as a person would, until Wagtail watches what is written in it."""
    page.goto(address, wait_until="commit")
    page.evaluate(EDITS_ARE_WATCHED)


def test_sign_in_speaks_chinese_and_names_the_site(server: Server, citizen: Page) -> None:
    citizen.goto(server.admin("beta"))
    expect(citizen.get_by_role("heading", level=1)).to_have_text("登录贝镇人民政府")
    expect(citizen.get_by_label("密码")).to_be_editable()
    expect(citizen).to_have_title("登录 - 贝镇人民政府")
    assert english(citizen) == set()


def test_first_screens_hold_no_english(server: Server, written: Content, signed_in: Enter) -> None:
    page = signed_in("admin@beta.example", "beta").new_page()
    for path in (
        "",
        f"pages/{written.column_id}/",
        f"pages/{written.column_id}/add_subpage/",
        f"pages/add/cms/articlepage/{written.column_id}/",
        f"pages/add/cms/columnpage/{written.home_id}/",
        "users/",
        "users/new/",
    ):
        page.goto(server.admin("beta", path))
        expect(page.get_by_role("button", name="页面", exact=True)).to_be_visible()
        assert english(page) == set(), path


def test_draft_that_saves_itself_gets_a_name_of_day_and_number(
    server: Server, written: Content, signed_in: Enter, slug_of: Callable[[int], str]
) -> None:
    page = signed_in("admin@beta.example", "beta").new_page()
    open_form(page, server.admin("beta", f"pages/add/cms/articlepage/{written.column_id}/"))
    title = page.get_by_placeholder("页面标题")
    title.fill("集市停电通知")
    for _keystroke in range(10):  # a person goes on typing; Wagtail saves in the pauses
        if "/edit/" in page.url:
            break
        title.press("End")
        title.press_sequentially("一")
        page.wait_for_timeout(1500)
    expect(page).to_have_url(re.compile(r"/pages/\d+/edit/"))
    number = int(page.url.rsplit("/", 3)[-3])
    assert re.fullmatch(r"\d{8}-\d{4,}", slug_of(number))


def test_column_gets_the_initials_of_its_title(
    server: Server, written: Content, signed_in: Enter
) -> None:
    page = signed_in("admin@beta.example", "beta").new_page()
    page.goto(server.admin("beta", f"pages/add/cms/columnpage/{written.home_id}/"))
    page.get_by_placeholder("页面标题").fill("防汛抗旱")
    page.locator("#id_description").fill("汛情、旱情和转移避险信息。")
    page.locator("#id_keywords").fill("防汛,抗旱")
    page.locator("#id_owner_unit").fill("应急办")
    page.locator("#id_column_type").select_option(index=1)
    page.get_by_role("button", name="更多动作").click()
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(server.admin("beta", f"pages/{written.home_id}/"))
    page.get_by_role("main").get_by_role("link", name="防汛抗旱").first.click()
    page.get_by_role("tab", name="推荐").click()
    expect(page.locator("#id_slug")).to_have_value("fxkh")


def test_a_search_waits_for_the_input_method(server: Server, signed_in: Enter) -> None:
    page = signed_in("admin@beta.example", "beta").new_page()
    page.goto(server.admin("beta", "articles/"), wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    page.locator("#id_q").focus()
    keyboard = page.context.new_cdp_session(page)
    for composed in ("s", "shu", "shui", "shui'l", "shui'li"):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": composed, "selectionStart": len(composed), "selectionEnd": len(composed)},
        )
        page.wait_for_timeout(400)  # longer than a list waits before it searches
    assert asked == []
    keyboard.send("Input.insertText", {"text": "水利"})
    expect(page).to_have_url(re.compile("q=%E6%B0%B4%E5%88%A9"))
    assert len(asked) == 1
