"""Somebody is asked to join a site, in real browsers, on a desk and on a phone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenContext, Visit
from tests.browser.content import PASSWORD
from tests.browser.looking import PHONE, look
from tests.browser.server import Server

NEW = "new@beta.example"


def fits(page: Page) -> bool:
    """Is nothing cut off at the right?"""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_somebody_is_asked_accepts_and_works(
    server: Server, sign_in: Visit, new_context: OpenContext
) -> None:
    chief = sign_in("root@control.example", "beta")
    chief.goto(server.admin("beta", "users/new/"))
    chief.locator("[name=email]").fill(NEW)
    chief.locator("[name=first_name]").fill("王新")
    chief.get_by_label("编辑", exact=True).check()
    look(chief, "members-add")
    chief.locator("form button[type=submit]").last.click()
    chief.wait_for_url(server.admin("beta", "users/"))
    link = re.findall(r"http[^\s]+", chief.get_by_text("/admin/invitations/").inner_text())[0]
    waiting = chief.locator("section", has_text=NEW)
    expect(waiting).to_be_visible()
    look(chief, "members-members")
    chief.set_viewport_size(PHONE)
    chief.reload()
    look(chief, "members-members-phone")
    assert fits(chief)

    phone = new_context(viewport=PHONE).new_page()
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("贝镇人民政府")
    expect(phone.locator("[name=name]")).to_have_value("王新")
    look(phone, "members-invitation-phone")
    assert fits(phone)
    desk = new_context().new_page()
    desk.goto(link)
    look(desk, "members-invitation")
    phone.locator("[name=new_password1]").fill(PASSWORD)
    phone.locator("[name=new_password2]").fill(PASSWORD)
    phone.locator("button[value=begin]").click()
    phone.wait_for_url(server.admin("beta", "login/"))
    look(phone, "members-ready-phone")
    phone.locator("[name=username]").fill(NEW)
    phone.locator("[name=password]").fill(PASSWORD)
    phone.locator("main form button[type=submit]").first.click()
    phone.wait_for_url(server.admin("beta"))
    chief.reload()
    expect(chief.locator("section", has_text=NEW)).to_have_count(0)
    expect(chief.locator("#listing-results", has_text=NEW)).to_be_visible()


def test_somebody_with_an_account_accepts_among_their_sites(server: Server, sign_in: Visit) -> None:
    chief = sign_in("admin@beta.example", "beta")
    chief.goto(server.admin("beta", "users/new/"))
    chief.locator("[name=email]").fill("guest@gamma.example")
    chief.locator("[name=first_name]").fill("来访编辑")
    chief.get_by_label("审核员", exact=True).check()
    chief.locator("form button[type=submit]").last.click()
    chief.wait_for_url(server.admin("beta", "users/"))
    expect(chief.get_by_text("/admin/invitations/")).to_have_count(0)

    person = sign_in("guest@gamma.example", "gamma")
    person.goto(server.admin("gamma", "my-sites/"))
    look(person, "members-requests")
    asking = person.locator(".sitecluster-requests li", has_text="贝镇人民政府")
    asking.locator("button[value=accept]").click()
    expect(person.locator("table.listing", has_text="贝镇人民政府")).to_be_visible()
    person.goto(server.admin("beta", "pages/"))
    expect(person).to_have_url(server.admin("beta", "pages/"))
