"""Nothing can be private: neither code nor the database accepts a restriction."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Page,
    PageViewRestriction,
)

from sitecluster.tenancy import tenant_context


def test_a_page_restriction_is_refused_with_a_reason(within: Any) -> None:
    page = Page.objects.get(depth=2)
    with pytest.raises(ValidationError):
        PageViewRestriction.objects.create(page=page, restriction_type="login")


def test_a_collection_restriction_is_refused_with_a_reason(within: Any) -> None:
    root = Collection.get_first_root_node()
    with pytest.raises(ValidationError):
        CollectionViewRestriction.objects.create(collection=root, restriction_type="login")


@pytest.mark.parametrize("site", ["alpha", "beta", "gamma"])
def test_the_database_of_every_site_refuses_restrictions(site: str, request: Any) -> None:
    with tenant_context(request.getfixturevalue(site)):
        page, collection = Page.objects.get(depth=2), Collection.get_first_root_node()
        rows = [
            (PageViewRestriction, {"page": page}),
            (CollectionViewRestriction, {"collection": collection}),
        ]
        for model, place in rows:
            with pytest.raises(IntegrityError), transaction.atomic():
                model.objects.bulk_create([model(restriction_type="login", **place)])


def test_serving_a_page_asks_for_no_restriction(desk: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert not desk.first.get_view_restrictions()
