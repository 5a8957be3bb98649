"""The lists of backups; making, downloading and deleting one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView, TemplateView, View

from sitecluster.audit.trail import record
from sitecluster_console.fields import ReasonForm
from sitecluster_console.trail import trail
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants.backups import making as verbs, tasks as backup_tasks
from tenants.models import Backup

from .backups import RECENT, backups_of, shown
from .form import SiteForm

A_PAGE = 50


class BackupMixin(ConsoleMixin):
    """The backup of the address, if the person may see it."""

    @cached_property
    def backup(self) -> Backup:
        """Raises Http404."""
        return get_object_or_404(backups_of(self.request.user), pk=self.kwargs["pk"])


class BackupList(ConsoleView, TemplateView):
    """``console:backups``: those of one site; ``part`` asks for the table alone."""

    template_name = "console/backups.html"
    header_icon = "download"
    page_title = gettext_lazy("Backups")

    def get_page_subtitle(self) -> str:
        return self.site.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return trail(self.site, _("Backups"))

    def get_template_names(self) -> list[str]:
        return ["console/backups_table.html"] if self._part() else [self.template_name]

    def _part(self) -> str:
        return self.request.GET.get("part", "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        rows = backups_of(user).filter(tenant=self.site)
        page = Paginator(rows, A_PAGE).get_page(self.request.GET.get("p"))
        some: Any = rows[:RECENT] if self._part() == "recent" else page.object_list
        more = {"site": self.site, "page": page, "part": "all", "make": BackupForm()}
        address = reverse("console:backups", args=[self.site.pk])
        return super().get_context_data(
            **more, **shown(some, user), list_url=address, count=page.paginator.count, **kwargs
        )


class AllBackups(ConsoleView, TemplateView):
    """``console:all_backups``: those of every site, removed ones included."""

    platform_only = True
    template_name = "console/backups.html"
    header_icon = "download"
    page_title = gettext_lazy("Backups")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_template_names(self) -> list[str]:
        part = self.request.GET.get("part", "")
        return ["console/backups_table.html"] if part else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        page = Paginator(backups_of(user), A_PAGE).get_page(self.request.GET.get("p"))
        rows: Any = page.object_list
        return super().get_context_data(
            page=page,
            part="all",
            list_url=reverse("console:all_backups"),
            count=page.paginator.count,
            **shown(rows, user, with_site=True),
            **kwargs,
        )


class BackupForm(forms.Form):
    """What a backup is for."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For example what is about to be changed. It is kept."),
    )


class MakeBackup(SiteForm):
    """``console:backup_make``: a backup in the background."""

    form_class = BackupForm
    page_title = gettext_lazy("Back up now")
    header_icon = "download"

    def act(self, data: dict[str, Any]) -> str:
        backup_tasks.ask(self.site, by=self.request.user, reason=data["reason"])
        return _("The backup of %s is being made.") % self.site.name

    def get_success_url(self) -> str:
        return reverse("console:backups", args=[self.site.pk])


class Download(BackupMixin, View):
    """``console:backup_download``: the file, as a stream."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        backup = self.backup
        try:
            file = verbs.path_of(backup).open("rb")
        except FileNotFoundError:
            raise Http404 from None
        subject, after = backup.tenant.name, {"file": backup.file}
        record("backup.downloaded", site=backup.tenant, subject=subject, after=after)  # type: ignore[arg-type]
        return FileResponse(
            file, as_attachment=True, filename=backup.file, content_type="application/zip"
        )


class DeleteBackup(BackupMixin, ConsoleView, FormView):  # type: ignore[type-arg]
    """``console:backup_delete``. For platform admins: it may be the last that there is."""

    platform_only = True
    template_name = "console/site_form.html"
    form_class = ReasonForm
    page_title = gettext_lazy("Delete a backup")
    header_icon = "bin"
    serious = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"site": self.backup.tenant, "submit": _("Delete"), "back": self.get_success_url()}
        return {**super().get_context_data(**kwargs), **more}

    def get_page_subtitle(self) -> str:
        return self.backup.file

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return way_to(self, self.backup, self.page_title)

    def get_success_url(self) -> str:
        return back_to(self, self.backup)

    def form_valid(self, form: Any) -> HttpResponse:
        target = self.get_success_url()
        verbs.delete(self.backup, by=self.request.user, reason=form.cleaned_data["reason"])
        messages.success(self.request, _("The backup is deleted."))
        return redirect(target)


def way_to(view: Any, backup: Backup, title: Any) -> list[dict[str, Any]]:
    """Breadcrumbs of a screen about one backup."""
    steps = [{"url": back_to(view, backup), "label": _("Backups")}, {"url": "", "label": title}]
    if view.sites().filter(pk=backup.tenant_id).exists():
        return [*trail(backup.tenant, "")[:-1], *steps]
    return [*view.breadcrumbs_items, *steps]


def back_to(view: ConsoleMixin, backup: Backup) -> str:
    """The list of the site's backups, or that of all where the site is gone."""
    if view.sites().filter(pk=backup.tenant_id).exists():
        return reverse("console:backups", args=[backup.tenant_id])
    return reverse("console:all_backups")


def urls() -> list[URLPattern]:
    """The addresses below ``/admin/cluster/``."""
    return [
        path("backups/", AllBackups.as_view(), name="all_backups"),
        path("sites/<int:pk>/backups/", BackupList.as_view(), name="backups"),
        path("sites/<int:pk>/backups/make/", MakeBackup.as_view(), name="backup_make"),
        path("backups/<int:pk>/download/", Download.as_view(), name="backup_download"),
        path("backups/<int:pk>/delete/", DeleteBackup.as_view(), name="backup_delete"),
    ]
