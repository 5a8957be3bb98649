"""English editions, as wagtail-localize makes them."""

from typing import Any

from django.test import Client
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource
from wagtail_localize.operations import translate_object

from sitecluster.cms.models import ArticlePage


def english() -> Locale:
    return Locale.objects.get_or_create(language_code="en")[0]


def test_a_translated_branch_keeps_the_names_of_its_articles(desk: Any) -> None:
    locale = english()
    for page in (desk.home.specific, desk.news, desk.first):
        translate_object(page, [locale])
    translated = desk.first.get_translation(locale)
    assert translated.slug == desk.first.slug
    assert translated.full_url == desk.site.address.url(f"/en/ywdt-test/{desk.first.slug}/")


def test_the_name_of_an_article_is_nothing_to_translate(desk: Any) -> None:
    source = TranslationSource.get_or_create_from_instance(desk.first)[0]
    paths = {segment.context.path for segment in source.stringsegment_set.all()}
    assert "title" in paths
    assert "slug" not in paths


def test_an_english_page_is_drawn_in_english(desk: Any) -> None:
    locale = english()
    for page in (desk.home.specific, desk.news, desk.first):
        translate_object(page, [locale])
        translated = page.get_translation(locale)
        translated.title = f"English {page.pk}"
        translated.save_revision().publish()
    address = desk.site.address
    answer = Client(headers={"host": address.host}).get(
        f"{address.prefix}/en/ywdt-test/{desk.first.slug}/"
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="en">' in html
    assert f"English {desk.news.pk}" in html
    assert f'href="{address.prefix}/en/ywdt-test/"' in html


def test_a_draft_in_english_is_previewed_in_english(desk: Any) -> None:
    locale = english()
    for page in (desk.home.specific, desk.news, desk.first):
        translate_object(page, [locale])
    Translation.objects.all().delete()
    page = ArticlePage.objects.get(locale=locale)
    answer = desk.get(f"/admin/pages/{page.pk}/view_draft/")
    assert '<html lang="en">' in answer.content.decode()
    assert '<html lang="zh-hans"' in desk.get("/admin/").content.decode()
