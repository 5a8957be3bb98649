"""Moving between sites."""

import json
from collections.abc import Callable

from django.test import Client, RequestFactory

from sitecluster.accounts.membership import end_membership
from sitecluster.accounts.models import User
from sitecluster.accounts.places import matching, sites_of
from sitecluster.accounts.switcher import SITES_SHOWN, SwitcherItem
from sitecluster.tenancy import Tenant, tenant_context
from tenants.directory import Site

MakeMember = Callable[..., User]
Browse = Callable[..., Client]


def codes(sites: list[Tenant]) -> list[str]:
    return [site.code for site in sites]


def test_sites_of_a_person(alpha: Site, beta: Site, gamma: Site, member: MakeMember) -> None:
    user = member("a@example.cn", beta, "editor")
    member("a@example.cn", alpha, "editor")
    member("a@example.cn", gamma, "editor")
    end_membership(user, gamma)
    assert codes(sites_of(user)) == ["alpha", "beta"]
    assert codes(matching(sites_of(user), " 贝镇")) == codes(matching(sites_of(user), "BET"))


def test_platform_admins_enter_every_site_their_own_first(
    alpha: Site, beta: Site, member: MakeMember
) -> None:
    root = member("root@example.cn", beta, is_superuser=True)
    found = codes(sites_of(root))
    assert found[0] == "beta"
    assert {"alpha", "gamma", "control"} < set(found)
    assert len(found) == len(set(found))


def test_the_menu_names_the_site_and_links_the_others(
    alpha: Site, beta: Site, gamma: Site, member: MakeMember
) -> None:
    item, request = SwitcherItem(), RequestFactory().get("/")
    request.user = member("a@example.cn", alpha, "editor")
    with tenant_context(alpha):
        assert not item.is_shown(request)
        again = RequestFactory().get("/")
        again.user = member("a@example.cn", beta, "editor")
        assert item.is_shown(again)
        menu = item.render_component(again)
        assert menu.label == alpha.name
        assert [link.url for link in menu.menu_items] == [beta.admin_url, "/admin/my-sites/"]
        assert len(menu.menu_items) <= SITES_SHOWN + 1


def test_my_sites_lists_and_filters(
    alpha: Site, beta: Site, gamma: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    client = browse(alpha, user)
    text = client.get("/admin/my-sites/").content.decode()
    listing = text[text.index('class="listing"') :]
    assert f'href="{alpha.admin_url}"' in listing
    assert f'href="{beta.admin_url}"' in listing
    assert gamma.admin_url not in text
    found = client.get("/admin/my-sites/?q=贝").content.decode()
    assert f'href="{alpha.admin_url}"' not in found[found.index('class="listing"') :]
    assert 'class="listing"' not in client.get("/admin/my-sites/?q=zzz").content.decode()


def test_the_menu_is_in_the_admins_sidebar(
    alpha: Site, beta: Site, member: MakeMember, browse: Browse
) -> None:
    user = member("a@example.cn", alpha, "editor")
    member("a@example.cn", beta, "editor")
    text = browse(alpha, user).get("/admin/").content.decode()
    assert json.dumps(beta.admin_url) in text
