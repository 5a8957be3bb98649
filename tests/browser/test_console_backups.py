"""A platform admin backs a site up, takes the file along, and restores it as another site."""

import json
import re
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import expect

from tests.browser.conftest import OnControl
from tests.browser.control import BOSS
from tests.browser.looking import check
from tests.browser.server import Server

DONE = "[data-console-done]"


def test_back_up_download_and_restore_as_another_site(
    server: Server, on_control: OnControl, tmp_path: Path
) -> None:
    page = on_control(BOSS, "cluster/sites/?q=gamma")
    page.locator(".console-sites tbody a[href*='/cluster/sites/']").first.click()
    page.wait_for_url(re.compile("/cluster/sites/[0-9]+/$"))
    page.locator("form[action$='/backups/make/'] button").click()
    page.wait_for_url("**/backups/")
    download = page.locator("a[href$='/download/']")
    expect(download).to_have_count(1, timeout=60_000)
    expect(page.locator(f"#backups {DONE}")).to_be_attached()
    check(page, "backups-1-list")

    with page.expect_download() as found:
        download.click()
    found.value.save_as(tmp_path / "gamma.zip")
    with ZipFile(tmp_path / "gamma.zip") as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json"))["site"]["code"] == "gamma"

    page.locator("a[href$='/restore/']").click()
    page.wait_for_url("**/restore/")
    code = page.locator("[name=code]")
    expect(code).to_be_visible()
    page.locator("[name=way][value='in place']").check()
    expect(code).to_be_hidden()
    check(page, "backups-2-in-place")
    page.locator("[name=way][value=copy]").check()
    code.fill("gamma")
    page.locator("[name=domain]").fill("www.alpha.localhost")
    page.locator("[name=confirmation]").fill("gamm")
    page.locator("form[data-controller=w-rules] [type=submit]").click()
    expect(page.locator("[name=code][aria-invalid=true]")).to_be_visible()
    expect(page.locator(".error-message")).to_have_count(4)
    check(page, "backups-3-errors")
    code.fill("gamma-copy")
    page.locator("[name=name]").fill("应急演练站")
    page.locator("[name=domain]").fill("yanlian.alpha.localhost")
    page.locator("[name=reason]").fill("应急演练")
    page.locator("[name=confirmation]").fill("gamma")
    page.locator("form[data-controller=w-rules] [type=submit]").click()
    page.wait_for_url("**/restorations/**")
    expect(page.locator(f"#restoration {DONE}")).to_be_attached(timeout=60_000)
    expect(page.locator("#restoration .help-critical")).to_have_count(0)
    check(page, "backups-4-restored")

    page.locator("#restoration a.button").click()
    page.wait_for_url(re.compile("/cluster/sites/[0-9]+/$"))
    expect(page.locator("main .console-site-head")).to_contain_text("应急演练站")
    expect(page.locator(".console-state--building")).to_have_count(1)
    page.goto(server.admin("control", "cluster/backups/"))
    expect(page.locator("a[href$='/download/']")).not_to_have_count(0)
    check(page, "backups-5-all")
