"""The wizard's screens: own openings, a step, the review, and a code made of a name."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy, pgettext
from django.views.generic import FormView, View
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from sitecluster_console.shared.models import Opening
from sitecluster_console.views import ConsoleMixin, ConsoleView
from tenants import opening_rules

from . import requesting
from .forms import ReviewForm, StepForm, parents_for
from .requesting import OpeningError
from .steps import BY_NAME, STEPS, Step, fingerprint, forms_of, next_step

State = Opening.State


def step_url(opening: Opening, step: Step | None) -> str:
    """The address of a step; of the review for None."""
    return reverse(f"console:opening_{step.name if step else 'review'}", args=[opening.pk])


def _name(row: Opening) -> str:
    return str(row.answers.get("name") or _("Draft without a name"))


def opening_columns() -> list[Column]:
    """What lists of openings show."""
    return [
        TitleColumn("name", label=_("Site"), accessor=_name, url_name="console:opening"),
        Column("parent", label=_("Site above")),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor="get_state_display",
            primary=lambda row: row.state in (State.OPENED, State.REQUESTED),
        ),
    ]


class OwnOpenings(ConsoleMixin, BaseListingView):
    """Drafts and requests of one's own, the latest first."""

    applicants = True
    page_title = gettext_lazy("Open a site")
    header_icon = "plus"
    index_url_name = "console:openings"
    index_results_url_name = "console:openings_results"
    paginate_by = 50

    @property
    def columns(self) -> list[Column]:
        return [*opening_columns(), DateColumn("created_at", label=_("Begun"))]

    def get_base_queryset(self) -> "QuerySet[Opening]":
        return requesting.own(self.request.user).select_related("parent").order_by("-created_at")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        address = reverse("console:opening_new")
        return [HeaderButton(_("New site"), address, icon_name="plus")]


class WizardView(ConsoleView):
    """What the steps and the review have in common."""

    applicants = True
    page_title = gettext_lazy("Open a site")

    @cached_property
    def opening(self) -> Opening:
        """The own opening of the address; a new one where there is none. Raises Http404."""
        if "pk" not in self.kwargs:
            user: Any = self.request.user
            return Opening(asked_by=user)
        rows = requesting.own(self.request.user).select_related("parent")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def first_open(self) -> Step | None:
        """The first step that isn't well answered."""
        return next_step(self.opening, self.request.user)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        name = self.opening.answers.get("name") or _("New site")
        trail = [
            {"url": reverse("console:openings"), "label": _("Open a site")},
            {"url": "", "label": name},
        ]
        return [*self.breadcrumbs_items, *trail]

    def get_header_buttons(self) -> list[HeaderButton]:
        if not self.opening.pk:
            return []
        address = reverse("console:opening_discard", args=[self.opening.pk])
        return [HeaderButton(_("Discard the draft"), address, icon_name="bin")]

    def steps(self, current: str) -> list[dict[str, Any]]:
        """The steps with the addresses of those that can be gone to."""
        found, reached = [], True
        for step in (*STEPS, None):
            name = step.name if step else "review"
            url = step_url(self.opening, step) if reached and self.opening.pk else ""
            label = step.label if step else _("Review")
            here = name == current
            found.append({"label": label, "url": "" if here else url, "current": here})
            reached = reached and step is not self.first_open
        return found


class StepView(WizardView, FormView[StepForm]):
    """One step: its form, with what is wrong with earlier answers of it at once."""

    template_name = "console/opening_step.html"

    @property
    def step(self) -> Step:
        return BY_NAME[self.kwargs["step"]]

    @property
    def page_subtitle(self) -> str:
        return str(self.step.label)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._leads_to = self._elsewhere() if request.user.is_authenticated else None
        return super().dispatch(request, *args, **kwargs)

    def _elsewhere(self) -> HttpResponse | None:
        """Where to go instead: no step is left out, and what is decided isn't changed."""
        if self.opening.pk and self.opening.state != State.DRAFT:
            return redirect("console:opening", self.opening.pk)
        first = self.first_open
        if first and STEPS.index(first) < STEPS.index(self.step):
            messages.info(self.request, _("First comes this step."))
            return redirect(step_url(self.opening, first))
        return None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._leads_to or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._leads_to or super().post(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        return [self.step.template or self.template_name]

    def get_form(self, form_class: Any = None) -> StepForm:
        given: dict[str, Any] = {"opening": self.opening, "user": self.request.user}
        if self.request.method == "POST":
            return self.step.form(self.request.POST, **given)
        if self.step.is_answered(self.opening):
            return self.step.bound(self.opening, self.request.user)
        return self.step.form(**given)

    def form_valid(self, form: StepForm) -> HttpResponse:
        try:
            row = requesting.answer(self.opening, self.step, form)
        except OpeningError as error:
            messages.error(self.request, " ".join(error.problems))
            return redirect("console:openings")
        if self.request.GET.get("back") == "review":
            return redirect(step_url(row, next_step(row, self.request.user)))
        following = STEPS[STEPS.index(self.step) + 1 :]
        return redirect(step_url(row, following[0] if following else None))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = STEPS.index(self.step)
        return super().get_context_data(
            steps=self.steps(self.step.name),
            action_url=self.request.get_full_path(),
            submit_button_label=pgettext("wizard", "Next"),
            submit_button_active_label=pgettext("wizard", "Next"),
            back_url=step_url(self.opening, STEPS[number - 1]) if number else "",
            **kwargs,
        )


class ReviewView(WizardView, FormView[ReviewForm]):
    """Everything once more; then the site is opened or asked for."""

    template_name = "console/opening_review.html"
    form_class = ReviewForm
    page_subtitle = gettext_lazy("Review")

    @cached_property
    def asks(self) -> bool:
        """Can the person ask for the site only?"""
        return not requesting.may_open(self.request.user, self.opening.parent)

    def _elsewhere(self) -> HttpResponse | None:
        if self.opening.state != State.DRAFT:
            return redirect("console:opening", self.opening.pk)
        if self.first_open:
            messages.warning(self.request, _("This step needs another look."))
            return redirect(step_url(self.opening, self.first_open))
        return None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._elsewhere() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._elsewhere() or super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.asks}

    def get_initial(self) -> dict[str, Any]:
        row = self.opening
        return {"seen": fingerprint(row), "reason": row.reason, "document": row.document}

    def form_valid(self, form: ReviewForm) -> HttpResponse:
        given, by = form.cleaned_data, self.request.user
        why = {"by": by, "reason": given["reason"], "document": given["document"]}
        try:
            if self.asks:
                requesting.request(self.opening, given["seen"], **why)
            else:
                requesting.open_directly(self.opening, given["seen"], **why)
        except OpeningError as error:
            for problem in error.problems:
                messages.error(self.request, problem)
            return redirect(step_url(self.opening, None))
        return redirect("console:opening", self.opening.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = urlencode({"back": "review"})
        parts = [
            {"step": step, "rows": form.summary(), "url": f"{step_url(self.opening, step)}?{back}"}
            for step, form in forms_of(self.opening, self.request.user)
        ]
        return super().get_context_data(
            steps=self.steps("review"),
            parts=parts,
            asks=self.asks,
            action_url=self.request.path,
            submit_button_label=_("Send the request") if self.asks else _("Open the site"),
            submit_button_active_label=_("Sending…") if self.asks else _("Opening…"),
            back_url=step_url(self.opening, STEPS[-1]),
            **kwargs,
        )


class CodeView(ConsoleMixin, View):
    """A free code for a name, while it is written."""

    applicants = True
    http_method_names = ("get",)

    def get(self, request: HttpRequest) -> JsonResponse:
        given = request.GET
        above = parents_for(request.user)
        parent = given.get("parent", "")
        found = above.filter(pk=parent).first() if parent.isdecimal() and len(parent) < 10 else None
        name = given.get("name", "")[:100]
        return JsonResponse({"code": opening_rules.suggested_code(name, found)})
