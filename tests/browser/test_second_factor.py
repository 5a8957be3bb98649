"""A second factor in a real browser: set up, used, and asked for by the control site."""

import base64
import re

from django_otp.oath import totp
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import OpenContext, Visit
from tests.browser.content import PASSWORD
from tests.browser.server import Server

WHO, STEP = "phone@beta.example", 30
OWN, CHECK = "account/second-factor/", "second-factor/"


def shown(secret: str, steps: int = 0) -> str:
    """What the person's app shows, some steps of its clock from now."""
    return f"{totp(base64.b32decode(secret), t0=-steps * STEP):06d}"


def enter(page: Page, server: Server, code: str, email: str) -> None:
    """Type address and password on the admin host of a site."""
    page.goto(server.admin(code))
    page.locator("[name=username]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()


def give(page: Page, code: str) -> None:
    """Type a code, as from the keyboard, without touching the mouse."""
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def set_up(page: Page, server: Server) -> tuple[str, list[str]]:
    """Enrol on the person's own page; the key and the recovery codes."""
    page.goto(server.admin("beta", OWN))
    expect(page.locator(".sitecluster-qr")).to_be_visible()
    secret = page.locator("#second-factor-key").inner_text().replace(" ", "")
    give(page, shown(secret))
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    return secret, page.locator("#recovery-codes code").all_inner_texts()


def test_second_factor_is_set_up_and_asked_for(
    server: Server, sign_in: Visit, new_context: OpenContext
) -> None:
    page = sign_in(WHO, "beta")
    secret, recovery = set_up(page, server)
    page.locator(".form-actions a").click()
    page.wait_for_url(server.admin("beta"))

    def at_step_two(context: BrowserContext) -> Page:
        window = context.new_page()
        enter(window, server, "beta", WHO)
        window.wait_for_url(re.compile(re.escape(server.admin("beta", CHECK))))
        window.goto(server.admin("beta", "pages/"))  # nothing else is to be had
        window.wait_for_url(re.compile(re.escape(server.admin("beta", CHECK))))
        return window

    phone = at_step_two(new_context(viewport={"width": 390, "height": 844}))
    code = phone.locator("[name=code]")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    give(phone, shown(secret, 1))
    phone.wait_for_url(server.admin("beta", "pages/**"))

    lost = at_step_two(new_context())
    lost.locator("a[href*=recovery]").click()
    give(lost, recovery[0])
    lost.wait_for_url(server.admin("beta", "pages/**"))

    again = at_step_two(new_context())
    again.locator("a[href*=recovery]").click()
    give(again, recovery[0])
    expect(again.locator(".error-message, .w-field__errors").first).to_be_visible()


def test_control_site_lets_nobody_in_without(server: Server, sign_in: Visit) -> None:
    page = sign_in("root@control.example", "alpha")
    for path in ("", "users/", "pages/", "account/"):
        page.goto(server.admin("control", path))
        page.wait_for_url(re.compile(re.escape(server.admin("control", OWN))))
        expect(page.locator("#second-factor-key")).to_be_visible()
        expect(page.locator("[data-wagtail-sidebar]")).to_have_count(0)
    page.goto(server.admin("alpha"))
    page.wait_for_url(server.admin("alpha"))
