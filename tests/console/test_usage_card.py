"""What a site takes up, on its page; the quota is set there by platform admins alone."""

from django.test import Client
from django.urls import reverse

from sitecluster.audit.models import Entry
from tenants.directory import Site
from tenants.models import Tenant, Usage

URLCONF = "sitecluster.project.urls_admin"


def address(name: str, site: Site) -> str:
    return reverse(f"console:{name}", args=[site.id], urlconf=URLCONF)


def test_a_quota_is_set_and_shown(boss: Client, alpha: Site) -> None:
    wishes = {"megabytes": "5", "items": "40", "reason": "机房扩容前", "document": "阿〔2026〕7号"}
    response = boss.post(address("quota", alpha), wishes)
    assert response.status_code == 302
    site = Tenant.objects.get(pk=alpha.id)
    assert (site.max_bytes, site.max_items) == (5 * 1024 * 1024, 40)
    assert Entry.objects.latest("pk").document == "阿〔2026〕7号"
    boss.post(address("measure", alpha))
    page = boss.get(address("site", alpha)).content.decode()
    assert "of 5.0\xa0MB" in page
    assert "of 40" in page
    wishes = {"megabytes": "", "items": "", "reason": "不再限制"}
    boss.post(address("quota", alpha), wishes)
    assert Tenant.objects.get(pk=alpha.id).max_bytes is None


def test_what_is_no_number_is_refused_at_its_field(boss: Client, alpha: Site) -> None:
    for wishes in ({"megabytes": "-1"}, {"items": "x"}, {"megabytes": "9" * 30}, {"reason": ""}):
        form = {"megabytes": "5", "items": "4", "reason": "机房扩容前", **wishes}
        response = boss.post(address("quota", alpha), form)
        assert set(response.context["form"].errors) == set(wishes)
    assert Tenant.objects.get(pk=alpha.id).max_bytes is None


def test_a_delegate_measures_the_own_branch_and_sets_no_quota(
    delegate: Client, beta: Site, delta: Site
) -> None:
    assert delegate.post(address("measure", beta)).status_code == 302
    assert Usage.objects.filter(pk=beta.id).exists()
    assert delegate.post(address("measure", delta)).status_code == 404
    assert not Usage.objects.filter(pk=delta.id).exists()
    assert address("quota", beta) not in delegate.get(address("site", beta)).content.decode()
    wishes = {"megabytes": "5", "items": "40", "reason": "自己放宽"}
    for site in (beta, delta):
        delegate.post(address("quota", site), wishes)
        assert Tenant.objects.get(pk=site.id).max_bytes is None
