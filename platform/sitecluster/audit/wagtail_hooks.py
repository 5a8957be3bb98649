"""What Wagtail's admin learns of the audit trail."""

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from .reading import may_read
from .views import TrailReport


class TrailMenuItem(MenuItem):
    """Shown to whoever may read the report."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_read(request.user)


@hooks.register("register_reports_menu_item")
def menu_item() -> TrailMenuItem:
    """The report, last in the menu Reports."""
    return TrailMenuItem(
        _("Audit trail"),
        reverse_lazy("audit_report"),
        name="audit",
        icon_name="history",
        order=1300,
    )


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    """The report and its part that filters reload."""
    return [
        path("reports/audit/", TrailReport.as_view(), name="audit_report"),
        path(
            "reports/audit/results/",
            TrailReport.as_view(results_only=True),
            name="audit_report_results",
        ),
    ]


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Lets a group be given the report."""
    return Permission.objects.filter(content_type__app_label="audit", codename="view_entry")
