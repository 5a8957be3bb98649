"""A citizen's browser on the portal, and somebody at work there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.feedback.models import Message
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.conftest import client_for

HOST = "www.alpha.localhost"
FORM = "/feedback/"
WORDS = {"kind": "typo", "place": "/ywdt/", "text": "第三段“己经”应为“已经”。", "contact": ""}
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass
class Citizen:
    """A browser without cookies, which says where its forms were sent from."""

    client: Client
    prefix: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"origin": f"http://{HOST}"})

    def get(self, path: str = FORM, **kwargs: Any) -> Any:
        return self.client.get(self.prefix + path, **kwargs)

    def token(self) -> str:
        """That of a form that is shown now."""
        found = TOKEN.search(self.get().content.decode())
        assert found
        return found[1]

    def send(self, path: str = FORM, **changes: Any) -> Any:
        """The answer to the form, filled in right but for ``changes``; None leaves a field out."""
        values = {"token": self.token(), "website": "", **WORDS, **changes}
        return self.post({k: v for k, v in values.items() if v is not None}, path)

    def post(self, values: dict[str, Any], path: str = FORM, **kwargs: Any) -> Any:
        """The answer to these values, urlencoded as a browser sends them."""
        from urllib.parse import urlencode

        kwargs = {"content_type": "application/x-www-form-urlencoded", **kwargs}
        headers = kwargs.pop("headers", self.headers)
        return self.client.post(self.prefix + path, urlencode(values), headers=headers, **kwargs)


@pytest.fixture
def citizen(alpha: Site) -> Citizen:
    """On the portal."""
    return Citizen(client_for(HOST))


@pytest.fixture
def messages(alpha: Site) -> Callable[[], list[Message]]:
    """Those of the portal."""

    def read() -> list[Message]:
        with tenant_context(alpha):
            return list(Message.objects.order_by("pk"))

    return read


@pytest.fixture
def sign_in(alpha: Site) -> Callable[..., Client]:
    """A browser of somebody with this role on the portal or another site."""

    def enter(role: str, site: Site = alpha) -> Client:
        address = f"{role.replace('_', '-')}@desk.example"
        user: User = add_member(address, site, [role])[0]
        client = Client(headers={"host": f"{site.code}.admin.localhost", "accept-language": "en"})
        client.force_login(user)
        return client

    return enter
