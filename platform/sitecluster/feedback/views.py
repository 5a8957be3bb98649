"""The public screens: the form, its receipt, and what has become of a message.

None of them is kept by a browser, a proxy or a search engine.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from sitecluster.cms.addresses import absolute_url
from sitecluster.tenancy import FROZEN, required_tenant

from . import guard, limits, receipts, sending
from .forms import Guarded, MessageForm, ReceiptForm
from .models import LONGEST_PLACE, FeedbackSettings, Kind, Message

View = Callable[[HttpRequest], HttpResponse]
URLENCODED = "application/x-www-form-urlencoded"
FAULTY, FOREIGN, FROZEN_SITE, OTHER_TYPE, TOO_MANY = 422, 403, 403, 415, 429
A_WHILE = 3600  # seconds until somebody who sent too many may try again
PATH = re.compile(r"/(?!/)[^\s\\\x00-\x1f]*")


def unkept(view: View) -> View:
    """Let nobody keep what ``view`` answers."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def form(request: HttpRequest) -> HttpResponse:
    """The form; what is sent right leads on to its receipt."""
    if required_tenant().state in FROZEN:
        return _form(request, None, 200 if request.method != "POST" else FROZEN_SITE)
    if request.method != "POST":
        return _form(request, MessageForm(initial=_initial(request)))
    sent = MessageForm(_posted(request))
    problem, status = _problem(request, sent)
    if problem is None:
        try:
            message = sending.take(sent.cleaned_data, limits.sender_of(request))
        except sending.TooMany:
            text = _("Many messages have come from your connection. Please try again in an hour.")
            problem, status = text, TOO_MANY
        else:
            return _to("received", f"?r={receipts.ticket(message.pk)}")
    response = _form(request, sent, status, problem)
    if status == TOO_MANY:
        response.headers["Retry-After"] = str(A_WHILE)
    return response


@unkept
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """The receipt; after an hour the question for its number."""
    key = receipts.key_of(request.GET.get("r", ""))
    message = Message.objects.filter(pk=key).first() if key else None
    if message is None:
        return _to("status")
    return render(request, "feedback/received.html", {"message": message, **_steps()})


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def status(request: HttpRequest) -> HttpResponse:
    """What has become of the message with this number: its state and the answer, nothing else."""
    if request.method != "POST":
        return _status(request, ReceiptForm(), 200)
    asked = ReceiptForm(_posted(request))
    problem, code = _problem(request, asked)
    message = None
    if problem is None:
        message = Message.objects.filter(number=asked.cleaned_data["number"]).first()
        if message is None:
            asked.add_error("number", _("There is no message with this number."))
            problem, code = "", FAULTY
    return _status(request, asked, code, problem, message)


def _problem(request: HttpRequest, sent: Guarded) -> tuple[str | None, int]:
    """What is wrong with what was sent, beside the faults of its fields, and the status; None if
    nothing is."""
    if request.content_type != URLENCODED:
        return _("This form takes text alone."), OTHER_TYPE
    if not guard.is_own(request):
        text = _("Your browser did not say that the form was sent from this site.")
        return f"{text} {_('Please send it again from here.')}", FOREIGN
    if not sent.is_valid():
        return "", FAULTY
    if not guard.accepted(sent.cleaned_data["token"]):
        text = _("The form has stood open for too long.")
        return f"{text} {_('Please send it again from here.')}", FAULTY
    return None, 200


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.content_type == URLENCODED else {}


def _initial(request: HttpRequest) -> dict[str, str]:
    """The page of this site from which a citizen comes, and a kind, if the address names them."""
    path, kind = request.GET.get("page", ""), request.GET.get("kind", "")
    known = PATH.fullmatch(path) and len(path) <= LONGEST_PLACE
    place = (absolute_url(path) or path) if known else ""
    return {
        "place": place if len(place) <= LONGEST_PLACE else "",
        "kind": kind if kind in Kind else "",
    }


def _form(
    request: HttpRequest, shown: MessageForm | None, status: int = 200, problem: str | None = None
) -> HttpResponse:
    context = {
        "form": shown,
        "receipt_form": ReceiptForm(),
        "problem": problem,
        "token": guard.new_token(),
        "kept": FeedbackSettings.objects.first() or FeedbackSettings(),
        **_steps(),
    }
    return render(request, "feedback/form.html", context, status=status)


def _status(
    request: HttpRequest,
    shown: ReceiptForm,
    code: int,
    problem: str | None = None,
    message: Message | None = None,
) -> HttpResponse:
    context = {"form": shown, "problem": problem, "message": message, "token": guard.new_token()}
    return render(request, "feedback/status.html", context | _steps(), status=code)


def _steps() -> dict[str, str]:
    return {"form_url": reverse("feedback:form"), "status_url": reverse("feedback:status")}


def _to(name: str, query: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse(f"feedback:{name}") + query, status=303)
