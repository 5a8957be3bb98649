"""The screens of the second factor: step two of a sign-in, a person's own, an admin's help."""

from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy as _

from . import lockout, second_factor, sessions
from .credentials import Authenticator
from .personal import back_to, personal
from .second_factor import WrongCode


class CodeForm(forms.Form):
    """One code: of the app, or a recovery code."""

    code = forms.CharField(max_length=40, label=_("Code"))

    def __init__(self, *args: Any, recovery: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Recovery code") if recovery else _("Code of the app")
        field.help_text = (
            _("One of the ten codes that you were given; each works once.")
            if recovery
            else _("Six digits, new every 30 seconds.")
        )
        field.widget.attrs.update(
            autocomplete="one-time-code",
            inputmode="text" if recovery else "numeric",
            autofocus=True,
            spellcheck="false",
            autocapitalize="off",
        )


@personal
def check(request: HttpRequest) -> HttpResponse:
    """Step two of a sign-in."""
    user: Any = request.user
    if not second_factor.is_owed(request):
        return redirect(back_to(request))
    recovery = "recovery" in request.GET
    form = CodeForm(request.POST or None, recovery=recovery)
    if request.method == "POST" and form.is_valid() and _is_right(request, form):
        second_factor.accept(request)
        response: HttpResponse = redirect(back_to(request))
        sessions.complete(request, response, user)
        return response
    context = {"form": form, "recovery": recovery, "next": back_to(request)}
    return render(request, "accounts/second_factor/check.html", context)


@personal
def own(request: HttpRequest) -> HttpResponse:
    """A person's own second factor: enrol one, or new recovery codes, or remove it."""
    return _manage(request) if second_factor.is_enrolled(request.user) else _enrol(request)  # type: ignore[arg-type]


def account_item(request: HttpRequest) -> dict[str, Any]:
    """The entry on a person's account page."""
    enrolled = second_factor.is_enrolled(request.user)  # type: ignore[arg-type]
    return {
        "url": reverse("second_factor"),
        "label": gettext("Second factor") if enrolled else gettext("Set up a second factor"),
        "help_text": gettext("Sign in with your password and a code of an app on your phone."),
    }


def _enrol(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    device = second_factor.draft(user, request.session)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.enrol(user, device, form.cleaned_data["code"])
        except WrongCode as problem:
            form.add_error("code", str(problem))
        else:
            request.session.pop(second_factor.SEED, None)
            second_factor.accept(request)
            return _show_codes(request, codes)
    context = {
        "form": form,
        "picture": _picture(device),
        "secret": _secret(device),
        "address": device.config_url,
        "required": second_factor.is_required_of(user, request.tenant),  # type: ignore[attr-defined]
        "next": back_to(request),
    }
    return render(request, "accounts/second_factor/enrol.html", context)


def _manage(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = CodeForm(request.POST or None)
    form.fields["code"].widget.attrs["inputmode"] = "text"  # a recovery code will do
    if request.method == "POST" and form.is_valid() and _is_right(request, form):
        if "remove" not in request.POST:
            return _show_codes(request, second_factor.renew(user))
        second_factor.remove(user)
        messages.success(request, gettext("The second factor has been removed."))
        return redirect("wagtailadmin_account")
    context = {"form": form, "left": second_factor.left(user), "next": back_to(request)}
    return render(request, "accounts/second_factor/manage.html", context)


def _is_right(request: HttpRequest, form: CodeForm) -> bool:
    """Is it the person's code? A wrong one counts like a wrong password."""
    user: Any = request.user
    if lockout.is_locked(request, user):
        request.axes_locked_out = True  # type: ignore[attr-defined]
        return False
    try:
        second_factor.verify(user, form.cleaned_data["code"])
    except WrongCode as problem:
        lockout.count_failure(request, user)
        form.add_error("code", str(problem))
        return False
    return True


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown this once: the answer to a POST, kept nowhere."""
    context = {"codes": codes, "next": back_to(request)}
    return render(request, "accounts/second_factor/codes.html", context)


def _picture(device: Authenticator) -> str:
    """The QR code as SVG, readable on dark screens too."""
    drawing: str = segno.make(device.config_url, error="m", micro=False).svg_inline(
        scale=4, border=4, light="white", omitsize=True, svgclass="sitecluster-qr", lineclass=None
    )
    return drawing


def _secret(device: Authenticator) -> str:
    """The key as people type it into an app: groups of four letters."""
    return " ".join(device.secret[at : at + 4] for at in range(0, len(device.secret), 4))
