"""The front pages of the sample county, composed as an editor would (deploy/demo/home.toml)."""

import tomllib
from collections.abc import Mapping
from typing import Any

from wagtail.models import Page, Site

from sitecluster.cms.models import HomePage
from sitecluster.tenancy import current_tenant

from .config import ROOT

FILE = ROOT / "deploy" / "demo" / "home.toml"
PATHS = frozenset({"column", "page"})  # keys whose values are paths of slugs below the home page


def compose() -> bool:
    """Compose the front page of the active site as the file says of its code, or else of its kind.

    Does nothing to a page that somebody has composed. Sections and entries whose page the site
    hasn't are left out.
    """
    site = current_tenant()
    home: HomePage = Site.objects.select_related("root_page").get().root_page.specific
    if site is None or home.sections:
        return False
    known = tomllib.loads(FILE.read_text("utf8"))
    wanted = known.get(site.code) or known.get(site.kind) or []
    sections = []
    for section in wanted:
        value = _resolved(home, {name: each for name, each in section.items() if name != "type"})
        if value is not None:
            sections.append({"type": section["type"], "value": value})
    if sections:
        block = HomePage._meta.get_field("sections").stream_block
        # As values: what stands in lists then gets the ids that translations need.
        home.sections = [(each.block_type, each.value) for each in block.to_python(sections)]
        home.save_revision().publish()
    return bool(sections)


def _resolved(home: HomePage, value: Mapping[str, Any]) -> dict[str, Any] | None:
    """The value with pages' ids for their paths; None if one of its own pages isn't there."""
    found: dict[str, Any] = {}
    for name, each in value.items():
        if name in PATHS:
            page = _page_at(home, each)
            if page is None:
                return None
            found[name] = page.pk
        elif isinstance(each, list) and each and isinstance(each[0], dict):
            found[name] = [entry for raw in each if (entry := _resolved(home, raw)) is not None]
        else:
            found[name] = each
    return found


def _page_at(home: HomePage, path: str) -> Page | None:
    return Page.objects.live().filter(url_path=f"{home.url_path}{path}/").first()
