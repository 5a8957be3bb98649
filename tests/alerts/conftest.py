"""Notices, and people of alpha and beta."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sitecluster.accounts.membership import add_member
from sitecluster.tenancy import shared_context, tenant_context
from sitecluster_alerts.shared.models import Alert
from tenants import directory
from tenants.directory import Site

SetAlert = Callable[..., Alert]
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _shared_schema_between_requests(db: None) -> Iterator[None]:
    with shared_context():
        yield


@pytest.fixture
def set_alert() -> SetAlert:
    """Sets a notice on a site, begun an hour ago; the process sees it as others would."""

    def make(site: Site, text: str = "暴雨红色预警", **fields: Any) -> Alert:
        with tenant_context(site):
            alert = Alert.objects.create(
                text=text, **{"starts_at": _hours(-1), "level": "1", **fields}
            )
        directory.forget()
        return alert

    return make


def _hours(count: int) -> datetime:
    return timezone.now() + timedelta(hours=count)


@pytest.fixture
def hours() -> Callable[[int], datetime]:
    """The moment so many hours from now."""
    return _hours


@pytest.fixture
def sign_in() -> SignIn:
    """A browser on a site's admin host, signed in as a member with a role."""

    def browser(site: Site, role: str) -> Client:
        user = add_member(f"{role}@{site.code}.example", site, [role], name=role)[0]
        client = Client(headers={"host": site.admin_host, "accept-language": "en"})
        client.force_login(user)
        return client

    return browser
