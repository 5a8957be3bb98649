"""The page of one site."""

from django.test import Client
from django.urls import reverse

from tenants.directory import Site


def page(site: Site) -> str:
    return reverse("console:site", args=[site.id], urlconf="sitecluster.project.urls_admin")


def test_it_names_the_site_its_state_and_its_addresses(beta: Site, boss: Client) -> None:
    text = boss.get(page(beta)).content.decode()
    for shown in (
        "贝镇人民政府",
        "www.alpha.localhost/zz/beta",
        "beta.admin.localhost",
        "阿县人民政府",
    ):
        assert shown in text


def test_the_page_of_another_branch_is_not_there(
    beta: Site, epsilon: Site, delegate: Client
) -> None:
    assert delegate.get(page(beta)).status_code == 200
    assert delegate.get(page(epsilon)).status_code == 404
