"""What new sites are made from: the list of blueprints, and one with its versions and acts."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView, TemplateView, View
from wagtail.admin.ui.tables import Column, DateColumn, Table, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from sitecluster.audit.models import Entry
from sitecluster_console.batches.work import Item, NewItem, start
from sitecluster_console.fields import GroundsForm
from sitecluster_console.shared.models import BatchItem
from sitecluster_console.site.act import SiteAct
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants import blueprint_sites, blueprinting, content, directory
from tenants.blueprint_changes import Changes, between, columns_now, columns_of
from tenants.models import Blueprint, Kind, State, Tenant

from . import work as work
from .forms import CopyForm, PublishForm

ACTS = ("blueprint.published", "blueprint.restored", "blueprint.copied")
HIDDEN = frozenset({str(Kind.CONTROL)})  # a cluster has one control site


@dataclass(frozen=True)
class Row:
    """The newest version of a blueprint, and who stands on which."""

    blueprint: Blueprint
    on_newest: int
    on_older: int

    @property
    def pk(self) -> str:
        return self.blueprint.code

    @property
    def title(self) -> str:
        return blueprint_sites.title(self.blueprint)

    @property
    def source(self) -> str:
        return _source(self.blueprint)


@dataclass(frozen=True)
class Version:
    """One version in the history of a blueprint."""

    number: int
    made_at: datetime
    source: str
    sites: int
    person: str
    reason: str
    changes: list[str]


class BlueprintList(ConsoleMixin, BaseListingView):
    """Every blueprint, in its newest version."""

    platform_only = True
    page_title = gettext_lazy("Blueprints")
    header_icon = "copy"
    index_url_name = "console:blueprints"
    index_results_url_name = "console:blueprints_results"
    paginate_by = 50

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("title", label=_("Blueprint"), url_name="console:blueprint"),
            Column("kind", label=_("Kind"), accessor="blueprint.get_kind_display"),
            Column("version", label=_("Version"), accessor="blueprint.version"),
            Column("source", label=_("Taken from")),
            Column("on_newest", label=_("Sites of this version")),
            Column("on_older", label=_("Sites of older ones")),
            DateColumn("made", label=_("Made"), accessor="blueprint.created_at"),
        ]

    def get_base_queryset(self) -> Any:
        newest = Blueprint.objects.exclude(code__in=HIDDEN).order_by("code", "-version")
        found = newest.distinct("code").select_related("source").defer(*DUMP)
        return [_row(blueprint) for blueprint in found]


class BlueprintMixin(ConsoleMixin):
    """The blueprint of the address, in its newest version."""

    platform_only = True

    @cached_property
    def blueprint(self) -> Blueprint:
        """Raises Http404."""
        try:
            if self.kwargs["code"] in HIDDEN:
                raise Http404
            return blueprinting.of_code(self.kwargs["code"])
        except Blueprint.DoesNotExist:
            raise Http404 from None

    @property
    def page_url(self) -> str:
        """The blueprint's own page."""
        return reverse("console:blueprint", args=[self.blueprint.code])

    def trail(self, *labels: str) -> list[dict[str, Any]]:
        """Breadcrumbs down to these labels."""
        name = blueprint_sites.title(self.blueprint)
        steps = [(reverse("console:blueprints"), _("Blueprints"))]
        steps += (
            [(self.page_url, name), *(("", text) for text in labels)] if labels else [("", name)]
        )
        items = [{"url": url, "label": label} for url, label in steps]
        return [*WagtailAdminTemplateMixin.breadcrumbs_items, *items]

    def begin(self, kind: str, title: str, data: dict[str, Any]) -> HttpResponse:
        """Let the worker do it and show how it goes."""
        name = blueprint_sites.title(self.blueprint)
        item = NewItem(code=self.blueprint.code, name=name)
        batch = start(
            kind,
            f"{title} · {name}",
            [item],
            by=self.request.user,
            reason=data["reason"],
            document=data["document"],
        )
        return redirect("console:batch", batch.pk)


class BlueprintPage(BlueprintMixin, ConsoleView, TemplateView):
    """One blueprint: how to edit it, what would be published, its versions."""

    template_name = "console/blueprint.html"
    header_icon = "copy"

    def get_page_title(self) -> str:
        return blueprint_sites.title(self.blueprint)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail()

    def get_template_names(self) -> list[str]:
        part = self.request.GET.get("part") == "editor"
        return ["console/blueprint_editor.html"] if part else [self.template_name]

    def get_header_buttons(self) -> list[HeaderButton]:
        if self.blueprint.source_id is None or self.blueprint.code not in content.kinds():
            return []
        address = reverse("console:blueprint_restore", args=[self.blueprint.code])
        return [HeaderButton(_("Back to the platform's own"), address, icon_name="history")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        editor = blueprint_sites.editor_of(self.blueprint.code)
        site = editor and directory.record(editor)
        return super().get_context_data(
            blueprint=self.blueprint,
            source=_source(self.blueprint),
            editor=site,
            opening=None if editor else self._opening(),
            changes=self._waiting(site) if site and not site.behind else None,
            versions=Table(_version_columns(), _versions(self.blueprint)),
            **kwargs,
        )

    def _opening(self) -> BatchItem | None:
        """The last try to prepare it for editing."""
        tries = BatchItem.objects.filter(batch__kind=work.OPEN, code=self.blueprint.code)
        last = tries.order_by("-pk").first()
        return last if last and last.state in (Item.WAITING, Item.FAILED) else None

    def _waiting(self, site: directory.Site) -> Changes:
        return between(columns_of(self.blueprint), columns_now(site))


class OpenEditor(BlueprintMixin, View):
    """Let the worker prepare the blueprint for editing; the page shows when it is ready."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.begin(work.OPEN, _("Prepare for editing"), {"reason": "", "document": ""})
        return redirect(self.page_url)


class BlueprintAct(BlueprintMixin, ConsoleView, FormView):  # type: ignore[type-arg]
    """Asks why, then lets the worker do it."""

    template_name = "console/blueprint_act.html"
    header_icon = "copy"
    form_class: Any = GroundsForm
    kind = ""
    warning: Any = ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail(str(self.page_title))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "title": f"{self.page_title} · {blueprint_sites.title(self.blueprint)}",
            "label": self.page_title,
            "back": self.page_url,
            "warning": self.warning,
        }
        return {**super().get_context_data(**kwargs), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        return self.begin(self.kind, str(self.page_title), form.cleaned_data)


class Publish(BlueprintAct):
    """``console:blueprint_publish``: shows what changes for sites to come."""

    page_title = gettext_lazy("Publish a new version")
    form_class = PublishForm
    kind = work.PUBLISH

    @cached_property
    def editor(self) -> Tenant:
        """Raises Http404 where nobody has edited it."""
        found = blueprint_sites.editor_of(self.blueprint.code)
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        site = directory.record(self.editor)
        shown = None if site.behind else between(columns_of(self.blueprint), columns_now(site))
        return {**super().get_context_data(**kwargs), "changes": shown}


class Restore(BlueprintAct):
    """``console:blueprint_restore``."""

    page_title = gettext_lazy("Back to the platform's own")
    kind = work.RESTORE
    warning = gettext_lazy(
        "New sites are made from the platform's own content again, and what was edited here is"
        " replaced by it. Sites that exist don't change."
    )


class CopyAsBlueprint(SiteAct):
    """``console:blueprint_copy``: the site as what others are made from."""

    platform_only = True
    page_title = gettext_lazy("Copy as a blueprint")
    header_icon = "copy"
    form_class = CopyForm
    warning = gettext_lazy(
        "Columns, live pages and the uploads they use, roles and workflows are handed on; accounts,"
        " logs, drafts, form data and the site's own filings aren't."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site": directory.record(self.site)}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        item = NewItem(code=self.site.code, name=self.site.name, site=self.site)
        batch = start(
            work.COPY,
            f"{self.page_title} · {self.site.name}",
            [item],
            by=self.request.user,
            wishes={name: data[name] for name in ("code", "name", "articles")},
            reason=data["reason"],
            document=data["document"],
        )
        return redirect("console:batch", batch.pk)


DUMP = ("pre_data", "rows", "post_data", "sequences", "uuids", "items", "moments")


def buttons(site: Tenant, request: HttpRequest) -> list[HeaderButton]:
    """On a site's page, for platform admins."""
    user: Any = request.user
    if not user.is_superuser or site.kind == Kind.CONTROL:
        return []
    address = reverse("console:blueprint_copy", args=[site.pk])
    return [HeaderButton(_("Copy as a blueprint"), address, icon_name="copy")]


def _row(blueprint: Blueprint) -> Row:
    counts = _counts(blueprint.code)
    newest = counts.pop(blueprint.version, 0)
    return Row(blueprint, newest, sum(counts.values()))


def _counts(code: str) -> Counter[int]:
    """How many sites are made from which version."""
    sites = Tenant.objects.filter(is_blueprint=False, blueprint_code=code)
    standing = sites.exclude(state=State.REMOVED).exclude(blueprint_version=None)
    return Counter(version for (version,) in standing.values_list("blueprint_version") if version)


def _source(blueprint: Blueprint) -> str:
    if blueprint.source is None:
        return _("the platform's own content")
    return _("its own site") if blueprint.source.is_blueprint else blueprint.source.name


def _versions(blueprint: Blueprint) -> list[Version]:
    """All versions, the newest first, with what the audit trail tells of them."""
    told = {
        (entry.after or {}).get("blueprint"): entry
        for entry in Entry.objects.filter(act__in=ACTS, after__blueprint__startswith=blueprint.code)
    }
    counts = _counts(blueprint.code)
    found = Blueprint.objects.filter(code=blueprint.code).order_by("-version").defer(*DUMP)
    return [
        _version(each, counts[each.version], told.get(str(each)))
        for each in found.select_related("source")
    ]


def _version(blueprint: Blueprint, sites: int, entry: Entry | None) -> Version:
    after = (entry.after or {}) if entry else {}
    changes = [f"+ {text}" for text in after.get("added", ())]
    changes += [f"− {text}" for text in after.get("removed", ())]
    changes += [f"≈ {text}" for text in after.get("renamed", ())]
    return Version(
        number=blueprint.version,
        made_at=blueprint.created_at,
        source=_source(blueprint),
        sites=sites,
        person=entry.actor_name if entry else _("Upgrade"),
        reason=entry.reason if entry else "",
        changes=changes,
    )


def _version_columns() -> list[Column]:
    return [
        Column("number", label=_("Version"), width="8%"),
        DateColumn("made_at", label=_("Made"), width="14%"),
        Column("person", label=_("Person"), width="12%"),
        Column("reason", label=_("Reason")),
        Column("changes", label=_("Columns"), accessor=lambda row: "；".join(row.changes)),
        Column("source", label=_("Taken from"), width="14%"),
        Column("sites", label=_("Sites"), width="8%"),
    ]


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    below = "blueprints/<slug:code>/"
    return [
        path("blueprints/", BlueprintList.as_view(), name="blueprints"),
        path(
            "blueprints/results/",
            BlueprintList.as_view(results_only=True),
            name="blueprints_results",
        ),
        path(below, BlueprintPage.as_view(), name="blueprint"),
        path(f"{below}open/", OpenEditor.as_view(), name="blueprint_open"),
        path(f"{below}publish/", Publish.as_view(), name="blueprint_publish"),
        path(f"{below}restore/", Restore.as_view(), name="blueprint_restore"),
        path("sites/<int:pk>/blueprint/", CopyAsBlueprint.as_view(), name="blueprint_copy"),
    ]
