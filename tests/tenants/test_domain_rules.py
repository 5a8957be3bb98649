"""Which address a site may have (guideline 2017-47, B.3)."""

from typing import Any

import pytest

from tenants.directory import Site
from tenants.domain_rules import Level, advice, errors
from tenants.models import Domain, Tenant
from tenants.orders import Order
from tenants.provisioning import ProvisionError, provision

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FINE: list[Level] = []
WARNED, REFUSED = [Level.WARNING], [Level.ERROR]


@pytest.fixture
def county(alpha: Site) -> Tenant:
    """The portal, at a domain as the guideline has it."""
    Domain.objects.filter(tenant_id=alpha.id).update(host="www.jiaxian.gov.cn")
    return Tenant.objects.get(pk=alpha.id)


@pytest.mark.parametrize(
    ("kind", "domain", "expected"),
    [
        ("portal", "www.jiaxian.gov.cn", FINE),
        ("district", "www.jiaxian.gov.cn", FINE),
        ("portal", "jiaxian.gov.cn", REFUSED),
        ("portal", "www.a.b.gov.cn", REFUSED),
        ("portal", "www.jiaxian.gov.cn/x", REFUSED),
        ("portal", "www.jiaxian.cn", WARNED),
        ("portal", "xn--foo.xn--zfr164b", FINE),
        ("department", "slj.jiaxian.gov.cn", FINE),
        ("department", "www.jiaxian.gov.cn", REFUSED),
        ("department", "slj.gov.cn", REFUSED),
        ("township", "tong.gov.cn", REFUSED),
        ("township", "tong.example.com", [Level.WARNING, Level.WARNING]),
        ("portal", "www.x.localhost", FINE),
        ("township", "x.test", FINE),
        ("department", "anything.example", FINE),
    ],
)
def test_without_a_site_above(kind: str, domain: str, expected: Any) -> None:
    assert [finding.level for finding in advice(kind, domain)] == expected


@pytest.mark.parametrize(
    ("kind", "domain", "expected"),
    [
        ("department", "slj.jiaxian.gov.cn", FINE),
        ("department", "www.jiaxian.gov.cn/slj", FINE),
        ("department", "slj.other.gov.cn", REFUSED),
        ("department", "a.slj.jiaxian.gov.cn", REFUSED),
        ("party", "dj.other.gov.cn", WARNED),
        ("township", "www.jiaxian.gov.cn/zz/tong", FINE),
        ("township", "tong.jiaxian.gov.cn", REFUSED),
        ("district", "www.qu.gov.cn", FINE),
    ],
)
def test_below_a_portal(county: Tenant, kind: str, domain: str, expected: Any) -> None:
    assert [finding.level for finding in advice(kind, domain, county)] == expected


def test_the_base_domain_is_the_clusters_own_choice(settings: Any) -> None:
    assert len(advice("portal", "www.x.intranet.cn")) == 1
    settings.BASE_DOMAIN = "intranet.cn"
    assert advice("portal", "www.x.intranet.cn") == []


def test_what_is_forbidden_is_refused_everywhere(county: Tenant) -> None:
    assert errors("portal", "www.jiaxian.cn") == []  # advised against, no more
    assert len(advice("portal", "www.jiaxian.cn")) == 1
    (problem,) = errors("township", "tong.gov.cn", county)
    assert "below the portal" in problem
    order = Order(
        code="tong", name="通镇人民政府", kind="township", parent=county.code, domain="tong.gov.cn"
    )
    with pytest.raises(ProvisionError) as refusal:
        provision(order)
    assert refusal.value.problems == [problem]
    assert not Tenant.objects.filter(code="tong").exists()
