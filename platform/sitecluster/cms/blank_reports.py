"""Blank columns brought before those who may fill them: a report, and a panel where they begin."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page

from sitecluster.spreadsheets import ExportMixin

from .addresses import path_within
from .blank_columns import blank_columns
from .columns import ColumnPage

SHOWN_IN_PANEL = 6


def with_drafts(columns: "QuerySet[ColumnPage]") -> "QuerySet[ColumnPage]":
    """The columns, with the number of pages directly below them that aren't live: ``drafts``."""
    below = Page.objects.filter(
        live=False, depth=OuterRef("depth") + 1, path__startswith=OuterRef("path")
    )
    counted = below.order_by().values("depth").annotate(number=Count("pk")).values("number")
    drafts = Subquery(counted, output_field=IntegerField())
    return columns.annotate(drafts=Coalesce(drafts, 0))


def listing_url(column: ColumnPage) -> str:
    """The screen on which pages are added to the column."""
    return reverse("wagtailadmin_explore", args=[column.pk])


class BlankColumnReport(ExportMixin, ReportView):
    """空白栏目: columns of which citizens see nothing, since nothing is published below them."""

    page_title = gettext_lazy("Blank columns")
    header_icon = "folder-open-inverse"
    export_filename = "blank-columns"
    index_url_name = "cms_blank_columns"
    index_results_url_name = "cms_blank_columns_results"
    model = ColumnPage
    list_export = ["title", "address", "owner_unit", "drafts", "first_published_at"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not user_has_any_page_permission(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("title", label=_("Column"), accessor="title", get_url=listing_url),
            Column("address", label=_("Address"), accessor=_address),
            Column("owner_unit", label=_("Owner unit"), accessor="owner_unit"),
            Column("drafts", label=_("Drafts"), accessor="drafts"),
            DateColumn("first_published_at", label=_("Live since"), width="14%"),
        ]

    @property
    def export_headings(self) -> dict[str, str]:
        return {column.name: str(column.label) for column in self.columns}

    def get_queryset(self) -> "QuerySet[ColumnPage]":
        return with_drafts(blank_columns(self.request.user))

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        for column in object_list:
            column.address = _address(column)
        return object_list


class BlankColumnPanel(Component):
    """The first of them, on the home screen of whoever may fill them; nothing if there are none."""

    name = "blank_columns"
    template_name = "cms_admin/blank_columns_panel.html"
    order = 220

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    def get_context_data(self, parent_context: Mapping[str, Any] | None) -> dict[str, Any]:
        found = list(with_drafts(blank_columns(self.request.user)))
        text = ngettext(
            "Citizens aren't shown %d column: nothing is published in it.",
            "Citizens aren't shown %d columns: nothing is published in them.",
            len(found),
        )
        return {
            "explanation": text % len(found),
            "columns": found[:SHOWN_IN_PANEL],
            "more": len(found) > SHOWN_IN_PANEL,
        }


def _address(column: ColumnPage) -> str:
    return path_within(column.url_path, column.locale.language_code) or ""
