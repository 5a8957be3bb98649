"""Restoring a backup: the form, and how far it is. For platform admins."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, pgettext
from django.views.generic import FormView, TemplateView

from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster_console.fields import document_field, reason_field
from sitecluster_console.views import ConsoleView
from tenants import domain_rules
from tenants.backups import making as backups, restoring, tasks as backup_tasks
from tenants.backups.restoring import RestoreError, Way
from tenants.models import Backup, Domain, State, Tenant
from tenants.orders import code_faults, domain_faults, name_faults, split_domain

from .backup_views import BackupMixin, back_to, way_to

OF_A_COPY = ("code", "name", "domain")


class RestoreForm(forms.Form):
    """How it comes back, why, and the code of the site once more."""

    use_required_attribute = False
    way = forms.ChoiceField(label=gettext_lazy("What is to become of it"), widget=forms.RadioSelect)
    code = forms.CharField(
        label=gettext_lazy("Code of the copy"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Lower-case letters, digits and hyphens. It doesn't change later."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the copy"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Empty: the same name."),
    )
    domain = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=253,
        required=False,
        help_text=gettext_lazy("A host, or a host and a path. A copy may be without."),
    )
    reason = reason_field()
    document = document_field()
    confirmation = forms.CharField(label=gettext_lazy("To confirm"), max_length=40)

    def __init__(self, *args: Any, backup: Backup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.backup, self.site = backup, backup.tenant
        way: Any = self.fields["way"]
        way.choices = list(self._ways().items())
        text = _("Write the code of the site that was backed up: %s")
        self.fields["confirmation"].help_text = text % self.site.code

    def _ways(self) -> dict[str, str]:
        copy = {Way.COPY.value: _("Another site is made of it, which is being built")}
        if self.site.state == State.REMOVED:
            return {Way.RETURN.value: _("The removed site returns, being built"), **copy}
        place = _(
            "It replaces the content of the site as it is now; of that a backup is made first"
        )
        return {**copy, Way.IN_PLACE.value: place}

    def clean_confirmation(self) -> str:
        """The site's code."""
        written = str(self.cleaned_data["confirmation"]).strip()
        if written != self.site.code:
            raise forms.ValidationError(_("This isn't the code of the site."))
        return written

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        way = data.get("way")
        if way == Way.COPY:
            self._check_copy(data)
        if way in (Way.COPY, Way.RETURN) and data.get("domain"):
            self._check_domain(data["domain"])
        if way and not self.errors:
            self._check_file()
        return data

    def wishes(self) -> dict[str, str]:
        """What `tenants.backups.restoring.restore` is told."""
        data = self.cleaned_data
        wanted = {Way.COPY: OF_A_COPY, Way.RETURN: ("domain",)}.get(data["way"], ())
        return {name: data[name].strip() for name in wanted}

    def _check_copy(self, data: dict[str, Any]) -> None:
        code = data.get("code", "").strip()
        if not code:
            self.add_error("code", _("A copy needs a code of its own."))
        elif Tenant.objects.filter(code=code).exists():
            self.add_error("code", _("This code is taken."))
        else:
            for fault in code_faults(code, self.site.kind):
                self.add_error("code", fault)
        name = data.get("name", "").strip()
        for fault in name_faults(name) if name else ():
            self.add_error("name", fault)

    def _check_domain(self, domain: str) -> None:
        faults = domain_faults(domain)
        host, prefix = split_domain(domain)
        taken = Domain.objects.filter(host=host, prefix=prefix).select_related("tenant").first()
        if taken:
            text = _("The address %(domain)s is taken by %(name)s.")
            faults.append(text % {"domain": domain, "name": taken.tenant.name})
        faults += domain_rules.errors(self.site.kind, domain, self.site.parent)
        for fault in faults:
            self.add_error("domain", fault)

    def _check_file(self) -> None:
        try:
            restoring.check(backups.path_of(self.backup), **self.wishes())
        except FileNotFoundError:
            self.add_error(None, _("The file is gone."))
        except RestoreError as error:
            for problem in error.problems:
                self.add_error(None, problem)


class RestoreView(BackupMixin, ConsoleView, FormView):  # type: ignore[type-arg]
    """``console:backup_restore``: starts the restoration in the background."""

    platform_only = True
    template_name = "console/restore.html"
    form_class = RestoreForm
    page_title = gettext_lazy("Restore a backup")
    header_icon = "history"

    @cached_property
    def backup(self) -> Backup:
        """One that was finished; raises Http404."""
        found: Backup = super().backup
        if found.state != Backup.State.DONE:
            raise Http404
        return found

    def get_page_subtitle(self) -> str:
        return self.backup.tenant.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return way_to(self, self.backup, self.page_title)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "backup": self.backup}

    def get_initial(self) -> dict[str, Any]:
        removed = self.backup.tenant.state == State.REMOVED
        return {"way": Way.RETURN.value if removed else Way.COPY.value}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "site": self.backup.tenant,
            "backup": self.backup,
            "back": back_to(self, self.backup),
            "submit": pgettext("backup", "Restore"),
            "copy_alone": json.dumps({"way": [Way.COPY.value]}),
            "addressed": json.dumps({"way": [Way.COPY.value, Way.RETURN.value]}),
        }
        return {**super().get_context_data(**kwargs), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        why = {name: form.cleaned_data[name].strip() for name in ("reason", "document")}
        wishes = {**form.wishes(), **why}
        number = backup_tasks.ask_restore(self.backup, by=self.request.user, **wishes)
        return redirect("console:restoration", number)


class RestorationView(ConsoleView, TemplateView):
    """``console:restoration``: what has become of it; ``part`` asks for the state alone."""

    platform_only = True
    template_name = "console/restoration.html"
    page_title = gettext_lazy("Restoration")
    header_icon = "history"

    @cached_property
    def row(self) -> QueuedTask:
        """The task of the address; raises Http404."""
        try:
            found = backup_tasks.restore_task(str(UUID(self.kwargs["number"])))
        except ValueError:
            found = None
        if found is None:
            raise Http404
        return found

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        every = {"url": reverse("console:all_backups"), "label": _("Backups")}
        return [*self.breadcrumbs_items, every, {"url": "", "label": self.page_title}]

    def get_template_names(self) -> list[str]:
        part = self.request.GET.get("part", "")
        return ["console/restoration_state.html"] if part else [self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row
        going = row.status in (Status.READY, Status.RUNNING)
        result: dict[str, Any] = row.return_value or {}
        problems = result.get("problems", [])
        if row.status == Status.FAILED:
            problems = [_("It failed by an error of the platform; nothing has changed.")]
        site = self.sites().filter(pk=result.get("site") or 0).first()
        state = {"going": going, "began": row.status == Status.RUNNING, "problems": problems}
        address = reverse("console:restoration", args=[row.pk])
        return super().get_context_data(site=site, address=address, **state, **kwargs)


def urls() -> list[URLPattern]:
    """The addresses below ``/admin/cluster/``."""
    return [
        path("backups/<int:pk>/restore/", RestoreView.as_view(), name="backup_restore"),
        path("restorations/<slug:number>/", RestorationView.as_view(), name="restoration"),
    ]
