"""axe on a page as it stands; what Wagtail's own screens violate is known and listed by rule."""

import re
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

axe = Axe()
LOOKS, PAUSE_MS = 4, 500


@dataclass(frozen=True)
class Known:
    """A violation of Wagtail's: elements with ``html`` on screens below ``path`` (patterns)."""

    rule: str
    html: str = ""
    path: str = ""


# Of Wagtail 8.0.1; a rule that is mended there should leave this list.
KNOWN = (
    Known("landmark-unique", html='role="search"'),  # header search beside the menu's
    Known("label-content-name-mismatch", html="w-pill|w-drilldown|<button"),  # an active filter
    Known("aria-allowed-role", html='<h2 role="alert"'),  # the count of a filtered listing
    Known("aria-dialog-name", html="modal"),  # choosers
    Known("aria-required-parent", path="/users/"),
    Known("label", path="/(images|documents)/"),  # tags
    Known("list", path="/workflows/"),
    Known("listitem", path="/workflows/"),
    Known("heading-order", path="/workflows/"),
    Known("empty-table-header", path="/workflows/"),
    Known("empty-heading", path="/reports/workflow"),
)


def violations(page: Page, context: str = "") -> list[str]:
    """What axe finds on ``page``, or within the selector ``context``, but what is `KNOWN`.

    A line for each element: the rule, the element's selector and its markup. What fades or slides
    in is judged once it stands.
    """
    page.wait_for_load_state()
    for _look in range(LOOKS):
        found = _violations(page, context)
        if not found:
            break
        page.wait_for_timeout(PAUSE_MS)
    return found


def _violations(page: Page, context: str) -> list[str]:
    found = axe.run(page, context or None).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
        if not _known(rule["id"], node["html"], page.url)
    ]


def _known(rule: str, html: str, url: str) -> bool:
    return any(
        known.rule == rule and re.search(known.html, html) and re.search(known.path, url)
        for known in KNOWN
    )
