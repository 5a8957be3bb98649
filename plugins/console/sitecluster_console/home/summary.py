"""How the cluster stands, in a line of links: above the tree of sites and on the home screen."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _, gettext_lazy
from wagtail.admin.ui.components import Component

from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster_console.policy import runs_any
from sitecluster_console.shared.models import Opening
from tenants.models import State

from .tree import seen


@dataclass(frozen=True)
class Figure:
    """A number, what it counts, and the screen that shows them."""

    count: int
    label: str
    url: str
    is_alarm: bool = False


def figures(user: Any) -> list[Figure]:
    """Of the sites that the person runs; what is zero and no news is left out. Two queries."""
    sites = seen(user)
    states = Counter(site.state for site in sites)
    home = reverse("console:home")
    found = [Figure(len(sites), _("Sites"), home)]
    for state, label in State.choices:
        if states[state]:
            found.append(Figure(states[state], str(label), _found(state=state)))
    waiting = Figure(_requests(user).count(), _("Requests waiting"), reverse("console:requests"))
    found.append(waiting)
    behind = sum(site.behind or bool(site.upgrade_error) for site in sites)
    found.append(Figure(behind, _("Pending upgrades"), _found(attention="upgrade"), behind > 0))
    failed = _failed(user).count()
    found.append(Figure(failed, _("Failed tasks"), _found(attention="tasks"), failed > 0))
    return found


def _found(**wishes: str) -> str:
    return f"{reverse('console:home')}?{urlencode(wishes)}"


def _requests(user: Any) -> QuerySet[Opening]:
    waiting = Opening.objects.filter(state=Opening.State.REQUESTED)
    branch = user.branch()
    return waiting if branch is None else waiting.filter(parent__in=branch)


def _failed(user: Any) -> "QuerySet[QueuedTask]":
    failed = QueuedTask.objects.filter(status=Status.FAILED)
    branch = user.branch()
    return failed if branch is None else failed.filter(tenant_id__in=branch)


class SummaryPanel(Component):
    """站群: the way from the home screen into the console."""

    name = "cluster"
    order = 10
    template_name = "console/summary_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request: HttpRequest = parent_context["request"]
        return {"figures": figures(request.user), "heading": gettext_lazy("Cluster")}


def add_panel(request: HttpRequest, panels: list[Component]) -> None:
    """Put it first on the home screen of whoever runs sites."""
    if runs_any(request.user):
        panels.insert(0, SummaryPanel())
        panels.sort(key=lambda panel: getattr(panel, "order", 100))
