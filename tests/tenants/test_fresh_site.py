"""What a fresh site holds: its blueprint's declared rows, renewed, and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import (
    Page,
    Revision,
)

from sitecluster.cms import publication, slugs
from sitecluster.cms.models import ArticlePage
from sitecluster.library.models import Item
from sitecluster.tenancy import tenant_context
from tenants import blueprinting, content
from tenants.directory import Site
from tenants.dump import KEPT_UUIDS
from tenants.handing_on import HANDED_ON, WITHHELD, plugin_tables
from tenants.models import Blueprint
from tests.tenants.conftest import Open, ask

pytestmark = pytest.mark.django_db


def tables(site: Site) -> set[str]:
    return {
        row[0]
        for row in ask("SELECT tablename FROM pg_tables WHERE schemaname = %s", site.schema_name)
    }


def uuids(site: Site) -> dict[tuple[str, str], set[str]]:
    columns = ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND data_type = 'uuid'",
        site.schema_name,
    )
    return {
        (table, column): {
            str(row[0])
            for row in ask(f'SELECT "{column}" FROM {site.schema_name}."{table}"')
            if row[0]
        }
        for table, column in columns
    }


def test_no_token_is_left(open_site: Open) -> None:
    site = open_site("portal")
    for word in ("@@", content.NAME, content.SHORT_NAME):
        for table in tables(site):
            found = ask(
                f'SELECT t::text FROM {site.schema_name}."{table}" t WHERE t::text LIKE %s',
                f"%{word}%",
            )
            assert found == [], table
        rows = ask(
            "SELECT 1 FROM library_item i WHERE tenant_id = %s AND i::text LIKE %s",
            site.id,
            f"%{word}%",
        )
        assert rows == []


def test_search_index_knows_the_name(open_site: Open) -> None:
    site = open_site("portal", name="新县人民政府")
    with tenant_context(site):
        found = list(Page.objects.search("新县人民政府", fields=["title"]))
        assert {page.title for page in found} == {"新县人民政府"}  # its front page and its organ


def test_every_table_is_handed_on_or_withheld(alpha: Site) -> None:
    assert set(HANDED_ON) & set(WITHHELD) == set()
    undecided = (tables(alpha) - plugin_tables()) ^ (set(HANDED_ON) | set(WITHHELD))
    assert undecided == set(), "decide in tenants/handing_on.py whether new sites get their rows"
    assert all(WITHHELD.values())


def test_nothing_withheld_travels(open_site: Open) -> None:
    site = open_site("portal")
    filled = {
        table
        for table in tables(site)
        if ask(f'SELECT EXISTS (SELECT FROM {site.schema_name}."{table}")')[0][0]
    }
    assert filled & set(WITHHELD) == set()
    assert {"wagtailcore_page", "wagtailcore_revision", "auth_group"} <= filled


def test_each_page_has_its_latest_revision_alone(open_site: Open) -> None:
    with tenant_context(open_site("portal")):
        pages = Page.objects.filter(depth__gt=1)
        revisions = set(Revision.objects.values_list("pk", flat=True))
        # Wagtail makes none for an alias or the root; ours are all published from a revision.
        assert set(pages.values_list("latest_revision_id", flat=True)) == revisions
        assert set(pages.values_list("live_revision_id", flat=True)) == revisions
        assert not pages.filter(live=False).exists()
        assert not pages.filter(has_unpublished_changes=True).exists()
        assert not pages.exclude(owner=None, locked_by=None).exists()
        assert not Revision.objects.exclude(user=None).exists()


def test_two_sites_of_a_kind_share_no_uuid(open_site: Open) -> None:
    one, other = open_site("department"), open_site("department", code="second")
    seconds = uuids(other)
    shared = {place for place, values in uuids(one).items() if values & seconds[place]}
    assert shared <= KEPT_UUIDS
    assert ("wagtailcore_page", "translation_key") in seconds
    keys = {
        site.code: set(
            Item.objects.filter(tenant_id=site.id).values_list("uuid", "translation_key")
        )
        for site in (one, other)
    }
    assert keys["fresh"]
    assert {value for pair in keys["fresh"] for value in pair}.isdisjoint(
        value for pair in keys["second"] for value in pair
    )


def test_page_revision_and_library_agree(open_site: Open) -> None:
    site = open_site("district")
    with tenant_context(site):
        pages = list(Page.objects.filter(depth__gt=1).specific())
        items = {item.page_id: item for item in Item.objects.filter(tenant_id=site.id)}
        for page in pages:
            draft = page.get_latest_revision().content
            assert draft["translation_key"] == str(page.translation_key)
            assert (draft["title"], draft["slug"]) == (page.title, page.slug)
            assert items[page.pk].translation_key == page.translation_key
            assert items[page.pk].title == page.title
            if isinstance(page, ArticlePage):
                revived = page.get_latest_revision_as_object()
                assert revived.published_at == page.published_at == items[page.pk].published_at


def test_sequences_stand_above_what_was_handed_on(open_site: Open) -> None:
    site = open_site("portal")
    for table in tables(site):
        name = f'{site.schema_name}."{table}"'
        columns = ask(
            "SELECT column_name, pg_get_serial_sequence(%s, column_name)"
            " FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
            name,
            site.schema_name,
            table,
        )
        for column, sequence in columns:
            if sequence:
                ((following, highest),) = ask(
                    f'SELECT nextval(%s), (SELECT coalesce(max("{column}"), 0) FROM {name})',
                    sequence,
                )
                assert following > highest, table


def test_articles_are_published_days_before_now(open_site: Open) -> None:
    site = open_site("department")
    now = timezone.now()
    wanted = sorted(each.get("days_ago", 0) for each in starter_articles("department"))
    with tenant_context(site):
        articles = list(ArticlePage.objects.all())
        assert sorted(days_before(now, article) for article in articles) == wanted
        today = f"{slugs.today():%Y%m%d}"
        assert all(article.slug.startswith(today) for article in articles)
        assert all(article.url_path.endswith(f"/{article.slug}/") for article in articles)
        for page in Page.objects.filter(depth__gt=1):
            assert now - timedelta(minutes=1) < page.first_published_at <= now
            assert page.last_published_at == page.first_published_at


def test_old_blueprint_opens_sites_with_news(open_site: Open, alpha: Site) -> None:
    age(blueprinting.of_kind("department"))
    site = open_site("department")
    assert publication.compare(site) == []
    wanted = sorted(each.get("days_ago", 0) for each in starter_articles("department"))
    with tenant_context(site):
        now = timezone.now()
        articles = list(ArticlePage.objects.all())
        assert sorted(days_before(now, article) for article in articles) == wanted
        for article in articles:
            assert article.get_latest_revision_as_object().published_at == article.published_at


def starter_articles(kind: str) -> list[dict[str, Any]]:
    def below(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            article
            for column in columns
            for article in [
                *column.get("articles", ()),
                *column.get("documents", ()),
                *below(column.get("columns", [])),
            ]
        ]

    return below(content.blueprint(kind)["columns"])


def days_before(now: datetime, article: ArticlePage) -> int:
    assert article.published_at is not None
    return round((now - article.published_at) / timedelta(days=1))


def age(blueprint: Blueprint) -> None:
    """Make a newer version of the blueprint that looks as if it had been built long ago."""
    texts = {name: json.dumps(getattr(blueprint, name)) for name in ("rows", "items", "moments")}
    for moment in blueprint.moments:
        then = datetime.fromisoformat(moment)
        for form in ("%Y-%m-%d %H:%M:%S+00", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00"):
            old = (then - timedelta(days=400)).strftime(form)
            texts = {name: text.replace(then.strftime(form), old) for name, text in texts.items()}
    values = {name: json.loads(text) for name, text in texts.items()}
    assert all(
        datetime.fromisoformat(key) < datetime.now(UTC) - timedelta(days=390)
        for key in values["moments"]
    )
    for field in Blueprint._meta.fields:
        values.setdefault(field.name, getattr(blueprint, field.name))
    Blueprint.objects.create(**{**values, "id": None, "version": blueprint.version + 1})
