"""Many people at once: an uploaded roster, its preview, and the batch that does a row at a time."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.ui.tables import Column, Table

from sitecluster.accounts.membership import add_member, set_groups
from sitecluster.accounts.models import Membership, User
from sitecluster.accounts.profiles import mail_one_time_link
from sitecluster.rights.roles import ROLES
from sitecluster.tenancy import Tenant, tenant_context
from sitecluster_console.batches import uploads
from sitecluster_console.batches.uploads import (
    MOST_BYTES,
    MOST_ROWS,
    SHOWN,
    RowsForm,
    TableForm,
    judged_cell,
    packed,
)
from sitecluster_console.batches.work import BatchProblem, Item, NewItem, kind, start
from sitecluster_console.policy import sites_of
from sitecluster_console.shared.models import Batch, BatchItem
from sitecluster_console.views import ConsoleView
from tenants import directory
from tenants.models import Tenant as SiteRow
from tenants.rosters import table as table_file
from tenants.rosters.table import Line

from . import rows as people_rows
from .places import asked
from .rows import FIELDS, HEADINGS, Row, judged, row_of

LONGEST_CODE = 100  # of a batch's item
KIND = "person.import"
MADE = {"csv": people_rows.template_csv, "xlsx": people_rows.template_xlsx}


@kind(KIND, title=gettext_lazy("Import people"))
def import_person(item: BatchItem, batch: Batch) -> str | None:
    """Make the person of one row a member of the site, or ask them to become one.

    A platform admin adds at once, and whoever has no password yet is mailed a one-time link; a
    delegate asks by invitation, alike whether there is an account or not.
    """
    actor: User = batch.created_by
    row = item.site
    if row is None or not sites_of(actor).filter(pk=row.pk).exists():
        raise BatchProblem(_("There is no site %(code)s.") % {"code": item.wishes["site"]})
    site, email = directory.record(row), item.wishes["email"]
    member = Membership.objects.filter(user__email=email, tenant_id=site.id, ended_at=None).first()
    if member and set(item.wishes["roles"]) <= set(member.roles):
        return None
    if actor.is_superuser:
        return _added(item, batch, site)
    if member:
        return _more_roles(member, item.wishes["roles"], site, actor)
    return asked(email, item.wishes["name"], site, item.wishes["roles"], actor)


def _added(item: BatchItem, batch: Batch, site: Tenant) -> str:
    wishes, actor = item.wishes, batch.created_by
    user, created = add_member(
        wishes["email"], site, wishes["roles"], name=wishes["name"], by=actor
    )
    if user.has_usable_password():
        return _("Added.")
    done = batch.items.filter(wishes__email=user.email, state=Item.DONE)
    if not created and done.exists():
        return _("Added; the link was mailed with another row.")
    with tenant_context(site):
        mail_one_time_link(user, site, by=actor)
    return _("Account made, link mailed.") if created else _("Added, link mailed.")


def _more_roles(member: Membership, roles: Iterable[str], site: Tenant, actor: User) -> str:
    names = {ROLES[role].name if role in ROLES else role for role in [*member.roles, *roles]}
    with tenant_context(site):
        wanted = list(Group.objects.filter(name__in=names))
    set_groups(member.user, site, wanted, by=actor)
    return _("Is a member; roles added.")


class UploadForm(TableForm):
    """A roster of people."""

    file = forms.FileField(
        label=gettext_lazy("Roster of people"),
        help_text=format_lazy(
            gettext_lazy(
                "CSV or XLSX, one row a person and site, at most {rows} rows and {size} MB."
            ),
            rows=MOST_ROWS,
            size=MOST_BYTES // 1024**2,
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def lines(self, name: str, content: bytes) -> list[Line]:
        return table_file.lines(name, content, HEADINGS, FIELDS, MOST_ROWS)

    def row(self, line: Line) -> Row:
        return row_of(line)


class StartForm(RowsForm):
    """The rows as they were previewed, and why."""

    columns = FIELDS
    longest_cell = 1000

    def row(self, number: int, cells: Any) -> Row:
        return Row(number, *(cell.replace("\0", "") for cell in cells))


class CellColumn(Column):
    """A cell of the file, and below it what is to be said of it."""

    def render_cell_html(self, instance: Row, parent_context: Any) -> SafeString:
        value = getattr(instance, self.name)
        return judged_cell(self.name, value, instance.faults, instance.notes, "console-faulty")


class Preview:
    """A roster as it was judged."""

    def __init__(self, rows: list[Row], file_name: str) -> None:
        self.file_name, self.total, self.shown = file_name, len(rows), SHOWN
        self.bad = [row for row in rows if row.faults]
        self.good = [row for row in rows if not row.faults]
        self.bad_table = Table(_columns(), self.bad[:SHOWN])
        self.good_table = Table(_columns(), self.good[:SHOWN])
        self.packed = packed(rows, lambda row: [getattr(row, name) for name in FIELDS])

    def items(self) -> list[NewItem]:
        """The good rows."""
        sites = SiteRow.objects.in_bulk({row.site_id for row in self.good if row.site_id})
        return [
            NewItem(
                row.address[:LONGEST_CODE],
                row.name,
                site=sites.get(row.site_id or 0),
                wishes={
                    "email": row.address,
                    "name": row.name,
                    "site": row.site.lower(),
                    "roles": row.codes,
                },
                number=row.number,
            )
            for row in self.good
        ]

    def left_out(self) -> list[list[Any]]:
        """The bad rows, for the result."""
        return [
            [row.number, row.email, row.name, [fault.text for fault in row.faults]]
            for row in self.bad
        ]


def _columns() -> list[Column]:
    labels = {"name": _("Full name"), "email": _("Email"), "site": _("Site"), "roles": _("Roles")}
    columns: list[Column] = [Column("number", label=_("Row"))]
    return [*columns, *(CellColumn(name, label=label) for name, label in labels.items())]


class ImportView(ConsoleView, TemplateView):
    """``console:people_import``: upload, preview with each error at its cell, start."""

    template_name = "console/people_import.html"
    page_title = gettext_lazy("Import people")
    header_icon = "upload"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        people = {"url": reverse("console:people"), "label": _("People")}
        return [*self.breadcrumbs_items, people, {"url": "", "label": self.page_title}]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "rows" in request.POST:
            return self._start(request)
        upload = UploadForm(request.POST, request.FILES)
        if not upload.is_valid():
            return self.show(upload=upload)
        preview = self._preview(upload.cleaned_data["file"], upload.file_name)
        initial = {"rows": preview.packed, "file_name": preview.file_name[:200]}
        return self.show(preview=preview, form=StartForm(initial=initial))

    def show(self, **context: Any) -> HttpResponse:
        """The page, with what there is of an upload, its preview and the form to start it."""
        return self.render_to_response(self.get_context_data(**context))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("upload", UploadForm())
        return super().get_context_data(**kwargs)

    def _preview(self, rows: list[Row], file_name: str) -> Preview:
        actor: Any = self.request.user
        return Preview(judged(rows, actor), file_name)

    def _start(self, request: HttpRequest) -> HttpResponse:
        form = StartForm(request.POST)
        valid = form.is_valid()
        if "rows" not in form.cleaned_data:
            upload = UploadForm(request.POST)
            upload.add_error("file", form.errors["rows"])
            return self.show(upload=upload)
        name = form.cleaned_data.get("file_name", "")
        preview = self._preview(form.cleaned_data["rows"], name)
        if valid and preview.good:
            batch = self._batch(preview, form.cleaned_data["reason"])
            return redirect("console:batch", batch.pk)
        if valid:
            form.add_error(None, _("No row is good."))
        return self.show(preview=preview, form=form)

    def _batch(self, preview: Preview, reason: str) -> Batch:
        items = preview.items()
        text = ngettext("Import %d row of people", "Import %d rows of people", len(items))
        title = text % len(items)
        return start(
            KIND,
            f"{title}: {preview.file_name}"[:200] if preview.file_name else title,
            items,
            by=self.request.user,
            wishes={"file": preview.file_name, "left_out": preview.left_out()},
            reason=reason,
        )


class ImportTemplate(uploads.EmptyTableView):
    """An empty roster of people."""

    file_name = "people-template"
    made = MADE


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    template, base = ImportTemplate.as_view(), "people/import/"
    return [
        path(base, ImportView.as_view(), name="people_import"),
        path(f"{base}template.csv", template, {"name": "csv"}, name="people_import_csv"),
        path(f"{base}template.xlsx", template, {"name": "xlsx"}, name="people_import_xlsx"),
    ]
