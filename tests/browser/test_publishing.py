"""The main job: a township's editor writes, its reviewer publishes, a citizen reads."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.content import Content
from tests.browser.server import Server

TITLE = "北街集市腊月二十三增开一天"
TEXT = "腊月二十三增开一天，早八点开市。"
LOADED = """() => [...document.querySelectorAll("article img")].every(
    image => image.complete && image.naturalWidth)"""

Visit = Callable[[str, str], Page]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "beijie.png"
    Image.new("RGB", (1000, 700), "#a5341f").save(path)
    return path


def write_article(page: Page, photo: Path) -> None:
    """Fill the form of a new article: title, uploaded picture, a block of text, source."""
    page.get_by_placeholder("页面标题").fill(TITLE)
    page.get_by_role("button", name="选择一个图片").click()
    page.get_by_role("tab", name="上传").click()
    chooser = page.get_by_role("dialog")
    chooser.get_by_label("文件").set_input_files(photo)
    chooser.get_by_label("标题").fill("北街集市")
    chooser.get_by_role("button", name="上传").click()
    expect(chooser).to_be_hidden()
    page.locator(".c-sf-add-button").click()
    page.get_by_role("option", name="正文").click()
    text = page.locator(".public-DraftEditor-content")
    expect(text).to_be_focused()
    text.press_sequentially(TEXT)
    # The editor hands its text to the form a quarter of a second later.
    expect(page.locator("[name=body-0-value]")).to_have_value(re.compile(TEXT))
    page.get_by_label("来源").fill("贝镇党政综合办公室")


def test_editor_writes_reviewer_publishes_citizen_reads(
    server: Server, written: Content, sign_in: Visit, citizen: Page, photo: Path
) -> None:
    desk = sign_in("editor@beta.example", "beta")
    desk.goto(server.admin("beta", f"pages/add/cms/articlepage/{written.column_id}/"))
    write_article(desk, photo)
    desk.get_by_role("button", name="更多动作").click()
    expect(desk.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    desk.get_by_role("button", name=re.compile("^提交给")).click()
    expect(desk.locator(".messages")).to_contain_text(TITLE)
    citizen.goto(server.town(written.column_path))
    expect(citizen.get_by_role("link", name=TITLE)).to_have_count(0)

    review = sign_in("reviewer@beta.example", "beta")
    review.get_by_role("link", name=TITLE).first.click()
    expect(review.get_by_placeholder("页面标题")).to_have_value(TITLE)
    review.get_by_role("button", name="更多动作").click()
    review.get_by_role("button", name=re.compile("^批准")).click()
    expect(review.locator(".messages")).to_contain_text(TITLE)

    citizen.reload()
    citizen.get_by_role("link", name=TITLE).click()
    assert re.fullmatch(re.escape(server.town(written.column_path)) + r"\d{8}-\d{4,}/", citizen.url)
    expect(citizen.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(citizen.locator(".prose")).to_have_text(TEXT)
    expect(citizen.locator("article img")).to_have_count(1)
    citizen.wait_for_function(LOADED)
    assert citizen.context.cookies() == []
