"""What a version of a blueprint has that another has not: its columns."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass

from sitecluster.cms.models import ColumnPage
from sitecluster.tenancy import Tenant, tenant_context

from . import content
from .models import Blueprint

# What editors of a blueprint see and write where each new site has its own name.
SHOWN = {content.NAME: "〔站点名称〕", content.SHORT_NAME: "〔站点简称〕"}
Columns = dict[str, str]
"""Path within the site -> title."""


@dataclass(frozen=True)
class Changes:
    """The columns in which two versions differ, each as a title with its path."""

    added: list[str]
    removed: list[str]
    renamed: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.renamed)


def columns_of(blueprint: Blueprint) -> Columns:
    """The columns that sites made from the blueprint begin with."""
    stored = Blueprint.objects.values_list("rows__cms_columnpage", "rows__wagtailcore_page")
    columns, pages = (_rows(*each) for each in stored.get(pk=blueprint.pk))
    ids = {row["page_ptr_id"] for row in columns}
    return {_path(row["url_path"]): _shown(row["title"]) for row in pages if row["id"] in ids}


def columns_now(site: Tenant) -> Columns:
    """The live columns of a site."""
    with tenant_context(site):
        rows = ColumnPage.objects.live().order_by("path").values_list("url_path", "title")
        return {_path(url_path): title for url_path, title in rows}


def between(before: Columns, now: Columns) -> Changes:
    """What has come, gone, and got another name."""
    return Changes(
        added=[_named(path, now) for path in now if path not in before],
        removed=[_named(path, before) for path in before if path not in now],
        renamed=[_named(path, now) for path in now if before.get(path, now[path]) != now[path]],
    )


def _named(path: str, columns: Mapping[str, str]) -> str:
    return f"{columns[path]} {path}"


def _path(url_path: str) -> str:
    return "/" + url_path.strip("/").partition("/")[2] + "/"


def _shown(text: str) -> str:
    for token, shown in SHOWN.items():
        text = text.replace(token, shown)
    return text


def _rows(columns: str, text: str) -> list[dict[str, str]]:
    lines = text.split("\n")[:-1]
    names = columns.replace('"', "").split(", ")
    return list(csv.DictReader(lines, names, delimiter="\t", quoting=csv.QUOTE_NONE))
