"""Opening a site step by step, asking for one, and deciding about it: the addresses."""

from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from .forms import ExplanationForm
from .pages import ActView, DecisionForm, OpeningPage, Requests
from .steps import STEPS
from .task import enqueue as open_in_background
from .views import CodeView, OwnOpenings, ReviewView, StepView

__all__ = ["open_in_background", "urls"]

ACTS = (
    (
        "approve",
        _("Approve"),
        _("The site is opened at once, with the answers as they stand here."),
        DecisionForm,
    ),
    ("decline", _("Decline"), _("Who asked is told the reason by mail."), ExplanationForm),
    ("withdraw", _("Withdraw the request"), _("Nobody decides about it any more."), None),
    ("discard", _("Discard the draft"), _("Its answers are deleted."), None),
    ("again", _("Take as a new draft"), _("The answers can be changed and sent anew."), None),
    (
        "correct",
        _("Correct the answers"),
        _("It becomes a draft again; what was approved must then be asked for anew."),
        None,
    ),
    ("retry", _("Try again"), _("The worker opens the site with the same answers."), None),
)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("openings/", OwnOpenings.as_view(), name="openings"),
        path("openings/results/", OwnOpenings.as_view(results_only=True), name="openings_results"),
        path("openings/code/", CodeView.as_view(), name="opening_code"),
        path("openings/new/", StepView.as_view(), {"step": "kind"}, name="opening_new"),
        path("openings/<int:pk>/", OpeningPage.as_view(), name="opening"),
        path("openings/<int:pk>/review/", ReviewView.as_view(), name="opening_review"),
        path("requests/", Requests.as_view(), name="requests"),
        path("requests/results/", Requests.as_view(results_only=True), name="requests_results"),
        *(_step(step.name) for step in STEPS),
        *(_act(*act) for act in ACTS),
    ]


def _step(name: str) -> URLPattern:
    address = f"openings/<int:pk>/{name}/"
    return path(address, StepView.as_view(), {"step": name}, name=f"opening_{name}")


def _act(act: str, label: object, text: object, form: object) -> URLPattern:
    given = {"form_class": form} if form else {}
    view = ActView.as_view(act=act, label=label, text=text, **given)
    return path(f"openings/<int:pk>/{act}/", view, name=f"opening_{act}")
