"""Browsers on the control site: a platform admin, a delegate, an applicant, a stranger.

``boss`` runs the cluster, ``delegate`` alpha and all below it (beta, gamma), ``applicant`` asks for
sites there, ``stranger`` is a plain member of alpha, and ``clerk`` a member of the control site
without a branch. ``delta`` is a portal of its own with ``epsilon`` below: the foreign branch.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from sitecluster.accounts import delegation
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.tenancy import shared_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tenants.orders import Order
from tenants.provisioning import provision
from tests.accounts.authenticator import equip, verify_session
from tests.languages import english  # noqa: F401 -- for the whole folder

PASSWORD = "Zhongguo-2026"
Browse = Callable[..., Client]


@pytest.fixture(autouse=True)
def _quick_hasher(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _shared_schema_between_requests(db: None) -> Iterator[None]:
    """Tests start where commands start; a request leaves the connection on its site."""
    directory.forget()
    with shared_context():
        yield
    directory.forget()


@pytest.fixture
def control(db: None) -> Site:
    """The control site."""
    return directory.snapshot().by_code["control"]


@pytest.fixture
def delta(alpha: Site) -> Site:
    """A portal of another branch."""
    order = Order(
        code="delta",
        name="丁县人民政府",
        kind="portal",
        site_id_code="6109000001",
        domain="www.delta.localhost",
    )
    site = provision(order).site
    directory.forget()
    return site


@pytest.fixture
def epsilon(delta: Site) -> Site:
    """A department below `delta`."""
    order = Order(
        code="epsilon",
        name="丁县教育局",
        kind="department",
        parent="delta",
        site_id_code="6109000002",
    )
    site = provision(order).site
    directory.forget()
    return site


def row(site: Site) -> Tenant:
    """The row of a site, which the console's verbs take."""
    return Tenant.objects.get(pk=site.id)


@pytest.fixture
def browse(control: Site) -> Browse:
    """Opens a browser on the control site (or ``site``), signed in with the second factor."""

    def open_browser(user: User | None = None, site: Site | None = None) -> Client:
        client = Client(
            headers={"host": (site or control).admin_host, "accept-language": "en"},
        )
        if user is not None:
            if user.second_factor_since is None:
                equip(user)
            client.force_login(user)
            verify_session(client, user)
        return client

    return open_browser


@pytest.fixture
def boss_user(control: Site) -> User:
    """A platform admin."""
    user = add_member("boss@console.example", control, ["site_admin"], name="站群王")[0]
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def delegate_user(alpha: Site, boss_user: User) -> User:
    """Runs alpha and all below it."""
    user = add_member("delegate@console.example", alpha, ["editor"], name="分级李")[0]
    delegation.give(user, alpha, "manager", by=boss_user, reason="区县自管")
    return user


@pytest.fixture
def applicant_user(alpha: Site, boss_user: User) -> User:
    """Asks for sites below alpha."""
    user = add_member("applicant@console.example", alpha, ["editor"], name="申请赵")[0]
    delegation.give(user, alpha, "applicant", by=boss_user, reason="报送申请")
    return user


@pytest.fixture
def clerk_user(control: Site) -> User:
    """A member of the control site to whom no branch was given."""
    return add_member("clerk@console.example", control, ["editor"], name="值班钱")[0]


@pytest.fixture
def stranger_user(alpha: Site) -> User:
    """A plain member of alpha, without any right on the control site."""
    return add_member("stranger@console.example", alpha, ["site_admin"], name="路人孙")[0]


@pytest.fixture
def boss(boss_user: User, browse: Browse) -> Client:
    """The platform admin's browser."""
    return browse(boss_user)


@pytest.fixture
def delegate(delegate_user: User, browse: Browse) -> Client:
    """The delegate's browser."""
    return browse(delegate_user)


@pytest.fixture
def applicant(applicant_user: User, browse: Browse) -> Client:
    """The applicant's browser."""
    return browse(applicant_user)


@pytest.fixture
def clerk(clerk_user: User, browse: Browse) -> Client:
    """The browser of a member of the control site without a branch."""
    return browse(clerk_user)


@pytest.fixture
def stranger(stranger_user: User, browse: Browse) -> Client:
    """The browser of somebody who isn't a member of the control site."""
    return browse(stranger_user)
