"""What failed in the background, in the Reports menu of every site."""

from typing import Any
from uuid import UUID

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView

from sitecluster.audit.reading import may, sites_read_by
from sitecluster.tenancy import find_sites, sees_all_sites

from . import failures
from .claiming import Status
from .failures import RETRY, SEE
from .models import QueuedTask

OUTCOMES = [
    (Status.FAILED, gettext_lazy("Failed for good")),
    (Status.READY, gettext_lazy("Tried again later")),
]


class FailureFilterSet(WagtailFilterSet):
    """By what becomes of it."""

    status = django_filters.ChoiceFilter(label=gettext_lazy("Outcome"), choices=OUTCOMES)

    class Meta:
        model = QueuedTask
        fields: list[str] = []


class RetryColumn(Column):
    """A button where the reader may use it."""

    cell_template_name = "tasks/retry_cell.html"


class FailureReport(ReportView):
    """后台任务: what failed, why, and how often it was tried."""

    page_title = gettext_lazy("Failed tasks")
    header_icon = "warning"
    index_url_name = "tasks_failures"
    index_results_url_name = "tasks_failures_results"
    model = QueuedTask
    filterset_class = FailureFilterSet
    list_export: list[str] = []
    show_export_buttons = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, SEE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def columns(self) -> list[Column]:
        site = [Column("site", label=_("Site code"))] if sees_all_sites() else []
        return [
            DateColumn("started_at", label=_("Last attempt"), width="14%"),
            *site,
            Column("title", label=_("Task"), accessor=failures.title),
            Column("problem", label=_("Problem")),
            Column("attempts", label=_("Attempts"), accessor="attempts"),
            Column("outcome", label=_("Outcome"), accessor=_outcome),
            RetryColumn("retry", label=""),
        ]

    def get_queryset(self) -> "QuerySet[QueuedTask]":
        return failures.failures(self.request.user)

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        rows = list(object_list)
        codes = {site.id: site.code for site in find_sites(row.tenant_id for row in rows)}
        may_retry = may(self.request.user, RETRY)
        for row in rows:
            row.site = codes.get(row.tenant_id, "")
            row.may_retry = may_retry and row.status == Status.FAILED
            row.has_details = sites_read_by(self.request.user) is None
        return rows


def _outcome(row: QueuedTask) -> str:
    return str(dict(OUTCOMES).get(Status(row.status), _("Runs now")))


@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a task that failed for good run again."""
    if not may(request.user, RETRY):
        raise PermissionDenied
    try:
        row = failures.retry(pk, failures.failures(request.user), by=request.user)
    except QueuedTask.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("%s runs again in a moment.") % failures.title(row))
    return redirect("tasks_failures")


@require_GET
def details(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Arguments and traceback, on the control site and for platform admins alone: both can hold
    what is no site's."""
    if not sees_all_sites():
        raise Http404
    if not may(request.user, SEE) or sites_read_by(request.user) is not None:
        raise PermissionDenied
    row = get_object_or_404(failures.failures(request.user), pk=pk)
    context = {"row": row, "page_title": failures.title(row), "header_icon": "warning"}
    return TemplateResponse(request, "tasks/details.html", context)
