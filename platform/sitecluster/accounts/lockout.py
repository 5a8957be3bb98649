"""Sign-in is refused for a while after too many failures.

One counter holds for the whole cluster, whatever host is asked, and wrong codes of the second
factor count too. Three limits (``LOCKOUT_LIMITS``) stand against guessing: for one account from one
address, for one account from anywhere, and for one address whatever the account. The last two
would let anyone shut others out, so they don't hold in a browser in which the account signed in
before, which a signed cookie tells (OWASP's device cookies). Unknown addresses are treated like
known ones.
"""

from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import logout
from django.core import signing
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from sitecluster.audit.origin import client_address
from sitecluster.audit.trail import record

from .models import User

COOKIE = "sitecluster_browser"
COOKIE_DAYS = 180
LOCKED_STATUS = 429
IPV6_PREFIX = 64  # bits
signer = signing.TimestampSigner(salt="sitecluster.browser")


class LockoutBackend(AxesStandaloneBackend):
    """Refuses whoever is locked out, before any password is looked at."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """None, so that the next backend is asked; raises PermissionDenied during a lock.

        Where there is no request, in commands and tasks, nobody guesses passwords.
        """
        if request is not None:
            super().authenticate(request, **credentials)


class Handler(AxesDatabaseHandler):
    """Axes' own handler with a limit for each of `settings.AXES_LOCKOUT_PARAMETERS`."""

    def get_failures(self, request: Any, credentials: Any = None) -> int:
        """Failures of this account from this address, or the limit if another one is reached."""
        counts = [_sum(attempts) for attempts in self.get_user_attempts(request, credentials)]
        if not _signed_in_before(request, account_name(request, credentials)):
            reached = [count >= limit for count, limit in zip(counts, limits(), strict=True)]
            if any(reached):
                return max(counts[0], limits()[0])
        return counts[0]

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count the failure, and record a lock when it begins."""
        locked_before = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if getattr(request, "axes_locked_out", False) and not locked_before:
            failures = {"failures": request.axes_failures_since_start}
            record("account.locked", subject=account_name(request, credentials), after=failures)


def limits() -> tuple[int, int, int]:
    """Failures for one account from one address, one account, one address."""
    known: tuple[int, int, int] = settings.LOCKOUT_LIMITS
    return known


def _sum(attempts: "QuerySet[AccessAttempt]") -> int:
    return attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0


def account_name(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """The account that is tried, as it is counted: in lower case, known or not."""
    name = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(name).strip().lower()[:254]


def network(request: HttpRequest) -> str | None:
    """The client's address as it is counted: of IPv6 the first half, which one customer holds."""
    text = client_address(request)
    if text is None:
        return None
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, IPV6_PREFIX), strict=False).network_address)


def is_locked(request: HttpRequest, user: User) -> bool:
    """May nobody try to sign in as ``user`` from here now?"""
    return not AxesProxyHandler.is_allowed(request, {"username": user.email})


def count_failure(request: HttpRequest, user: User) -> bool:
    """Count a wrong code; True if the account is locked from here now."""
    AxesProxyHandler.user_login_failed("second factor", {"username": user.email}, request)
    return bool(getattr(request, "axes_locked_out", False))


def forgive(request: HttpRequest, user: User) -> None:
    """Forget the failures of ``user`` from this address alone, so that no guesser gains by it."""
    AxesProxyHandler.update_request(request)
    own = AccessAttempt.objects.filter(username=user.email)
    own.filter(ip_address=request.axes_ip_address).delete()  # type: ignore[attr-defined]


def failures(user: User) -> tuple[int, bool]:
    """Failed sign-ins of the account that still count, and whether they lock it somewhere."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=user.email, attempt_time__gte=since)
    by_address = attempts.order_by().values_list("ip_address")
    sums = [row[1] for row in by_address.annotate(total=Sum("failures_since_start"))]
    from_one, from_all, _any_account = limits()
    return sum(sums), max(sums, default=0) >= from_one or sum(sums) >= from_all


def unlock(user: User, *, by: User | None = None) -> bool:
    """Forget every failure of ``user``; returns whether there were any."""
    failures = _sum(AccessAttempt.objects.filter(username=user.email))
    if failures:
        AccessAttempt.objects.filter(username=user.email).delete()
        record("account.unlocked", by=by, subject=user.email, before={"failures": failures})
    return bool(failures)


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """The page that says so, the same for every address; half a sign-in ends here."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        logout(request)
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    context = {"minutes": minutes}
    page = render(request, "accounts/locked.html", context, status=LOCKED_STATUS)
    page.headers["Retry-After"] = str(minutes * 60)
    return page


def trust_browser(response: HttpResponse, user: User) -> None:
    """Let the browser be known as one in which ``user`` has signed in."""
    response.set_cookie(
        COOKIE,
        signer.sign(_fingerprint(user.email)),
        max_age=COOKIE_DAYS * 86400,
        domain=settings.SESSION_COOKIE_DOMAIN,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signed_in_before(request: HttpRequest, name: str) -> bool:
    try:
        known = signer.unsign(request.COOKIES.get(COOKIE, ""), max_age=COOKIE_DAYS * 86400)
    except signing.BadSignature:
        return False
    return constant_time_compare(known, _fingerprint(name))


def _fingerprint(name: str) -> str:
    return salted_hmac("sitecluster.browser", name, algorithm="sha256").hexdigest()
