"""The one function that writes the audit trail."""

from collections.abc import Mapping
from typing import Any

from sitecluster.tenancy import Tenant, current_tenant, serving

from .models import Entry
from .origin import COMMAND, client_address, operator, origin

SECRET = ("password", "passwd", "secret", "token_key", "recovery_code")
HIDDEN = "•••"


def record(
    act: str,
    *,
    by: Any = None,
    site: Tenant | None = None,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    document: str = "",
) -> None:
    """Write one row of the audit trail, in the current transaction and by one statement.

    ``act`` is a noun and a verb in the past, such as "site.provisioned"; `acts` has the titles.
    ``by`` is a user; without it the person of the request under way, in a command the account of
    the operating system. ``site`` is the active one unless it is given, and none in the shared
    schema. ``subject`` names what was acted on, ``before`` and ``after`` hold what changed (what
    looks like a secret is left out), ``document`` is the number of a document that ordered it.
    """
    place = site or current_tenant()
    request = getattr(serving(), "request", None)
    person = by or _signed_in(request)
    source = origin()
    Entry.objects.create(
        act=act,
        actor_id=person.pk if person else None,
        actor_name=_name(person) if person else operator() if source.startswith(COMMAND) else "",
        actor_email=getattr(person, "email", ""),
        site_id=place.id if place else None,
        site_code=place.code if place else "",
        subject=_text(subject),
        before=_without_secrets(before),
        after=_without_secrets(after),
        reason=_text(reason),
        document=_text(document),
        address=client_address(request) if request else None,
        origin=source,
    )


def _signed_in(request: Any) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _name(person: Any) -> str:
    """The person's own name; an account without one is known by its address alone."""
    return _text(getattr(person, "first_name", ""))


def _text(value: Any) -> str:
    """Without the character that PostgreSQL can't hold."""
    return str(value).replace("\0", "")


def _without_secrets(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {
        str(key): HIDDEN if any(word in str(key).lower() for word in SECRET) else value
        for key, value in values.items()
    }
