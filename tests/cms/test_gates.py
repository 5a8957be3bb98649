"""The gates by themselves: what each of them lets through and what not."""

from typing import Any

import pytest
from wagtail.models import Locale, Page, Site as WagtailSite

from sitecluster.cms.gates import PublicationRefused
from sitecluster.cms.models import HomePage
from tenants.directory import Site


@pytest.mark.parametrize("act", ["delete", "unpublish"])
def test_the_front_page_stays(within: Site, act: str) -> None:
    home = HomePage.objects.get()
    with pytest.raises(PublicationRefused) as refused:
        getattr(home, act)()
    assert len(refused.value.problems) == 1
    assert HomePage.objects.get().live
    assert WagtailSite.objects.get().root_page_id == home.pk


def test_an_edition_may_end(within: Site) -> None:
    home: Any = HomePage.objects.get()
    english = Locale.objects.get_or_create(language_code="en")[0]
    edition = home.copy_for_translation(english)
    edition.save_revision().publish()
    edition.refresh_from_db()
    edition.unpublish()
    edition.delete()
    assert list(Page.objects.filter(depth=2).values_list("pk", flat=True)) == [home.pk]
