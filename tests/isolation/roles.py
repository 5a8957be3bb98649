"""Who walks: four roles on one site, and their browsers."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import APIToken, GroupPagePermission

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms.models import ColumnPage
from sitecluster.rights.roles import COLUMN_MAINTAINER
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

from .content import PASSWORD

PLATFORM = "platform_admin"
ROLES = ("site_admin", "reviewer", "column_maintainer", PLATFORM)


@dataclass
class Person:
    """Somebody signed in: a browser for each site, and a token for the API of their own."""

    role: str
    user: User
    token: str

    def browser(self, site: Site) -> Client:
        """Signed in on the admin host of ``site``."""
        client = Client(
            headers={"host": site.admin_host, "accept-language": "en"},
            raise_request_exception=False,
        )
        data = {"username": self.user.email, "password": PASSWORD, "next": "/admin/"}
        answer = client.post("/admin/login/", data)
        assert answer.status_code == 302, answer.content.decode()
        return client


def make_people(site: Site) -> dict[str, Person]:
    """One of each role on ``site``."""
    people = {}
    for role in ROLES:
        user = _platform_admin() if role == PLATFORM else _member(site, role)
        with tenant_context(site):
            people[role] = Person(role, user, APIToken.create_token(user=user, name=role)[1])
    return people


def _member(site: Site, role: str) -> User:
    address = f"{role.replace('_', '-')}@walker.example"
    user, _ = add_member(address, site, [role], name=f"Walker {role}", password=PASSWORD)
    if role == COLUMN_MAINTAINER.code:
        with tenant_context(site):
            _give_column(Group.objects.get(name=COLUMN_MAINTAINER.name))
    return user


def _give_column(group: Group) -> None:
    """Columns are given one by one (`sitecluster.rights.roles`)."""
    column: Any = ColumnPage.objects.order_by("path").first()
    for codename in ("add_page", "change_page", "publish_page"):
        permission = Permission.objects.get(
            codename=codename, content_type__app_label="wagtailcore"
        )
        GroupPagePermission.objects.get_or_create(group=group, page=column, permission=permission)


def _platform_admin() -> User:
    return User.everyone.create_superuser("platform@walker.example", PASSWORD)
