"""All rules together."""

from .colour_rules import COLOUR_RULES
from .footer_rules import FOOTER_RULES
from .leaving_rules import LEAVING_RULES
from .page_rules import PAGE_RULES
from .rules import Verdict, judged
from .tag_rules import TAG_RULES
from .visiting import PAGES, visit

RULES = [*COLOUR_RULES, *PAGE_RULES, *FOOTER_RULES, *TAG_RULES, *LEAVING_RULES]


def inspect(
    address: str, most: int = PAGES, known_hosts: frozenset[str] = frozenset()
) -> list[Verdict]:
    """Judge the site at ``address`` by every rule of B.6 to B.8.

    ``most`` pages are fetched beside the home page. ``known_hosts`` are those of a site of this
    cluster, its white list among them: links there need no warning. Raises `visiting.NotFound` if
    nothing answers.
    """
    seen = visit(address, most)
    seen.known_hosts = known_hosts
    return list(judged(seen, RULES))
