"""Tasks for the tests; each says in the table of redirects of its site that it ran."""

import os
import time

from django.db import connection as django_connection
from django.utils.translation import get_language
from wagtail.contrib.redirects.models import Redirect

from sitecluster.tasks.queue import PROMPT, TaskRefused, task
from sitecluster.tenancy import current_tenant


def leave(trace: str) -> None:
    """A row in the active site."""
    Redirect.objects.create(old_path=f"/{trace}", redirect_link="/")


@task()
def mark(trace: str) -> str:
    leave(trace)
    tenant = current_tenant()
    return f"{tenant.code if tenant else '-'} {get_language()}"


@task(retries=2)
def fail(trace: str) -> None:
    leave(trace)
    raise RuntimeError("secret://user:password@host")


@task()
def break_database(trace: str) -> None:
    leave(trace)
    with django_connection.cursor() as cursor:
        cursor.execute("SELECT nonsense")


@task()
def refuse() -> None:
    leave("refused")
    raise TaskRefused("没有收件人。")


@task(plugin="nothing_like_it")
def of_a_plugin() -> None:
    leave("plugin")


@task()
def unspeakable() -> object:
    leave("unspeakable")
    return object()


@task(priority=PROMPT)
def prompt(trace: str) -> None:
    leave(trace)


@task()
def rename_page(pk: int, title: str) -> None:
    from wagtail.models import Page

    page = Page.objects.get(pk=pk).specific
    page.title = title
    page.save_revision().publish()


@task()
def slow(number: int, seconds: float) -> None:
    """A row before and after a while, in a table that a test has made in the site's schema."""
    with django_connection.cursor() as cursor:
        cursor.execute("INSERT INTO traces VALUES (%s, 'begun')", [number])
        time.sleep(seconds)
        cursor.execute("INSERT INTO traces VALUES (%s, 'done')", [number])


@task(retries=1)
def poison() -> None:
    os._exit(9)


@task()
def fail_at_once() -> None:
    raise RuntimeError("at once")
