"""Setting a password: by a one-time link, and when the old one is too old."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from wagtail.admin.views import account

from . import lockout, passwords
from .personal import back_to, personal


class SetPasswordView(account.PasswordResetConfirmView):
    """Wagtail's page behind a one-time link. Whoever can open it may try to sign in again."""

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            lockout.unlock(self.user, by=self.user)
        lockout.trust_browser(response, self.user)
        return response


@personal
def renew_password(request: HttpRequest) -> HttpResponse:
    """A new password, by whoever knows the old one."""
    user: Any = request.user
    form = PasswordChangeForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
        update_session_auth_hash(request, user)
        messages.success(request, gettext("Your password has been changed."))
        return redirect(back_to(request))
    context = {"form": form, "expired": passwords.is_expired(user), "next": back_to(request)}
    return render(request, "accounts/renew_password.html", context)
