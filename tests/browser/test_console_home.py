"""The tree of sites in a browser, and Wagtail's own lists on a phone."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OnControl
from tests.browser.content import Content
from tests.browser.control import BOSS
from tests.browser.looking import PHONE, cut_off, look
from tests.browser.server import Server

ROWS = ".console-sites tbody tr"


def listed(page: Page) -> list[str]:
    """The codes that stand on the screen, once the page is whole."""
    page.wait_for_load_state()
    return page.locator(f"{ROWS} code").all_inner_texts()


def test_a_site_is_found_narrowed_down_and_chosen(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS)
    page.locator(".console-summary a").first.click()
    page.wait_for_url(server.admin("control", "cluster/sites/"))
    look(page, "console-home")
    assert {"alpha", "beta", "gamma", "control"} <= set(listed(page))
    assert violations(page) == []

    page.get_by_role("searchbox").or_(page.locator("#id_q")).first.fill("水利")
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("gamma")
    expect(page.locator(ROWS)).to_contain_text("阿县人民政府")  # the site above
    assert "q=" in page.url
    page.locator("#id_q").fill("")
    expect(page.locator(ROWS).nth(2)).to_be_visible()

    page.locator("#filters-drilldown button").first.click()
    page.locator("[aria-controls=drilldown-id_kind]").click()
    page.locator("#drilldown-id_kind input[value=township]").check()
    portal = page.locator(f"{ROWS} code").get_by_text("alpha", exact=True)
    expect(portal).to_have_count(0)
    expect(page).to_have_url(re.compile("kind=township"))
    page.keyboard.press("Escape")
    page.reload()
    expect(portal).to_have_count(0)
    look(page, "console-home-filtered")
    assert "beta" in listed(page)  # and the townships that other tests have opened
    assert not {"alpha", "gamma", "control"} & set(listed(page))
    assert violations(page) == []

    start = page.locator(".console-chosen [data-w-bulk-target=action]")
    expect(start).not_to_be_visible()
    page.locator("thead [data-w-bulk-target=all]").check()
    expect(page.locator(f"{ROWS} input[name=site]:not(:checked)")).to_have_count(0)
    start.click()
    expect(page).to_have_url(re.compile(r"/cluster/bulk/\?.*site=\d+"))


def test_what_is_listed_is_downloaded(on_control: OnControl, tmp_path: Path) -> None:
    page = on_control(BOSS, "cluster/sites/?q=alpha")
    page.locator("header [data-controller=w-dropdown] > button").first.click()
    with page.expect_download() as download:
        page.locator("a[href*='export=csv']").click()
    file = tmp_path / "sites.csv"
    download.value.save_as(file)
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))
    assert "阿县人民政府" in rows[1]


@pytest.fixture
def phone(on_control: OnControl) -> Page:
    """A platform admin's phone."""
    return on_control(BOSS, viewport=PHONE, has_touch=True)


def test_on_a_phone_nothing_is_cut_off(server: Server, written: Content, phone: Page) -> None:
    own = ("", "cluster/sites/", "cluster/sites/?state=live&kind=portal", "reports/audit/")
    for path in own:
        phone.goto(server.admin("control", path))
        look(phone, "phone-" + (path.strip("/").replace("/", "-").partition("?")[0] or "home"))
        assert cut_off(phone) == [], path
    phone.goto(server.admin("control", "cluster/sites/"))
    assert violations(phone) == []
    lists = (
        *("users/", f"pages/{written.home_id}/", f"pages/{written.column_id}/", "images/"),
        *("documents/", "articles/", "groups/", "reports/site-history/", "redirects/"),
    )
    for path in lists:
        phone.goto(server.admin("alpha", path))
        look(phone, "phone-" + path.strip("/").replace("/", "-"))
        assert cut_off(phone) == [], path
        for cell in phone.locator("table.listing td.title").all()[:3]:
            box = cell.bounding_box()
            assert box is not None
            assert box["width"] > 100, path


def test_on_a_phone_a_rows_menu_opens_whole(server: Server, written: Content, phone: Page) -> None:
    phone.goto(server.admin("alpha", f"pages/{written.home_id}/"))
    phone.locator("table.listing td.title [data-controller=w-dropdown] > button").first.click()
    item = phone.locator(".w-dropdown__content a:visible, .tippy-box a:visible").first
    expect(item).to_be_in_viewport(ratio=1)
    phone.goto(server.admin("alpha", "images/"))
    phone.locator("[data-bulk-action-checkbox]").first.check()
    acts = phone.locator(".bulk-actions-choices .bulk-action-btn")
    expect(acts.first).to_be_in_viewport()
    for act in acts.all():
        expect(act).to_be_in_viewport(ratio=0.9)
