"""What stands in for a cookie: a signed token in the form, and a look at where it was sent from.

Public hosts know no session, so there is nothing to steal; the guard keeps other sites from
letting their visitors write to ours, and programs from sending what no form was shown for.
"""

import secrets
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest

from sitecluster.cms.addresses import asked_host
from sitecluster.tenancy import required_tenant

HOURS = 12
"""For so long a form may stand open."""
_signer = signing.TimestampSigner(salt="sitecluster.feedback")


def new_token() -> str:
    """A token for one form of the active site."""
    return _signer.sign(f"{required_tenant().id}-{secrets.token_urlsafe(12)}")


def accepted(token: str) -> bool:
    """Did this site give out the token, within the last `HOURS`?"""
    try:
        value = _signer.unsign(token, max_age=HOURS * 3600)
    except signing.BadSignature:
        return False
    return value.startswith(f"{required_tenant().id}-")


def is_own(request: HttpRequest) -> bool:
    """Was the form sent from a page of the host that was asked?

    Browsers say so in ``Origin``; the oldest only in ``Referer``. Where neither is sent the answer
    is no. Ports are left out, since proxies change them.
    """
    source = request.headers.get("origin") or request.headers.get("referer") or ""
    try:
        host = urlsplit(source).hostname
    except ValueError:
        return False
    return host is not None and host.rstrip(".") == asked_host(request)
