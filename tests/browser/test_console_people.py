"""People across the cluster: found, added, ended, suspended with a reason, imported."""

import re
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OnControl
from tests.browser.control import BOSS, DELEGATE
from tests.browser.looking import check, look
from tests.browser.server import Server

GUEST = "guest@gamma.example"


def rows(page: Page) -> Locator:
    return page.locator("#listing-results tbody tr")


def find(page: Page, text: str) -> None:
    """Type into the box of the list and open the only one who is found."""
    page.locator("header [name=q]").fill(text)
    expect(rows(page)).to_have_count(1)
    rows(page).locator("a").first.click()
    page.wait_for_url(re.compile("/people/[0-9]+/$"))


def act(page: Page, name: str) -> None:
    """Open the page of an act from the person's page."""
    page.locator(f"main a[href$='/{name}/']").first.click()
    page.wait_for_url(re.compile(f"/{name}/$"))


def submit(page: Page) -> None:
    page.locator(".console-act form button[type=submit]").click()
    page.wait_for_load_state()


def test_found_added_ended_suspended(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/people/")
    expect(rows(page)).not_to_have_count(0)
    check(page, "people-1-list")
    page.goto(server.admin("control", "cluster/people/?unseen=1&signed_in=never&site=gamma"))
    check(page, "people-2-filtered")
    page.goto(server.admin("control", "cluster/people/"))
    find(page, GUEST)
    here = page.url
    check(page, "people-3-person")

    act(page, "add")
    check(page, "people-4-add")
    submit(page)
    expect(page.locator(".error-message").first).to_be_visible()
    boxes, filter_by = (
        page.locator(".console-checks label"),
        page.locator(".console-checks > input"),
    )
    filter_by.fill("贝镇")
    expect(boxes.filter(visible=True)).to_have_count(1)
    boxes.filter(visible=True).locator("input").check()
    filter_by.fill("alpha")  # what is checked stays in sight
    expect(boxes.filter(visible=True)).to_have_count(2)
    filter_by.press("Enter")  # sends nothing
    expect(boxes.filter(visible=True)).to_have_count(2)
    page.locator("[name=roles][value=editor]").check()
    submit(page)
    page.wait_for_url(here)
    place = page.locator("#person-places-section tr", has_text="贝镇人民政府")
    expect(place).to_contain_text("编辑")

    place.locator("a[href$='/roles/']").click()
    page.wait_for_url(re.compile("/roles/$"))
    page.locator("[name=groups][value=审核员]").check()
    check(page, "people-5-roles")
    submit(page)
    expect(place).to_contain_text("审核员")

    place.locator("a[href$='/end/']").click()
    page.wait_for_url(re.compile("/end/$"))
    page.locator("[name=reason]").fill("借调期满")
    submit(page)
    page.wait_for_url(here)
    expect(page.locator("#person-places-section table")).not_to_contain_text("贝镇人民政府")

    act(page, "suspend")
    page.locator("[name=grounds][value=sanction]").check()
    page.locator("[name=reason]").fill("信息更新不及时")
    submit(page)
    expect(page.locator(".error-message").first).to_be_visible()  # a sanction needs a decision
    check(page, "people-6-suspend")
    page.locator("[name=document]").fill("阿政办〔2026〕12号")
    submit(page)
    page.wait_for_url(here)
    expect(page.locator("main")).to_contain_text("信息更新不及时")
    expect(page.locator("#person-acts-section")).to_contain_text("阿政办〔2026〕12号")
    page.goto(here)  # without the message that moves in
    check(page, "people-7-suspended")
    act(page, "reinstate")
    page.locator("[name=reason]").fill("整改完成")
    submit(page)
    expect(page.locator("main a[href$='/suspend/']")).to_be_visible()


def test_imported_from_a_workbook(server: Server, on_control: OnControl, tmp_path: Path) -> None:
    page = on_control(BOSS, "cluster/people/import/")
    check(page, "people-8-import")
    with page.expect_download() as download:
        page.locator("a[href$='template.xlsx']").click()
    template = tmp_path / "template.xlsx"
    download.value.save_as(template)

    def upload(people: list[list[str]]) -> None:
        book = load_workbook(template)
        for number, row in enumerate(people, start=2):
            for column, text in enumerate(row, start=1):
                book.worksheets[0].cell(number, column, text)
        book.save(tmp_path / "人员.xlsx")
        page.locator("input[type=file]").set_input_files(tmp_path / "人员.xlsx")
        page.locator("form[enctype] button[type=submit]").click()
        page.wait_for_load_state()

    upload([["新编辑", "xin@import.example", "alpha", "皇帝"], ["", "坏", "nowhere", ""]])
    expect(page.locator("td.console-faulty")).to_have_count(5)
    check(page, "people-9-errors")
    upload(
        [
            ["新编辑", "xin@import.example", "alpha", "编辑、审核员"],
            ["手机编辑", "phone@beta.example", "alpha", "编辑"],
        ]
    )
    expect(page.locator("td.console-faulty")).to_have_count(0)
    check(page, "people-10-preview")
    page.locator("[name=reason]").fill("新任人员")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    page.wait_for_url(re.compile("/batches/[0-9]+/"))
    expect(page.locator("#batch-progress [data-console-done]")).to_be_attached(timeout=60_000)
    expect(page.locator("#batch-items tbody tr")).to_have_count(2)
    look(page, "people-11-done")
    page.goto(server.admin("control", "cluster/people/"))
    find(page, "xin@import.example")
    expect(page.locator("#person-places-section table")).to_contain_text("审核员")


def test_a_delegate_sees_the_branch_alone(server: Server, on_control: OnControl) -> None:
    page = on_control(DELEGATE, "cluster/people/")
    expect(rows(page)).not_to_have_count(0)
    expect(page.locator("#listing-results")).not_to_contain_text(BOSS)
    look(page, "people-12-delegate")
    page.goto(server.admin("control", "cluster/people/invite/"))
    boxes = page.locator(".console-checks label")
    expect(boxes.filter(has_text="control")).to_have_count(0)
    check(page, "people-13-invite")
    page.locator("[name=email]").fill("asked@people.example")
    page.locator("[name=name]").fill("新同志")
    boxes.filter(has_text="beta").locator("input").check()
    page.locator("[name=roles][value=editor]").check()
    submit(page)
    page.wait_for_url(server.admin("control", "cluster/people/"))
    expect(page.locator(".messages")).to_contain_text("asked@people.example")
    look(page, "people-14-invited")
