"""A blueprint is edited, published and opened from; a column goes to many sites, tried first."""

import re
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import OnControl
from tests.browser.control import BOSS, DELEGATE
from tests.browser.looking import check
from tests.browser.server import Server

SECONDS = 1000
NEW = "基层治理"


def why(page: Page) -> None:
    page.locator("[name=reason]").fill("统一栏目设置")
    page.locator("[name=document]").fill("阿政办〔2026〕12号")


def status(page: Page, address: str) -> int:
    """What citizens get at the address, in a window beside."""
    with closing(page.context.new_page()) as beside:
        answer = beside.goto(address)
        return answer.status if answer else 0


def ended(page: Page) -> None:
    """Wait for the end of the batch that is shown."""
    page.wait_for_url(re.compile("/batches/[0-9]+/"))
    done = page.locator("#batch-items [data-console-done]")
    expect(done).to_be_attached(timeout=60 * SECONDS)
    expect(page.locator("#batch-progress [data-console-done]")).to_be_attached()


def add_column(page: Page, server: Server) -> None:
    """As an editor of the blueprint site does: a new column on the front page, published."""
    page.goto(server.admin("bp-township", "pages/"))
    home = page.get_by_role("link", name="〔站点名称〕").first.get_attribute("href") or ""
    (key,) = re.findall(r"/pages/(\d+)/", home)
    page.goto(server.admin("bp-township", f"pages/add/cms/columnpage/{key}/"))
    page.get_by_placeholder("页面标题").fill(NEW)
    page.locator("textarea[name=description]").fill("〔站点简称〕基层治理工作。")
    page.locator("[name=keywords]").fill("基层,治理")
    page.locator("[name=owner_unit]").fill("〔站点名称〕")
    page.locator("[name=column_type]").select_option(index=1)
    page.get_by_role("button", name="更多动作").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".messages")).to_contain_text(NEW)


def test_blueprint_is_edited_published_and_used(
    server: Server, on_control: OnControl, tmp_path: Path
) -> None:
    page = on_control(BOSS, "cluster/blueprints/")
    check(page, "blueprints-1-list")
    page.locator("a[href$='/blueprints/township/']").first.click()
    page.wait_for_url("**/blueprints/township/")
    page.locator("form[action$='/open/'] button").click()
    page.wait_for_url("**/blueprints/township/")
    admin = page.locator("#blueprint-editor a[href*='bp-township']")
    expect(admin).to_be_visible(timeout=60 * SECONDS)
    expect(page.locator("#blueprint-editor li")).to_have_count(0)

    add_column(page, server)
    page.goto(server.admin("control", "cluster/blueprints/township/"))
    expect(page.locator("#blueprint-editor li")).to_contain_text(NEW)
    check(page, "blueprints-2-edited")
    page.locator("a[href$='/publish/']").click()
    expect(page.locator(".console-changes li")).to_contain_text(NEW)
    check(page, "blueprints-3-publish")
    why(page)
    page.locator("form:has([name=reason]) button[type=submit]").click()
    ended(page)
    check(page, "blueprints-4-published")
    page.goto(server.admin("control", "cluster/blueprints/township/"))
    expect(page.locator("main table.listing")).to_contain_text("统一栏目设置")
    check(page, "blueprints-5-versions")

    roster = tmp_path / "名册.csv"
    roster.write_text("代码,名称,类型,上级\nding,丁镇人民政府,乡镇街道,alpha", "gb18030")
    page.goto(server.admin("control", "cluster/rosters/"))
    page.locator("input[type=file]").set_input_files(roster)
    page.locator("form[enctype] button[type=submit]").click()
    why(page)
    page.locator("form:has([name=reason]) button[type=submit]").click()
    ended(page)
    page.goto(server.admin("ding", "pages/search/?q=" + NEW))  # it is being built still
    expect(page.locator("main")).to_contain_text(NEW)
    assert status(page, server.town("/jczl/")) == 404


def test_site_is_copied_as_a_blueprint(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/sites/?q=水利")
    page.locator("#listing-results a[href*='/cluster/sites/']").first.click()
    page.locator("a[href$='/blueprint/']").click()
    page.locator("form:has([name=reason]) button[type=submit]").click()
    expect(page.locator(".error-message, .w-field__errors").first).to_be_visible()
    check(page, "blueprints-6-copy-errors")
    page.locator("[name=name]").fill("水利部门")
    page.locator("[name=code]").fill("water")
    why(page)
    check(page, "blueprints-7-copy")
    page.locator("form:has([name=reason]) button[type=submit]").click()
    ended(page)
    page.goto(server.admin("control", "cluster/blueprints/"))
    expect(page.locator("#listing-results")).to_contain_text("水利部门")


def test_column_is_tried_and_added_to_the_branch(server: Server, on_control: OnControl) -> None:
    page = on_control(DELEGATE, "cluster/bulk/")
    check(page, "blueprints-8-choose")
    page.locator("[name=kind][value=department]").check()
    page.locator("[name=kind][value=township]").check()
    page.locator("form:has([name=all]) button[type=submit]").click()
    page.wait_for_url("**/bulk/?**")
    check(page, "blueprints-9-acts")
    page.locator("a[href*='/bulk/add-column/']").click()
    page.locator("[name=title]").fill("工作简讯")
    page.locator("[name=slug]").fill("大写")
    page.locator("button[value=dry]").click()
    expect(page.locator("[name=slug][aria-invalid=true]")).to_be_visible()
    check(page, "blueprints-10-column-errors")
    page.locator("[name=slug]").fill("gzjx")
    page.locator("[name=column_type]").select_option("news")
    page.locator("textarea[name=description]").fill("本单位工作动态。")
    page.locator("[name=keywords]").fill("工作,简讯")
    why(page)
    page.locator("button[value=dry]").click()
    ended(page)
    check(page, "blueprints-11-tried")
    rows = page.locator("#batch-items tbody tr")
    count = rows.count()
    assert count >= 2
    assert status(page, server.town("/gzjx/")) == 404
    page.locator("form[action$='/start/'] button").first.click()
    page.wait_for_load_state()
    ended(page)
    expect(rows).to_have_count(count)
    check(page, "blueprints-12-added")
    assert status(page, server.town("/gzjx/")) == 200


def test_fields_follow_the_choice(on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/bulk/setting/?all=1&kind=township")
    page.locator("[name=setting]").select_option("contact_phone")
    expect(page.locator("[name=text]")).to_be_visible()
    expect(page.locator("[name=number]")).to_be_hidden()
    page.locator("[name=setting]").select_option("max_bytes")
    expect(page.locator("[name=number]")).to_be_visible()
    expect(page.locator("[name=text]")).to_be_hidden()
    check(page, "blueprints-13-setting")
    page.goto(page.url.replace("/setting/", "/withdraw-column/"))
    expect(page.locator("[name=target]")).to_be_hidden()
    page.locator("[name=articles][value=move]").check()
    expect(page.locator("[name=target]")).to_be_visible()
    check(page, "blueprints-14-withdraw")
