"""A roster with mistakes is uploaded, corrected and opened; the progress shows itself meanwhile.
A site that is behind is upgraded, after a failure; a failed task is tried again."""

import re
from contextlib import closing
from pathlib import Path

import psycopg2
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import OnControl
from tests.browser.control import BOSS
from tests.browser.looking import check, look
from tests.browser.server import Server

WRONG = [
    ["wu", "戊镇人民政府", "乡镇街道", "alpha", "", ""],
    ["Ji!", "己镇人民政府", "乡镇街道", "alpha", "", ""],
    ["geng", "庚局", "堡垒", "alpha", "", ""],
    ["wu-1", "戊镇财政所", "部门", "nobody", "12", ""],
]
OFFICES = 6
MANY = 16  # so many that some are still to be opened when the page is there


def filled(template: Path, rows: list[list[str]]) -> Path:
    """The template with these rows, as a spreadsheet program would save it."""
    book = load_workbook(template)
    for row in rows:
        book.worksheets[0].append(row)
    target = template.with_name("名册.xlsx")
    book.save(target)
    return target


def upload(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)
    page.locator("form:has(input[type=file]) button[type=submit]").click()
    page.wait_for_load_state()


def progress(page: Page) -> int:
    return int(page.locator("progress").get_attribute("value") or 0)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement?.textContent.trim() ?? ''"))


def test_a_roster_is_corrected_and_opened(
    server: Server, on_control: OnControl, tmp_path: Path
) -> None:
    page = on_control(BOSS, "cluster/rosters/")
    check(page, "batches-1-upload")
    with page.expect_download() as download:
        page.locator("a[href$='template.xlsx']").click()
    template = tmp_path / "template.xlsx"
    download.value.save_as(template)

    upload(page, filled(template, WRONG))
    faulty = page.locator("td.console-faulty")
    expect(faulty).to_have_count(4)
    expect(faulty.nth(0)).to_contain_text("ji!")
    expect(faulty.nth(1)).to_contain_text("堡垒")
    expect(faulty.nth(3)).to_contain_text("12")
    check(page, "batches-2-preview-errors")

    right = [["wu", "戊镇人民政府", "乡镇街道", "alpha", "", ""]]
    right += [[f"wu-{n}", f"阿县戊{n}局", "部门", "alpha", "", ""] for n in range(OFFICES)]
    upload(page, filled(template, right))
    expect(faulty).to_have_count(0)
    check(page, "batches-3-preview")

    page.locator("[name=reason]").fill("乡镇站点统一建设")
    page.locator("[name=document]").fill("阿政办〔2026〕9号")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    page.wait_for_url(re.compile("/batches/[0-9]+/"))
    look(page, "batches-4-running")

    result = page.locator("a[href*='export=xlsx']")
    result.focus()
    label, before = focused(page), progress(page)
    expect(page.locator("#batch-progress [data-console-done]")).to_be_attached(timeout=60_000)
    assert progress(page) == OFFICES + 1 >= before
    assert focused(page) == label
    expect(page.locator("#batch-status")).to_contain_text(str(OFFICES + 1))
    expect(page.locator("#batch-items [data-console-done]")).to_be_attached()
    expect(page.locator("#batch-items tbody tr")).to_have_count(OFFICES + 1)
    check(page, "batches-5-done")

    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "result.xlsx")
    _head, *rows = load_workbook(tmp_path / "result.xlsx").worksheets[0].values
    assert len(rows) == OFFICES + 1
    assert all(str(row[-1]).startswith("http") for row in rows)
    assert rows[0][:3] == (2, "wu", "戊镇人民政府")

    page.locator("#batch-items tbody a").first.click()
    page.wait_for_url("**/cluster/sites/*/")


def test_progress_goes_on_while_the_focus_is_in_the_items(
    server: Server, on_control: OnControl, tmp_path: Path
) -> None:
    page = on_control(BOSS, "cluster/rosters/")
    path = tmp_path / "名册.csv"
    rows = [f"xin-{n},阿县辛{n}局,部门,alpha" for n in range(MANY)]
    path.write_text("\n".join(["代码,名称,类型,上级", *rows]), "gb18030")
    upload(page, path)
    page.locator("[name=reason]").fill("分批建设")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    page.wait_for_url(re.compile("/batches/[0-9]+/"))
    stop = page.locator("form[action$='/stop/'] button")
    stop.focus()
    label = focused(page)
    page.wait_for_function("document.querySelector('progress').value > 0", timeout=30_000)
    assert focused(page) == label
    with page.expect_navigation():
        page.keyboard.press("Enter")
    again = page.locator("form[action$='/resume/'] button")
    if again.count():  # all were opened before the button was pressed, on a quick machine
        look(page, "batches-6-stopped")
        again.click()
    expect(page.locator("#batch-items [data-console-done]")).to_be_attached(timeout=60_000)
    expect(page.locator("progress")).to_have_attribute("value", str(MANY))
    page.goto(server.admin("control", "cluster/batches/"))
    expect(page.locator("#listing-results tbody tr")).not_to_have_count(0)
    check(page, "batches-7-list")


def run_sql(server: Server, *statements: str) -> None:
    with (
        closing(psycopg2.connect(server.database_url)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)


def test_a_site_that_is_behind_is_upgraded(
    server: Server, on_control: OnControl, tmp_path: Path
) -> None:
    page = on_control(BOSS, "cluster/rosters/")
    path = tmp_path / "名册.csv"
    path.write_text("代码,名称,类型,上级\nren,壬镇人民政府,乡镇街道,alpha\n", "utf8")
    upload(page, path)
    page.locator("[name=reason]").fill("补建")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    expect(page.locator("#batch-items [data-console-done]")).to_be_attached(timeout=60_000)
    run_sql(server, "DELETE FROM s_ren.django_migrations WHERE app = 'wagtailembeds'")

    page.goto(server.admin("control", "cluster/upgrades/"))
    row = page.locator("tr", has_text="壬镇人民政府")
    expect(row).to_contain_text("wagtailembeds.0001_initial")
    row.get_by_role("checkbox").check()
    page.locator("main form button[type=submit]:not([name])").click()
    page.wait_for_url(re.compile("/batches/[0-9]+/"))
    expect(page.locator("#batch-items [data-console-done]")).to_be_attached(timeout=60_000)
    expect(page.locator("#batch-items tbody")).to_contain_text("already exists")
    check(page, "batches-8-upgrade-failed")
    failed = page.url
    page.goto(server.admin("control", "cluster/upgrades/"))
    expect(row).to_contain_text("already exists")
    check(page, "batches-9-upgrades-behind")

    run_sql(server, "DROP TABLE s_ren.wagtailembeds_embed")
    page.goto(failed)
    page.locator("form[action$='/retry/'] button").click()
    expect(page.locator("#batch-items [data-console-done]")).to_be_attached(timeout=60_000)
    expect(page.locator("#batch-summary")).to_contain_text("0")
    page.goto(server.admin("control", "cluster/upgrades/"))
    expect(row).to_have_count(0)
    check(page, "batches-10-upgrades")


def test_a_failed_task_is_tried_again(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/queue/")
    expect(page.locator(".help-critical")).to_have_count(0)
    run_sql(
        server,
        "WITH one AS (SELECT id FROM django_tasks_database_dbtaskresult"
        " WHERE status = 'SUCCESSFUL' AND task_path LIKE '%pruning.prune' LIMIT 1)"
        " UPDATE django_tasks_database_dbtaskresult SET status = 'FAILED'"
        " WHERE id IN (SELECT id FROM one)",
    )
    page.reload()
    expect(page.locator("form tbody tr")).to_have_count(1)
    check(page, "batches-11-queue-failed")
    page.locator("form tbody").get_by_role("checkbox").check()
    page.locator("main form button[type=submit]:not([name])").click()
    expect(page.locator(".messages .success")).to_be_visible()
    expect(page.locator("form tbody tr")).to_have_count(0)
