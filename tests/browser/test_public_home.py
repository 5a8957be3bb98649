"""The editor of a front page: the preview beside it shows what isn't saved."""

import re
from collections.abc import Callable

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.content import Content
from tests.browser.server import Server

DRAWN = re.compile("in_preview_panel")
# Wagtail takes down what a form began with a little after it is drawn; what was changed by then
# counts as unchanged.
BEGUN_MS, PAUSE_MS = 5_000, 1_000

Visit = Callable[[str, str], Page]


def test_the_preview_follows_colours_and_sections(
    server: Server, written: Content, sign_in: Visit, citizen: Page
) -> None:
    desk = sign_in("admin@beta.example", "beta")
    desk.goto(server.admin("beta", f"pages/{written.home_id}/edit/"))
    with desk.expect_response(DRAWN):
        desk.locator('[data-side-panel-toggle="preview"]').first.click()
    preview = desk.frame_locator("#w-preview-iframe")
    expect(preview.locator("main .hero")).to_have_count(1)
    expect(preview.locator("html")).not_to_have_attribute("data-colours", re.compile("."))

    desk.wait_for_timeout(BEGUN_MS)
    colours = desk.locator('input[name="colours"]').nth(1)
    name = colours.get_attribute("value") or ""
    _chosen(desk, preview, colours, name)

    desk.wait_for_timeout(PAUSE_MS)
    # The first section, with the header picture, goes away.
    section = desk.locator("[data-contentpath='sections'] [data-streamfield-child]").first
    section.locator("button[data-streamfield-action='DELETE']").click()
    expect(preview.locator("main .hero")).to_have_count(0)

    citizen.goto(server.town("/"))
    assert citizen.locator("html").get_attribute("data-colours") is None
    assert citizen.locator("main .hero").count() == 1


def _chosen(desk: Page, preview: FrameLocator, colours: Locator, name: str) -> None:
    """Choose the colours until the preview follows: Wagtail misses a change that is made before
    it has begun to look."""
    for _attempt in range(4):
        colours.check()
        try:
            expect(preview.locator("html")).to_have_attribute("data-colours", name, timeout=8000)
        except AssertionError:
            desk.locator('input[name="colours"]').first.check()
        else:
            return
    raise AssertionError("The preview doesn't follow.")
