"""Where citizens go: one page of every kind, on three sites in three themes."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.content import Content
from tests.browser.server import Server

DEPARTMENT_HOST = "delta.alpha.localhost"  # wears the theme of its kind
PORTAL = ("portal", "portal's search", "feedback")
TOWNSHIP = ("township", "column", "page two", "article", "topic", "search", "map", "404")
DEPARTMENT = (
    "department", "department's column", "department's article", "document", "organ", "leader",
    "department's map", "department's 404",
)  # fmt: skip
NOTICES = ("offline", "unknown")
NAMES = (*PORTAL, *TOWNSHIP, *DEPARTMENT, *NOTICES)
STATUS = {"404": 404, "department's 404": 404, "offline": 503, "unknown": 404}
# All of WCAG's rules and axe's best practices.
AXE_OPTIONS = {"resultTypes": ["violations"]}
WIDER = "() => [document.documentElement.scrollWidth, innerWidth]"


def addresses(server: Server, written: Content) -> dict[str, str]:
    """Where the page of each of `NAMES` stands."""

    def department(path: str) -> str:
        return server.public(path, DEPARTMENT_HOST)

    kinds = written.department_paths
    return {
        "portal": server.public(),
        "portal's search": server.public("/search/?q=%E6%94%BF%E5%BA%9C"),
        "feedback": server.public("/feedback/"),
        "township": server.town(),
        "column": server.town(written.column_path),
        "page two": server.town(f"{written.column_path}?page=2"),
        "article": server.town(written.article_path),
        "topic": server.town(written.topic_path),
        "search": server.town("/search/?q=%E9%9B%86%E5%B8%82"),
        "map": server.town("/sitemap/"),
        "404": server.town("/nothing/"),
        "department": department("/"),
        "department's column": department("/tzgg/"),
        "department's article": department(kinds["article"]),
        "document": department(kinds["document"]),
        "organ": department(kinds["organ"]),
        "leader": department(kinds["leader"]),
        "department's map": department("/sitemap/"),
        "department's 404": department("/nothing/"),
        "offline": server.public(host="gamma.alpha.localhost"),
        "unknown": server.public(host="nobody.localhost"),
    }


def faults(page: Page) -> list[str]:
    """What axe finds on a page, and whether it is wider than its window; nothing is well."""
    page.wait_for_load_state()
    content, window = page.evaluate(WIDER)
    wide = [f"{content} pixels wide in a window of {window}"] if content > window else []
    found: list[Any] = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return wide + [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]
