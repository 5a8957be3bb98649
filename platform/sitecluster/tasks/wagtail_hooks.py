"""What Wagtail's admin learns of the queue."""

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from sitecluster.audit.reading import may

from . import views
from .failures import SEE


class FailuresMenuItem(MenuItem):
    """Shown to whoever may read the report."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may(request.user, SEE)


@hooks.register("register_reports_menu_item")
def menu_item() -> FailuresMenuItem:
    """The report, in the menu Reports."""
    return FailuresMenuItem(
        _("Failed tasks"),
        reverse_lazy("tasks_failures"),
        name="failed-tasks",
        icon_name="warning",
        order=1200,
    )


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    """The report, the part of it that filters reload, and what is behind its rows."""
    report = views.FailureReport
    return [
        path("reports/tasks/", report.as_view(), name="tasks_failures"),
        path(
            "reports/tasks/results/",
            report.as_view(results_only=True),
            name="tasks_failures_results",
        ),
        path("reports/tasks/<uuid:pk>/", views.details, name="tasks_details"),
        path("reports/tasks/<uuid:pk>/retry/", views.retry, name="tasks_retry"),
    ]


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Lets a group be given the report and its button."""
    return Permission.objects.filter(
        content_type__app_label="tasks", codename__in=("view_queuedtask", "change_queuedtask")
    )
