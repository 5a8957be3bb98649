"""The two sites hold something of everything, so that everything could leak."""

import pytest
from django.db import connection
from wagtail.models import Page

from sitecluster.tenancy import tenant_context

from .checksums import OF_NO_SITE, rows_of_a_site, shared_models, shared_sums
from .cluster import Cluster
from .keys import keys_of, models_of_a_site

NO_PRIVACY = "pages and collections can't be private here"
WITHOUT_ROWS = {
    "wagtailcore.CollectionViewRestriction": NO_PRIVACY,
    "wagtailcore.CollectionViewRestriction_groups": NO_PRIVACY,
    "wagtailcore.PageViewRestriction": NO_PRIVACY,
    "wagtailcore.PageViewRestriction_groups": NO_PRIVACY,
}
ONE = "a site has one of it"
WITHOUT_KEYS_OF_THEIR_OWN = {
    "auth.Permission": "the same on every site",
    "board.BoardSettings": ONE,  # of a plugin of the tests
    "cms.SiteIdentity": ONE,
    "feedback.FeedbackSettings": ONE,
    "wagtail_localize.LocaleSynchronization": ONE,
    "wagtail_localize.Template": "the same markup is one row",
    "wagtailadmin.Admin": "a name for permissions",
    "wagtailcore.Site": ONE,
}
WITHOUT_KEYS_IN_COMMON = {
    "wagtail_localize.TranslatableObject": "keys are drawn by lot",
    "wagtailusers.UserProfile": "keys are drawn by lot",
}


def test_both_sites_hold_rows_of_every_model_under_the_same_and_under_other_keys(
    cluster: Cluster,
) -> None:
    bare, unlike, alike = set(), set(), set()
    for model in models_of_a_site(cluster.there.schema_name):
        with tenant_context(cluster.here):
            ours = keys_of(model)
        with tenant_context(cluster.there):
            theirs = keys_of(model)
        label = model._meta.label
        if issubclass(model, Page) and model is not Page:
            assert ours, label
            assert theirs, label
            continue  # its keys are those of pages
        bare |= {label} if not (ours and theirs) else set()
        unlike |= {label} if not ours & theirs else set()
        alike |= {label} if not theirs - ours else set()
    assert bare == WITHOUT_ROWS.keys()
    assert unlike - bare <= WITHOUT_KEYS_IN_COMMON.keys()
    assert alike - bare <= WITHOUT_KEYS_OF_THEIR_OWN.keys()


def test_of_every_shared_table_it_is_known_whose_its_rows_are(cluster: Cluster) -> None:
    assert shared_models()
    assert shared_sums(cluster.there) != shared_sums(cluster.here)


NOBODYS = "the whole cluster's"
SHARED_WITHOUT_ROWS = {
    "sessions.Session": "told apart by nothing; what one opens is tested with strangers",
    "audit.Seal": NOBODYS,
    "tasks.Period": NOBODYS,
    "watch.Beat": NOBODYS,
}


def test_both_sites_have_rows_in_every_shared_table_that_has_rows_of_sites(
    cluster: Cluster,
) -> None:
    bare = set()
    for model in shared_models():
        if model._meta.label not in OF_NO_SITE:
            for site in (cluster.here, cluster.there):
                condition = rows_of_a_site(model).format(id=site.id)
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT 1 FROM public.{model._meta.db_table} WHERE {condition}")
                    bare |= set() if cursor.fetchone() else {model._meta.label}
    assert bare <= SHARED_WITHOUT_ROWS.keys()


@pytest.mark.parametrize("which", ["ours", "theirs"])
def test_a_site_finds_its_own_marks(cluster: Cluster, which: str) -> None:
    """What a search would show if it were not scoped is there to be shown."""
    site, mark = {
        "ours": (cluster.here, cluster.ours),
        "theirs": (cluster.there, cluster.theirs),
    }[which]
    person = cluster.people["platform_admin"].browser(site)
    for path in (
        "/admin/pages/search/",
        "/admin/images/",
        "/admin/documents/",
        "/admin/users/",
        "/admin/articles/",
        "/admin/redirects/",
    ):
        assert mark.found_in(person.get(path, {"q": mark.needle}).content.decode()), path
