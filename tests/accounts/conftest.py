"""People of several sites."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.tenancy import shared_context
from tenants.directory import Site
from tests.languages import english  # noqa: F401 -- for the whole folder

PASSWORD = "Zhongguo-2026"
MakeMember = Callable[..., User]
Browse = Callable[..., Client]


@pytest.fixture(autouse=True)
def _quick_hasher(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _shared_schema_between_requests(db: None) -> Iterator[None]:
    """Tests start where commands start; a request leaves the connection on its site."""
    with shared_context():
        yield


@pytest.fixture
def member() -> MakeMember:
    """Makes a member of a site; the password is known to `password`."""

    def make(email: str, site: Site, *roles: str, **fields: Any) -> User:
        user = add_member(email, site, roles, name=email.split("@")[0], password=PASSWORD)[0]
        for name, value in fields.items():
            setattr(user, name, value)
        user.save()
        return user

    return make


@pytest.fixture
def password() -> str:
    """The password of everyone whom `member` makes."""
    return PASSWORD


@pytest.fixture
def browse() -> Browse:
    """Opens a browser on the admin host of a site, signed in as a user if one is given.

    The cookie jar may be handed from one browser to the next, as the cookie's domain would.
    """

    def open_browser(site: Site, user: User | None = None, jar: Client | None = None) -> Client:
        client = Client(headers={"host": site.admin_host, "accept-language": "en"})
        if user is not None:
            client.force_login(user)
        if jar is not None:
            client.cookies = jar.cookies
        return client

    return open_browser
