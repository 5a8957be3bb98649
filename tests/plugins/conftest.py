"""What the tests of plugins share; the plugins themselves lie in `sample`."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page

from sitecluster.accounts.models import User
from sitecluster.tenancy import tenant_context
from tenants import directory, switching
from tenants.directory import Site
from tenants.models import Tenant
from tests.languages import english  # noqa: F401 -- for the whole folder

Visit = Callable[..., Any]


SAMPLES = ("board", "chime", "echo", "watch")


@pytest.fixture(autouse=True)
def samples_alone(db: None) -> None:
    """What the repository's own plugins do is another matter."""
    for tenant in Tenant.objects.all():
        tenant.plugins = [label for label in tenant.plugins if label in SAMPLES]
        tenant.save(update_fields=["plugins"])
    directory.forget()


def now(code: str) -> Site:
    """The site as the directory knows it at this moment."""
    directory.forget()
    return directory.snapshot().by_code[code]


def turn_on(code: str, *plugins: str) -> Site:
    """Turn these plugins on; returns the site."""
    for plugin in plugins:
        switching.enable(code, plugin)
    return now(code)


def root_client(code: str) -> Client:
    """A platform admin's browser at the site's admin host."""
    with tenant_context(now(code)):
        user = User.everyone.filter(email="root@example.org").first()
        user = user or User.everyone.create_superuser("root@example.org")
        client = Client(headers={"host": f"{code}.admin.localhost"})
        client.force_login(user)
    return client


def notice(site: Site, title: str = "Notice", publish: bool = True) -> Any:
    """A page of the board's type on the site."""
    from sitecluster_board.models import NoticePage

    with tenant_context(site):
        home = Page.objects.get(depth=2, locale__language_code="zh-hans")
        page = NoticePage(title=title, slug=title.lower(), live=False)
        home.add_child(instance=page)
        revision = page.save_revision()
        if publish:
            revision.publish()
        return NoticePage.objects.get(pk=page.pk)
