"""One person on several sites, and what a person sees of a site that isn't theirs."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.content import RICH_TITLE, Content
from tests.browser.server import Server

Enter = Callable[[str, str], BrowserContext]
Visit = Callable[[str, str], Page]
ALPHA, BETA, GAMMA = "阿县人民政府", "贝镇人民政府", "阿县水利局"


def test_editor_of_another_site_is_told_where_they_belong(
    server: Server, written: Content, signed_in: Enter
) -> None:
    page = signed_in("editor@gamma.example", "gamma").new_page()
    for path in (
        "",
        f"pages/{written.article_id}/edit/",
        f"pages/{written.article_id}/view_draft/",
    ):
        answer = page.goto(server.admin("beta", path))
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_role("main")).to_contain_text(BETA)
        expect(page.get_by_text(RICH_TITLE)).to_have_count(0)
    page.get_by_role("link", name=GAMMA).click()
    page.wait_for_url(server.admin("gamma"))


def test_search_finds_pages_of_the_own_site_only(server: Server, signed_in: Enter) -> None:
    for email, code, hits in (
        ("editor@gamma.example", "gamma", 0),
        ("admin@beta.example", "beta", 1),
    ):
        page = signed_in(email, code).new_page()
        page.goto(server.admin(code, "pages/search/?q=关于调整"))
        expect(page.get_by_role("main").get_by_role("link", name=RICH_TITLE)).to_have_count(hits)


def test_switcher_moves_between_the_sites_of_a_person(server: Server, signed_in: Enter) -> None:
    page = signed_in("both@alpha.example", "alpha").new_page()
    page.goto(server.admin("alpha"))
    expect(page.get_by_role("heading", level=1)).to_have_text(ALPHA)
    page.get_by_role("button", name=ALPHA).click()
    page.get_by_role("link", name=GAMMA).click()
    page.wait_for_url(server.admin("gamma"))
    expect(page.get_by_role("heading", level=1)).to_have_text(GAMMA)
    page.get_by_role("button", name=GAMMA).click()
    page.get_by_role("link", name="我的全部站点").click()
    listed = page.get_by_role("main").get_by_role("table").get_by_role("link")
    expect(listed).to_contain_text([ALPHA, GAMMA])  # and perhaps a copy that another test made


def test_signing_out_on_one_host_ends_it_on_the_other(server: Server, sign_in: Visit) -> None:
    page = sign_in("both@alpha.example", "alpha")
    other = page.context.new_page()
    other.goto(server.admin("gamma"))
    expect(other.get_by_role("heading", level=1)).to_have_text(GAMMA)
    page.get_by_role("button", name="both@alpha.example").click()
    page.get_by_role("button", name="注销").click()
    page.wait_for_url(server.admin("alpha", "login/"))
    other.goto(server.admin("gamma", "pages/"))
    assert other.url.startswith(server.admin("gamma", "login/"))
