"""The page of a site: a plugin is switched, the theme changed, the branch given to somebody."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OnControl
from tests.browser.control import BOSS, DELEGATE
from tests.browser.looking import check
from tests.browser.server import Server

GUEST = "guest@gamma.example"


def open_site(page: Page, server: Server, code: str) -> None:
    """From the console's home to the site's page."""
    page.goto(server.admin("control", f"cluster/sites/?q={code}"))
    page.locator("#listing-results tbody td a").first.click()
    page.wait_for_url(re.compile("/cluster/sites/[0-9]+/$"))


def submit(page: Page, reason: str = "") -> None:
    if reason:
        page.locator("[name=reason]").fill(reason)
    page.locator(".console-act form button[type=submit]").click()
    page.wait_for_load_state()


def test_a_site_is_looked_after(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/sites/")
    open_site(page, server, "gamma")
    here = page.url
    check(page, "site-1-page")

    page.locator("a[href$='/plugins/board/on/']").click()
    page.wait_for_url(re.compile("/on/$"))
    check(page, "site-2-plugin-on")
    submit(page)
    expect(page.locator(".error-message").first).to_be_visible()
    check(page, "site-3-without-reason")
    submit(page, "试用公告栏")
    page.wait_for_url(here)
    off = page.locator("a[href$='/plugins/board/off/']")
    expect(off).to_be_visible()
    expect(page.locator("#card-acts-section")).to_contain_text("试用公告栏")
    off.click()
    page.wait_for_url(re.compile("/off/$"))
    check(page, "site-4-plugin-off")
    submit(page, "试用结束")
    page.wait_for_url(here)
    page.locator("a[href$='/plugins/board/purge/']").click()
    check(page, "site-5-plugin-purge")

    page.goto(here)
    page.locator("a[href$='/theme/']").click()
    page.wait_for_url(re.compile("/theme/$"))
    check(page, "site-6-theme")
    page.locator("[name=theme][value=base]").check()
    submit(page, "全县统一风格")
    page.wait_for_url(here)

    page.locator("a[href$='/identity/']").click()
    page.wait_for_url(re.compile("/identity/$"))
    check(page, "site-7-identity")
    page.locator("[name=co_organiser]").fill("阿县各乡镇")
    page.locator("[name=leader]").fill("王局长")
    submit(page, "补充信息")
    page.wait_for_url(here)
    expect(page.locator("#card-identity-section")).to_contain_text("阿县各乡镇")


def test_a_branch_is_given_and_taken_back(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/sites/")
    open_site(page, server, "beta")
    page.locator("a[href*='/delegations/give/']").click()
    page.wait_for_url(re.compile("/give/"))
    page.locator("[name=email]").fill("nobody@nowhere.example")
    submit(page, "区县自管")
    expect(page.locator(".error-message").first).to_be_visible()
    check(page, "site-8-give")
    page.locator("[name=email]").fill(GUEST)
    submit(page, "区县自管")
    page.wait_for_url(re.compile("/delegations/$"))
    expect(page.locator("#listing-results")).to_contain_text(GUEST)
    check(page, "site-9-delegations")
    page.locator("tr", has_text=GUEST).locator("a[href$='/end/']").click()
    page.wait_for_url(re.compile("/end/$"))
    check(page, "site-10-end")
    submit(page, "工作调动")
    page.wait_for_url(re.compile("/delegations/$"))
    expect(page.locator("#listing-results")).not_to_contain_text(GUEST)


def test_a_delegate_meets_the_branch_and_nothing_else(
    server: Server, on_control: OnControl
) -> None:
    page = on_control(DELEGATE, "")
    check(page, "site-11-home-of-a-delegate")
    page.goto(server.admin("control", "reports/audit/"))
    check(page, "site-12-audit-of-a-delegate")
    page.goto(server.admin("control", "cluster/sites/"))
    page.locator("#listing-results tbody td a").first.click()
    page.wait_for_url(re.compile("/cluster/sites/[0-9]+/$"))
    check(page, "site-13-page-of-a-delegate")
