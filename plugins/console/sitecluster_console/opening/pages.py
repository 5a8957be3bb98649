"""The screens of an opening that is no draft: what becomes of it, the list of requests, acts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from sitecluster_console.fields import document_field
from sitecluster_console.policy import sites_of
from sitecluster_console.shared.models import Opening
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants import directory

from . import requesting
from .forms import ExplanationForm
from .requesting import OpeningError
from .steps import BY_NAME, STEPS, fingerprint, next_step
from .views import opening_columns, step_url

State = Opening.State
JUDGED = (State.REQUESTED, State.APPROVED, State.FAILED)  # the rules are asked again


class Requests(ConsoleMixin, BaseListingView):
    """What others ask for and the person decides about, undecided ones first."""

    page_title = gettext_lazy("Requests for sites")
    header_icon = "clipboard-list"
    index_url_name = "console:requests"
    index_results_url_name = "console:requests_results"
    paginate_by = 50

    @property
    def columns(self) -> list[Column]:
        return [
            *opening_columns(),
            Column("asked_by", label=_("Asked by")),
            DateColumn("asked_at", label=_("Asked for")),
            Column("decided_by", label=_("Decided by")),
        ]

    def get_base_queryset(self) -> "QuerySet[Opening]":
        rows = requesting.to_decide(self.request.user)
        return rows.select_related("parent", "asked_by", "decided_by").order_by(
            requesting.undecided_first(), "-asked_at"
        )


class OpeningMixin(ConsoleMixin):
    """The opening of the address, if the person may see it."""

    applicants = True

    @cached_property
    def opening(self) -> Opening:
        rows = requesting.visible_to(self.request.user)
        rows = rows.select_related("parent", "asked_by", "decided_by", "site")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def is_own(self) -> bool:
        return self.opening.asked_by_id == self.request.user.pk

    def trail(self, *more: dict[str, Any]) -> list[dict[str, Any]]:
        """Breadcrumbs down to the opening."""
        here = ("openings", _("Open a site")) if self.is_own else ("requests", _("Requests"))
        return [
            *ConsoleView.breadcrumbs_items,
            {"url": reverse(f"console:{here[0]}"), "label": here[1]},
            *more,
        ]


class OpeningPage(OpeningMixin, ConsoleView, TemplateView):
    """An opening from the request to the site: its state, its answers, what the rules say."""

    template_name = "console/opening.html"
    header_icon = "site"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.opening.state == State.DRAFT:
            return redirect(step_url(self.opening, next_step(self.opening, request.user)))
        return super().get(request, *args, **kwargs)

    def get_page_title(self) -> str:
        return str(self.opening)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail({"url": "", "label": str(self.opening)})

    def get_template_names(self) -> list[str]:
        part = self.request.GET.get("part") == "state"
        return ["console/opening_state.html" if part else self.template_name]

    def get_header_buttons(self) -> list[HeaderButton]:
        row, user = self.opening, self.request.user
        offered = []
        if requesting.may_decide(user, row):
            offered += [("approve", _("Approve"), "check"), ("decline", _("Decline"), "cross")]
        if self.is_own and row.state == State.REQUESTED:
            offered += [("withdraw", _("Withdraw the request"), "undo")]
        if self.is_own and row.state in (State.DECLINED, State.WITHDRAWN):
            offered += [("again", _("Take as a new draft"), "copy")]
        return [
            HeaderButton(label, reverse(f"console:opening_{act}", args=[row.pk]), icon_name=icon)
            for act, label, icon in offered
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.opening
        return super().get_context_data(
            opening=row,
            going=row.state == State.APPROVED and not requesting.is_late(row),
            late=requesting.is_late(row),
            links=self._links(),
            problems=[_with_step(row, problem) for problem in row.problems],
            can_correct=self.is_own and row.state == State.FAILED,
            can_retry=requesting.may_retry(self.request.user, row),
            parts=parts_of(row),
            judged=row.state in JUDGED,
            **kwargs,
        )

    def _links(self) -> dict[str, str]:
        """Where the new site is found, as far as this person gets there."""
        row = self.opening
        if row.state != State.OPENED or row.site is None:
            return {}
        site = directory.record(row.site)
        seen = sites_of(self.request.user).filter(pk=site.id).exists()
        return {
            "admin": site.admin_url,
            "console": reverse("console:site", args=[site.id]) if seen else "",
            "public": site.address.url() if site.address else "",
            "state": site.state,
        }


def parts_of(row: Opening) -> list[dict[str, Any]]:
    """Each step's answers, and what the rules say of them now while that matters."""
    parts = []
    for step in STEPS:
        form = step.bound(row, row.asked_by)
        errors = form.errors if row.state in JUDGED else {}
        sentences = [str(text) for texts in errors.values() for text in texts]
        parts.append({"step": step, "rows": form.summary(), "errors": sentences})
    return parts


def _with_step(row: Opening, problem: dict[str, str]) -> dict[str, Any]:
    step = BY_NAME.get(problem["step"])
    return {"text": problem["text"], "step": step}


class DecisionForm(ExplanationForm):
    """Why a request is granted, and by which document."""

    document = document_field(
        required=True,
        help_text=gettext_lazy("Of the approval: it passes the first of the opening gates."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)


class ActView(OpeningMixin, ConsoleView, FormView[forms.Form]):
    """An act on an opening: a page that asks, and does it when it is confirmed."""

    template_name = "console/opening_act.html"
    form_class: Any = forms.Form
    act = ""
    label: Any = ""
    text: Any = ""

    def allowed(self) -> bool:
        """Is the act open to the person as things stand?"""
        row = self.opening
        return {
            "approve": requesting.may_decide(self.request.user, row),
            "decline": requesting.may_decide(self.request.user, row),
            "withdraw": self.is_own and row.state == State.REQUESTED,
            "discard": self.is_own and row.state == State.DRAFT,
            "again": self.is_own and row.state in (State.DECLINED, State.WITHDRAWN),
            "correct": self.is_own and row.state == State.FAILED,
            "retry": requesting.may_retry(self.request.user, row),
        }[self.act]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.allowed() else self._too_late()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.allowed() else self._too_late()

    def _too_late(self) -> HttpResponse:
        if self.act in ("approve", "decline") and self.is_own:
            raise Http404
        messages.warning(self.request, _("This is not possible any more."))
        return redirect("console:opening", self.opening.pk)

    def get_page_title(self) -> str:
        return str(self.label)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        row = self.opening
        address = reverse("console:opening", args=[row.pk])
        return self.trail(
            {"url": address, "label": str(row)}, {"url": "", "label": self.get_page_title()}
        )

    def get_initial(self) -> dict[str, Any]:
        return {"seen": fingerprint(self.opening)}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return VERBS[self.act](self.opening, self.request.user, form.cleaned_data)
        except OpeningError as error:
            for problem in error.problems:
                messages.error(self.request, problem)
            return redirect("console:openings" if self.act == "discard" else self.request.path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            opening=self.opening,
            text=self.text,
            parts=parts_of(self.opening) if self.act in ("approve", "decline") else [],
            action_url=self.request.path,
            submit_button_label=self.label,
            submit_button_active_label=self.label,
            **kwargs,
        )


def _here(row: Opening) -> HttpResponse:
    return redirect("console:opening", row.pk)


def _approve(row: Opening, by: Any, given: dict[str, str]) -> HttpResponse:
    requesting.approve(
        row, given["seen"], by=by, reason=given["reason"], document=given["document"]
    )
    return _here(row)


def _decline(row: Opening, by: Any, given: dict[str, str]) -> HttpResponse:
    requesting.decline(row, by=by, reason=given["reason"])
    return _here(row)


def _withdraw(row: Opening, by: Any, _given: dict[str, str]) -> HttpResponse:
    requesting.withdraw(row, by=by)
    return _here(row)


def _retry(row: Opening, by: Any, _given: dict[str, str]) -> HttpResponse:
    requesting.retry(row, by=by)
    return _here(row)


def _correct(row: Opening, by: Any, _given: dict[str, str]) -> HttpResponse:
    requesting.correct(row, by=by)
    return _here(row)


def _again(row: Opening, by: Any, _given: dict[str, str]) -> HttpResponse:
    return _here(requesting.draft_again(row, by=by))


def _discard(row: Opening, by: Any, _given: dict[str, str]) -> HttpResponse:
    requesting.discard(row, by=by)
    return redirect("console:openings")


VERBS: dict[str, Callable[[Opening, Any, dict[str, str]], HttpResponse]] = {
    "approve": _approve,
    "decline": _decline,
    "withdraw": _withdraw,
    "retry": _retry,
    "correct": _correct,
    "again": _again,
    "discard": _discard,
}
