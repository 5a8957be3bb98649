"""API tokens: each lies in the schema of its site, works there alone, and dies with the membership.

Wagtail lets whoever may change users make a token of anybody, which would be signing in as them;
here people make tokens of their own alone.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from wagtail.api.v3.auth import BearerTokenAuth
from wagtail.models import APIToken
from wagtail.users.views import api_tokens

from sitecluster.audit.trail import record
from sitecluster.tenancy import current_tenant

from .models import User

_of_wagtail = BearerTokenAuth.authenticate


def install() -> None:
    """Put our rule and our screens in place of Wagtail's."""
    BearerTokenAuth.authenticate = authenticate
    api_tokens.APITokenViewSet = TokenViewSet


def authenticate(self: Any, request: Any, token: str) -> APIToken | None:
    """The token with this text if its owner may use it here and now, else None.

    The owner is an active member of this site, and hasn't been suspended since it was made.
    """
    found: APIToken | None = _of_wagtail(self, request, token)
    if found is None or _holds(found):
        return found
    request.user = AnonymousUser()
    return None


def _holds(token: APIToken) -> bool:
    tenant, owner = current_tenant(), token.user
    if tenant is None or not owner.is_member(tenant.id):
        return False
    since = owner.sessions_valid_from
    return since is None or bool(token.created > since)


class OwnTokenForm(api_tokens.APITokenForm):
    """Asks for a name; the token is the person's own."""

    def __init__(self, *args: Any, manageable_users: Any, **kwargs: Any) -> None:
        super().__init__(*args, manageable_users=manageable_users, **kwargs)
        self.fields["user"].initial = manageable_users.first()


class CreateView(api_tokens.CreateView):
    """Makes a token of the person who asks, who must be a member."""

    def get_form_kwargs(self) -> dict[str, Any]:
        own = User.objects.filter(pk=self.request.user.pk)
        return {**super().get_form_kwargs(), "manageable_users": own}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        record("token.created", by=self.request.user, subject=str(self.object))
        return response


class RevokeView(api_tokens.RevokeView):
    """Revokes a token."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)
        owner = self.object.user.email
        record("token.revoked", by=request.user, subject=f"{owner}: {self.object}")
        return response


class TokenViewSet(api_tokens.APITokenViewSet):
    """The tokens of the active site."""

    add_view_class = CreateView
    delete_view_class = RevokeView

    def get_form_class(self, for_update: bool = False) -> Any:
        return super().get_form_class(for_update=True) if for_update else OwnTokenForm
