"""A site's life from its gates to its removal, as a platform admin does it in a browser."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import OnControl
from tests.browser.control import BOSS
from tests.browser.looking import check, look
from tests.browser.server import Server
from tests.tenants.conftest import ROOT

CODE, NAME = "wuliu", "阿县物流局"
HOST, NEW = f"{CODE}.alpha.localhost", "wl.alpha.localhost"
WHY = "机房整体搬迁，按计划办理"


@pytest.fixture
def building(server: Server, tmp_path: Path) -> None:
    """A site that is being built."""
    environment = {
        **os.environ,
        "DATABASE_URL": server.database_url,
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
        "PUBLIC_PORT": str(server.port),
    }
    for arguments in (
        ["provision", CODE, "--name", NAME, "--kind", "department", "--parent", "alpha"],
        ["site", CODE, "--state", "building"],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True
        )
    time.sleep(1.5)  # until every process of the server has heard of it


def fill(page: Page, name: str, **fields: str) -> None:
    """Open the dialog of an act, write into it, send it."""
    page.locator(f"button[data-a11y-dialog-show='act-{name}']").click()
    dialog = page.locator(f"#act-{name}")
    for field, value in fields.items():
        dialog.locator(f"[name={field}]").fill(value)
    if name in ("close", "take-offline"):
        look(page, f"acts-dialog-{name}")
        assert violations(page) == [], name
    dialog.locator("button[type=submit]").click()
    page.wait_for_load_state()


def submit(page: Page) -> None:
    page.locator(".console-act form button[type=submit]").click()
    page.wait_for_load_state()


def soon(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def public(page: Page, server: Server, host: str, status: int) -> Page:
    """What a citizen sees there, once the server has heard of it."""
    for _attempt in range(20):
        answer = page.goto(server.public("/", host))
        if answer is not None and answer.status == status:
            return page
        time.sleep(0.25)
    raise AssertionError(answer and answer.status)


def test_from_the_gates_to_the_removal(
    server: Server, on_control: OnControl, citizen: Page, building: None
) -> None:
    page = on_control(BOSS, f"cluster/sites/?q={CODE}")
    page.locator("#listing-results a", has_text=NAME).first.click()
    page.wait_for_url("**/cluster/sites/*/")
    check(page, "acts-1-building")
    pass_gates(page)
    fill(page, "go-live", reason="材料齐全，同意开通")
    public(citizen, server, HOST, 200)
    take_offline_and_back(page, citizen, server)
    move(page, citizen, server)
    fill(page, "freeze", reason="并入市级平台，停止更新")
    time.sleep(1.5)
    see_it_frozen(on_control(BOSS), server)
    close(page, citizen, server)
    remove(page, server)


def pass_gates(page: Page) -> None:
    here = page.url
    for gate, number in (("approval", "阿政函〔2026〕1号"), ("security-test", "测评〔2026〕5号")):
        page.locator(f"main a[href$='/gates/{gate}/']").click()
        page.locator("[name=number]").fill(number)
        page.locator("[name=authority]").fill("阿县人民政府")
        page.locator("[name=issued_on]").fill("2026-10-01")
        if gate == "approval":
            check(page, "acts-2-gate")
        submit(page)
        assert page.url == here


def take_offline_and_back(page: Page, citizen: Page, server: Server) -> None:
    here = page.url
    opener = page.locator("button[data-a11y-dialog-show='act-take-offline']")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#act-take-offline")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    fill(page, "take-offline", reason="搬迁", until=soon(90))
    expect(page.locator(".error-message")).to_have_count(2)
    check(page, "acts-3-take-offline-errors")
    page.locator("[name=reason]").fill(WHY)
    page.locator("[name=until]").fill(soon(3))
    page.locator("[name=notice]").fill("因机房搬迁，本网站暂停访问，三日内恢复。")
    submit(page)
    assert page.url == here
    check(page, "acts-4-offline")
    check(public(citizen, server, HOST, 503), "acts-5-notice-offline")
    page.locator(".messages a").click()
    page.wait_for_url("**/act/bring-back/")
    page.locator("[name=reason]").fill(WHY)
    submit(page)
    public(citizen, server, HOST, 200)


def move(page: Page, citizen: Page, server: Server) -> None:
    page.locator("main a[href$='/addresses/add/']").click()
    page.locator("[name=domain]").fill(NEW)
    page.locator("[name=reason]").fill(WHY)
    check(page, "acts-6-address-add")
    submit(page)
    page.locator("main a[href$='/primary/']").click()
    page.locator("[name=reason]").fill(WHY)
    submit(page)
    check(page, "acts-7-addresses")
    public(citizen, server, NEW, 200)
    citizen.goto(server.public("/", HOST))
    assert citizen.url == server.public("/", NEW)


def see_it_frozen(own: Page, server: Server) -> None:
    """On the site's own admin everything can be read and nothing changed."""
    own.goto(server.admin(CODE))
    expect(own.locator(".messages")).to_contain_text("并入市级平台")
    check(own, "acts-8-frozen-admin")
    own.goto(server.admin(CODE, "users/new/"))
    own.locator("[name=email]").fill("new@wuliu.example")
    own.locator("form button[type=submit]").last.click()
    expect(own.locator("main a")).to_have_attribute("href", "/admin/")
    check(own, "acts-9-refused")


def close(page: Page, citizen: Page, server: Server) -> None:
    here = page.url
    wishes = {"archive_url": "https://archive.example/wuliu", "notice": "内容已迁至县政府门户。"}
    fill(page, "close", reason="机构撤并，网站关停", document="阿政函〔2026〕9号", **wishes)
    assert page.url == here
    check(page, "acts-10-closed")
    check(public(citizen, server, NEW, 410), "acts-11-notice-closed")


def remove(page: Page, server: Server) -> None:
    here = page.url
    fill(page, "remove", reason="域名、标识均已注销", document="阿政函〔2026〕12号")
    page.locator("[name=despite]").check()
    check(page, "acts-12-remove-against-the-notice")
    submit(page)
    for _attempt in range(120):
        answer = page.goto(here)
        if answer is not None and answer.status == 404:
            break
        time.sleep(0.5)
    assert answer is not None
    assert answer.status == 404
    public(page, server, NEW, 404)


def test_rules_are_read_and_changed(server: Server, on_control: OnControl) -> None:
    page = on_control(BOSS, "cluster/rules/")
    check(page, "acts-rules")
    page.locator("a[href$='/limits/closing-notice-days/']").click()
    page.locator("[name=value]").fill("-1")
    submit(page)
    expect(page.locator(".error-message")).not_to_have_count(0)
    check(page, "acts-rules-limit")
    page.locator("[name=value]").fill("30")
    page.locator("[name=reason]").fill("核对原文后确认")
    submit(page)
    page.wait_for_url("**/cluster/rules/")
