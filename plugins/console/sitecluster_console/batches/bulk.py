"""Acts on chosen sites: choose them, choose the act, try it, start it.

Sites are named by ``site`` in the query, or with ``all`` by the search and filters of the home.
The dry run is a batch like the real one, whose page leads to that for the very same sites.
"""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.generic import FormView, TemplateView, View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from sitecluster_console.home import filters
from sitecluster_console.shared.models import Batch
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants.models import Kind, Tenant

from .bulk_acts import ACTS, KINDS, BulkAct
from .work import Item, NewItem, start, visible_to

NAMED = 20  # sites that are named on the page; all of them are acted on
CHOICES = ("kind", "branch", "state", "theme", "plugin")


class ChosenMixin(ConsoleMixin):
    """The sites that the query names, as far as the person runs them, without the control site."""

    @cached_property
    def chosen(self) -> list[Tenant]:
        """By code."""
        wishes: QueryDict = self.request.GET
        if wishes.get("all"):
            found = filters.matching(self.request)
        else:
            ids = [int(pk) for pk in wishes.getlist("site") if pk.isascii() and pk.isdigit()]
            found = self.sites().filter(pk__in=[pk for pk in ids if pk < 2**31])
        return list(found.exclude(kind=Kind.CONTROL).order_by("code"))

    @property
    def query(self) -> str:
        """What names the sites, for the next screen's address."""
        return self.request.GET.urlencode()

    def trail(self, *labels: str) -> list[dict[str, Any]]:
        """Breadcrumbs down to these labels."""
        steps = [(reverse("console:home"), _("Sites"))]
        above = f"{reverse('console:bulk')}?{self.query}" if labels else ""
        steps += [(above, _("Act on many sites")), *(("", label) for label in labels)]
        items = [{"url": url, "label": label} for url, label in steps]
        return [*WagtailAdminTemplateMixin.breadcrumbs_items, *items]

    def about(self) -> dict[str, Any]:
        """What the screens say of the chosen sites."""
        sites, count = self.chosen, len(self.chosen)
        text = ngettext("%d site is chosen.", "%d sites are chosen.", count)
        return {
            "sites": sites[:NAMED],
            "more": max(count - NAMED, 0),
            "count": count,
            "summary": text % count,
            "query": self.query,
        }


class Bulk(ChosenMixin, ConsoleView, TemplateView):
    """``console:bulk``: the chosen sites and what can be done with them, or how to choose some."""

    template_name = "console/bulk.html"
    page_title = gettext_lazy("Act on many sites")
    header_icon = "list-ul"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offered = filters.SiteFilterSet(self.request.GET, self.sites(), request=self.request)
        fields = [offered.form[name] for name in CHOICES if name in offered.form.fields]
        more = {"acts": ACTS.values(), "choices": fields, **self.about()}
        return {**super().get_context_data(**kwargs), **more}


class BulkForm(ChosenMixin, ConsoleView, FormView):  # type: ignore[type-arg]
    """``console:bulk_act``: what the act needs to know; then a batch, tried or real."""

    template_name = "console/bulk_act.html"

    @cached_property
    def act(self) -> BulkAct:
        """The act of the address; raises Http404."""
        if self.kwargs["act"] not in ACTS:
            raise Http404
        return ACTS[self.kwargs["act"]]

    @property
    def header_icon(self) -> str:
        return self.act.icon

    def get_page_title(self) -> str:
        return str(self.act.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail(str(self.act.title))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs) if self.act and self.chosen else self._none()

    def get_form_class(self) -> Any:
        return self.act.form

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "act": self.act,
            "action_url": f"{self.request.path}?{self.query}",
            "back": f"{reverse('console:bulk')}?{self.query}",
            **self.about(),
        }
        return {**super().get_context_data(**kwargs), **more}

    def form_valid(self, form: Any) -> HttpResponse:
        if not self.chosen:
            return self._none()
        items = [NewItem(code=site.code, name=site.name, site=site) for site in self.chosen]
        batch = start(
            self.act.kind,
            self._title(form),
            items,
            by=self.request.user,
            wishes=form.wishes(),
            dry_run=self.request.POST.get("run") != "real",
            reason=form.cleaned_data["reason"],
            document=form.cleaned_data["document"],
        )
        return redirect("console:batch", batch.pk)

    def _title(self, form: Any) -> str:
        """The act and what tells it from others of its kind."""
        first = form.fields[form.own[0]]
        value = form.cleaned_data[form.own[0]]
        shown = dict(getattr(first, "choices", ())).get(value, value)
        return f"{self.act.title} · {shown}"[:200]

    def _none(self) -> HttpResponse:
        messages.warning(self.request, _("Choose sites first."))
        return redirect("console:bulk")


class StartForReal(ConsoleMixin, View):
    """``console:bulk_start``: what a dry run has tried, with the very same sites."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        tried = get_object_or_404(visible_to(request.user), pk=kwargs["pk"])
        if not may_start(tried):
            messages.warning(request, _("Only a dry run that has ended can be started."))
            return redirect("console:batch", tried.pk)
        running = set(self.sites().values_list("pk", flat=True))
        rows = tried.items.filter(site__in=running).select_related("site").order_by("number")
        failed = request.POST.get("failed") == "leave"
        items = [
            NewItem(code=row.code, name=row.name, site=row.site, number=row.number)
            for row in rows
            if not (failed and row.state == Item.FAILED)
        ]
        if not items:
            messages.warning(request, _("Choose sites first."))
            return redirect("console:batch", tried.pk)
        with transaction.atomic():
            batch = start(
                tried.kind,
                tried.title,
                items,
                by=request.user,
                wishes=tried.wishes,
                reason=tried.reason,
                document=tried.document,
            )
        return redirect("console:batch", batch.pk)


def may_start(batch: Batch) -> bool:
    """Is it a dry run of an act on many sites that has ended?"""
    return batch.dry_run and batch.kind in KINDS and batch.finished_at is not None


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("bulk/", Bulk.as_view(), name="bulk"),
        path("bulk/<slug:act>/", BulkForm.as_view(), name="bulk_act"),
        path("batches/<int:pk>/start/", StartForReal.as_view(), name="bulk_start"),
    ]
