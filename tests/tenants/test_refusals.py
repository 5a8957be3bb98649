"""What provisioning refuses, each in one clear sentence and without a trace."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from sitecluster.accounts.models import Membership
from sitecluster.cms.models import ColumnPage, HomePage
from sitecluster.library.models import ColumnType
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Blueprint, Tenant
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision
from tests.tenants.conftest import Open, ask

pytestmark = pytest.mark.django_db
ORDER = Order(code="fresh", name="新镇人民政府", kind="township", parent="alpha")


CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"code": "Fresh_1"},
        "The code Fresh_1 may hold lower-case letters, digits and single hyphens only.",
    ),
    ({"code": "f" * 41}, f"The code {'f' * 41} is longer than 40 characters."),
    ({"code": "www"}, "The code www is reserved."),
    ({"code": "control"}, "The code control is reserved."),
    (
        {"name": "<b>"},
        "The name <b> must have 2 to 100 characters and no quotes or brackets <>.",
    ),
    (
        {"kind": "castle"},
        "The kind castle is unknown; it is one of "
        "control, portal, department, party, district, township.",
    ),
    ({"kind": "control"}, "A cluster has one control site, whose code is control."),
    (
        {"site_id_code": "61082"},
        "The site identification code 61082 has the wrong form (guideline 2017-47, B.4).",
    ),
    ({"domain": "http://a.cn"}, "The domain http://a.cn is not valid."),
    ({"domain": "a.cn:8000"}, "The domain a.cn:8000 is not valid."),
    (
        {"domain": f"a.cn/{'a' * 60}/{'b' * 60}"},
        f"The domain a.cn/{'a' * 60}/{'b' * 60} is not valid.",
    ),
    ({"domain": "x.admin.localhost"}, "The domain x.admin.localhost belongs to the platform."),
    ({"domain": "uploads.localhost"}, "The domain uploads.localhost belongs to the platform."),
    (
        {"domain": "a.cn/media"},
        "The domain a.cn/media is not possible: media is a path of the platform.",
    ),
    (
        {"parent": "", "base_domain": "admin.localhost"},
        "The domain fresh.admin.localhost belongs to the platform.",
    ),
    (
        {"parent": "", "base_domain": "gov cn"},
        "The domain fresh.gov cn is not valid.",
    ),
    ({"parent": "nowhere"}, "The site above, nowhere, does not exist."),
    ({"parent": "fresh"}, "The site above, fresh, does not exist."),
    (
        {"domain": "gamma.alpha.localhost"},
        "The address gamma.alpha.localhost is taken by 阿县水利局.",
    ),
    (
        {"domain": "www.alpha.localhost/zz/beta"},
        "The address www.alpha.localhost/zz/beta is taken by 贝镇人民政府.",
    ),
    ({"admin": "nobody"}, "nobody is no email address."),
    (
        {"code": "beta"},
        "The code beta is taken by 贝镇人民政府.",
    ),
    (
        {"code": "beta", "name": "贝镇人民政府", "parent": ""},
        "The code beta is taken by 贝镇人民政府.",
    ),
]


def refusal(order: Order) -> list[str]:
    """The sentences with which the order is refused; nothing is left of it."""
    before = list(Tenant.objects.values_list("code", "name", "kind", "parent"))
    with pytest.raises(ProvisionError) as refused:
        provision(order)
    assert list(Tenant.objects.values_list("code", "name", "kind", "parent")) == before
    assert ask("SELECT 1 FROM pg_namespace WHERE nspname = 's_fresh'") == []
    return refused.value.problems


def column(title: str, slug: str) -> ColumnPage:
    return ColumnPage(
        title=title,
        slug=slug,
        owner_unit="办公室",
        column_type=ColumnType.objects.get(code="news"),
        description=title,
        keywords=title,
    )


@pytest.mark.parametrize(("wishes", "sentence"), CASES)
def test_refusal_is_one_sentence(alpha: Site, wishes: dict[str, Any], sentence: str) -> None:
    assert refusal(replace(ORDER, **wishes)) == [sentence]


def test_refusals_speak_chinese(alpha: Site) -> None:
    with translation.override("zh-hans"):
        english = [
            sentence
            for wishes, sentence in CASES
            if refusal(replace(ORDER, **wishes)) == [sentence]
        ]
    assert english == []


def test_all_faults_are_named_at_once(alpha: Site) -> None:
    problems = refusal(Order(code="A", name="x", kind="", domain="?", site_id_code="1"))
    assert len(problems) == 5


def test_address_of_a_page_of_the_portal_is_refused(alpha: Site) -> None:
    with tenant_context(alpha):
        street = HomePage.objects.get().add_child(instance=column("乡镇", "zz"))
        street.add_child(instance=column("新镇", "fresh"))
    assert refusal(ORDER) == [
        "At www.alpha.localhost/zz/fresh stands the page 新镇 of 阿县人民政府."
    ]


def test_starter_page_on_the_address_of_another_site_is_refused(open_site: Open) -> None:
    open_site(code="early", domain="www.late.cn/zwgk")
    problems = refusal(
        Order(code="fresh", name="新县人民政府", kind="portal", domain="www.late.cn")
    )
    assert problems == ["At www.late.cn/zwgk stands the page 政务公开 of 新县人民政府."]


def test_without_blueprints_the_command_is_named(alpha: Site) -> None:
    Blueprint.objects.all().delete()
    assert refusal(ORDER) == ["There are no blueprints yet: run “manage.py upgrade” first."]


def test_existing_site_is_left_as_it_is(alpha: Site) -> None:
    order = replace(ORDER, site_id_code="6108280009")
    first = provision(order)
    with tenant_context(first.site):
        HomePage.objects.update(intro="编辑过")
    directory.forget()

    again = provision(order)

    assert (first.created, again.created) == (True, False)
    assert again.site == first.site
    with tenant_context(again.site):
        assert HomePage.objects.get().intro == "编辑过"


def test_existing_site_does_not_move_silently(alpha: Site) -> None:
    order = Order(code="alpha", name=alpha.name, kind="portal", domain="www.other.localhost")
    with pytest.raises(ProvisionError, match=r"manage\.py site alpha --domain"):
        provision(order)
    assert not provision(replace(order, domain="www.alpha.localhost")).created


def test_existing_site_gets_the_admin(alpha: Site) -> None:
    order = Order(code="alpha", name=alpha.name, kind="portal", admin="boss@alpha.example")
    assert not provision(order).created
    member = Membership.objects.get(user__email="boss@alpha.example")
    assert (member.tenant_id, member.roles) == (alpha.id, ["site_admin"])
