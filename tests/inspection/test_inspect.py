"""The rules, each tried on a site that keeps it and on one that breaks it; and the command."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from sitecluster.inspection.colour_rules import shades
from sitecluster.inspection.judging import RULES, inspect
from sitecluster.tenancy import Tenant

from .site import PAGES, served

ARTICLE = "/tz/20260928-1.html"
Pages = dict[str, str]


def broken(path: str, old: str, new: str) -> Pages:
    """The sound site with one thing changed on one page, or on all of them (``*``)."""
    assert any(old in text for text in PAGES.values())
    return {
        where: text.replace(old, new) if path in (where, "*") else text
        for where, text in PAGES.items()
    }


def failed(pages: Pages) -> dict[str, list[str]]:
    """The rules that the site breaks, with the paths of the pages that do."""
    with override("en"), served(pages) as home:
        return {
            str(verdict.rule.name): [each.url.removeprefix(home[:-1]) for each in verdict.failures]
            for verdict in inspect(home)
            if not verdict.passed
        }


def test_a_sound_site_keeps_every_rule() -> None:
    assert failed(PAGES) == {}


def test_the_front_page_of_another_edition_is_no_column() -> None:
    switcher = '<header><a href="/en/" hreflang="en">English</a>'
    pages = {path: text.replace("<header>", switcher) for path, text in PAGES.items()}
    assert pages != PAGES
    english = pages["/"].replace("找错", "Report an error").replace("zh-CN", "en")
    assert failed({**pages, "/en/": english}) == {}


AWAY = '<a href="https://shop.example/">商店</a>'
CASES: list[tuple[str, Pages, str]] = [
    ("Three colours", broken("*", "#222222", "#2e8b57; outline: #8b2e86"), "/"),
    ("three zones", broken(ARTICLE, "<main>", "<div>"), ARTICLE),
    ("look alike", broken("/gk/", "/site.css", "/other.css"), "/gk/"),
    ("to the minute", broken(ARTICLE, "2026-09-28 09:30</p>", "2026-09-28</p>"), ARTICLE),
    ("print and font size", broken(ARTICLE, "字号", ""), ARTICLE),
    ("No column is blank", broken("/gk/", "放假安排</a>", "</a>正在建设中"), "/gk/"),
    ("5 to 8 columns", broken("*", '<li><a href="/hd/">互动</a></li>', ""), "/"),
    ("leads to topics", broken("/", "专题专栏", "更多"), "/"),
    ("fit phones", broken("/fw/", "viewport", "port"), "/fw/"),
    ("link within the site is broken", broken("/", "/zt/", "/gone/"), "/gone/"),
    ("No link is hidden", broken("/", "中国政府网</a>", "</a>"), "/"),
    ("The search answers", {path: text for path, text in PAGES.items() if path != "/search"}, ""),
    ("permanent address", broken(ARTICLE, 'rel="canonical"', 'rel="x"'), ARTICLE),
    ("approval number", broken("/", "专题专栏", '<img alt="南山县地图">专题专栏'), "/"),
    ("name, logo and search", broken("/tz/", '<img src="/logo.png" alt="">', ""), "/tz/"),
    ("every mark", broken("/fw/", "公网安备", ""), "/fw/"),
    ("the same on all pages", broken("/fw/", "电话：0900", "电话：0901"), "/fw/"),
    ("tags are complete", broken("/gk/", "ColumnType", "Type"), "/gk/"),
    ("No page tag is empty", broken("/gk/", "通知,公告", ""), "/gk/"),
    ("PubDate is written", broken(ARTICLE, "2026-09-28 09:30\">", "2026/9/28\">"), ARTICLE),
    ("warn first", broken("/tz/", "<ul><li>", f"{AWAY}<ul><li>"), "/tz/"),
    ("uniform words", broken("/", "专题专栏", '<a href="/go/">商店</a>专题') | {"/go/": "..."}, "/go/"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "pages", "path"), CASES, ids=[case[0] for case in CASES])
def test_each_fault_is_named_with_its_address(rule: str, pages: Pages, path: str) -> None:
    found = failed(pages)
    name = next((name for name in found if rule in name), None)
    assert name is not None, found
    assert not path or path in found[name]


def test_every_rule_is_tried() -> None:
    with override("en"):
        names = [str(rule.name) for rule in RULES]
    untried = [name for name in names if not any(rule in name for rule, _, _ in CASES)]
    assert untried == ["A page is there within 3 seconds"]  # no test is timed


def test_a_script_that_asks_is_believed_on_other_peoples_sites_alone() -> None:
    pages = {
        path: text.replace("<main>", f"<main>{AWAY}<script>'您即将离开本网站'</script>")
        for path, text in PAGES.items()
    }

    def warns(known_hosts: frozenset[str]) -> bool:
        with override("en"), served(pages) as home:
            judged = inspect(home, known_hosts=known_hosts)
            return next(each.passed for each in judged if "warn first" in str(each.rule.name))

    assert warns(frozenset())
    assert not warns(frozenset({"www.alpha.localhost"}))


def test_colours_that_a_reader_chooses_do_not_count() -> None:
    assert shades("a { color: #1e4a6d } [data-view=x] a { color: #ff0000 }") == shades("#1e4a6d")


@pytest.fixture
def run() -> Callable[..., tuple[str, int]]:
    """Run the command; what it printed, and its exit code."""

    def run(*arguments: str) -> tuple[str, int]:
        out = StringIO()
        try:
            call_command("inspect", *arguments, stdout=out)
        except SystemExit as end:
            return out.getvalue(), int(str(end.code))
        return out.getvalue(), 0

    return run


def test_any_site_can_be_inspected(run: Any) -> None:
    with served(broken("/fw/", "公网安备", "")) as home:
        text, code = run("--url", home)
        assert code == 1
        assert f"{home}fw/" in text
        rows = json.loads(run("--url", home, "--json", "--pages", "20")[0])
    assert {row["part"] for row in rows} == {"B.6", "B.7", "B.8"}
    with served(PAGES) as home:
        assert run("--url", home)[1] == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["alpha", "--url", "http://x.example/"], ["--url", "http://127.0.0.1:9/"], ["--url", "x"]],
)
def test_what_can_not_be_inspected_is_said(run: Any, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_an_unknown_site_is_said(run: Any, alpha: Tenant) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        run("nowhere")
