"""The look of a site: logo, header picture, colours, chosen in the editor of the front page."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.images import ImageFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale
from wagtail.test.utils.form_data import nested_form_data, streamfield

from sitecluster.cms.chrome import Chrome
from sitecluster.cms.front.form import HomePageForm, choices_of_colours
from sitecluster.cms.models import HomePage
from sitecluster.theming.catalogue import colour_sets, themes
from tests.cms.conftest import form_of


def image(title: str) -> Any:
    file = get_test_image_file(filename=f"{title}.png", size=(960, 640))
    return get_image_model().objects.create(title=title, file=ImageFile(file.file, f"{title}.png"))


def soup(desk: Any, path: str = "/") -> BeautifulSoup:
    address = desk.site.address
    answer = Client(headers={"host": address.host}).get(address.prefix + path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def wear(desk: Any, **fields: Any) -> HomePage:
    """Publish the front page with these fields."""
    home: HomePage = desk.home.specific
    for name, value in fields.items():
        setattr(home, name, value)
    home.save_revision().publish()
    return home


@pytest.fixture
def colours(desk: Any) -> str:
    """One of the sets of the site's theme."""
    return next(iter(colour_sets()))


def test_every_page_wears_the_logo_and_the_colours(desk: Any, colours: str) -> None:
    wear(desk, logo=image("logo"), header_picture=image("river"), colours=colours)
    for path in ("/", "/ywdt-test/", f"/ywdt-test/{desk.first.slug}/"):
        page = soup(desk, path)
        assert page.select_one("html")["data-colours"] == colours  # type: ignore[index]
        assert "logo" in page.select_one(".brand img")["src"]  # type: ignore[index]
        assert "logo" in page.select_one('link[rel="icon"]')["href"]  # type: ignore[index]
    assert "river" in str(soup(desk).select_one(".hero__photo img"))
    assert not soup(desk).select(".hero__scene")


def test_a_site_without_choices_looks_like_its_theme(desk: Any) -> None:
    page = soup(desk)
    assert not page.select("html[data-colours], .brand img, .hero__photo")
    assert page.select(".brand use, .hero use")


def test_colours_of_another_theme_are_not_worn(desk: Any) -> None:
    wear(desk, colours="colours-of-another")
    assert not soup(desk).select("html[data-colours]")


def test_the_sheet_has_the_colours_of_every_set(desk: Any) -> None:
    theme = themes()[desk.site.theme]
    for name, chosen in theme.sets.items():
        assert theme.tokens.in_colours(chosen.given).colours["deep"].startswith("#")
        assert name in dict(choices_of_colours())


def test_the_look_costs_one_statement(desk: Any, django_assert_num_queries: Any) -> None:
    chrome = Chrome(RequestFactory().get("/"))
    with django_assert_num_queries(1):
        assert not any((chrome.look.logo, chrome.look.header_picture, chrome.look.colours))
    wear(desk, logo=image("logo"))
    chrome = Chrome(RequestFactory().get("/"))
    with django_assert_num_queries(1):
        assert chrome.look.logo.title == "logo"


def test_a_logo_costs_one_statement_more(desk: Any) -> None:
    counts = []
    for fields in ({}, {"logo": image("logo"), "header_picture": image("river")}):
        wear(desk, **fields)
        soup(desk, "/ywdt-test/")
        with CaptureQueriesContext(connection) as statements:
            soup(desk, "/ywdt-test/")
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 1


def test_an_edition_wears_the_look_of_the_first_one(desk: Any, colours: str) -> None:
    home = wear(desk, colours=colours)
    english = Locale.objects.get_or_create(language_code="en")[0]
    translated = home.copy_for_translation(english)
    translated.colours = ""
    translated.save_revision().publish()
    assert soup(desk, "/en/").select_one("html")["data-colours"] == colours  # type: ignore[index]


def form_data(desk: Any, **changes: Any) -> dict[str, Any]:
    data = form_of(desk.get(f"/admin/pages/{desk.home.pk}/edit/"))
    search = {"title": "怎么找到我们", "terms-count": "0"}
    sections = streamfield([("search", search)])
    data.update(nested_form_data({"sections": sections}))
    data.update(changes)
    return dict(data.lists())


def test_the_preview_shows_what_is_not_saved(desk: Any, colours: str) -> None:
    path = f"/admin/pages/{desk.home.pk}/edit/preview/"
    logo = image("logo")
    answer = desk.post(path, form_data(desk, colours=colours, logo=logo.pk))
    assert answer.json()["is_valid"]
    page = BeautifulSoup(desk.get(f"{path}?mode=").content, "html.parser")
    assert page.select_one("html")["data-colours"] == colours  # type: ignore[index]
    assert page.select(".brand__logo img")
    assert "怎么找到我们" in page.get_text()
    assert not soup(desk).select("html[data-colours], .brand img")


def test_the_form_refuses_colours_that_the_theme_has_not(desk: Any) -> None:
    answer = desk.post(f"/admin/pages/{desk.home.pk}/edit/", form_data(desk, colours="gold"))
    assert answer.status_code == 200
    assert "colours" in answer.context["form"].errors
    desk.home.refresh_from_db()
    assert desk.home.specific.colours == ""


def test_the_form_begins_with_the_sections_that_are_shown(desk: Any) -> None:
    form_class = HomePage.get_edit_handler().get_form_class()
    assert issubclass(form_class, HomePageForm)
    form = form_class(instance=desk.home.specific, for_user=desk.user)
    kinds = [section.block_type for section in form.initial["sections"]]
    assert kinds == list(themes()[desk.site.theme].home)
