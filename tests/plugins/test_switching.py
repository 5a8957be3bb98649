"""Enable, disable and purge: what they refuse, what they change, what they leave."""

import pytest
from django.contrib.auth.models import Group
from sitecluster_board.models import NoticePage, Pin, Topic
from sitecluster_board.shared.models import Tally
from wagtail.models import Page, Revision

from sitecluster.audit.models import Entry
from sitecluster.cms.gates import PublicationRefused
from sitecluster.library.models import Item
from sitecluster.plugins.registry import is_on
from sitecluster.rights.roles import SITE_ADMIN
from sitecluster.tenancy import shared_context, tenant_context
from tenants import switching
from tenants.directory import Site
from tenants.models import Tenant
from tenants.switching import PluginError

from .conftest import notice, now, turn_on


def refusal(step: object) -> str:
    with pytest.raises(PluginError) as refused:
        step()  # type: ignore[operator]
    return str(refused.value)


def trail(act: str) -> list[tuple[str, str, object, object]]:
    rows = Entry.objects.filter(act=act, site_code="alpha", subject="board").order_by("pk")
    return list(rows.values_list("site_code", "subject", "before", "after"))


def test_enabling_is_for_one_site(alpha: Site, beta: Site) -> None:
    switching.enable("alpha", "board")
    assert now("alpha").plugins == {"board"}
    assert "board" not in now("beta").plugins
    with tenant_context(now("alpha")):
        assert is_on("board")
        assert is_on("board_shared")
        assert is_on("cms")
    with tenant_context(now("beta")):
        assert not is_on("board")
        assert not is_on("board_shared")
    with shared_context():
        assert not is_on("board")


def test_enabling_twice_changes_nothing(alpha: Site) -> None:
    turn_on("alpha", "board", "board")
    with tenant_context(alpha):
        assert list(Topic.objects.values_list("name", flat=True)) == ["first of alpha"]
    assert len(trail("plugin.enabled")) == 1


def test_every_switch_is_in_the_audit_trail(alpha: Site) -> None:
    turn_on("alpha", "board")
    switching.disable("alpha", "board")
    switching.purge("alpha", "board")
    assert trail("plugin.enabled") == [("alpha", "board", {"plugins": []}, {"plugins": ["board"]})]
    assert trail("plugin.disabled") == [
        ("alpha", "board", {"plugins": ["board"]}, {"plugins": [], "unpublished": 0})
    ]
    assert trail("plugin.purged") == [("alpha", "board", {"topic": 2}, None)]


def test_a_role_gets_its_permissions(alpha: Site, beta: Site) -> None:
    turn_on("alpha", "board")

    def permissions(site: Site) -> set[str]:
        with tenant_context(site):
            group = Group.objects.get(name=SITE_ADMIN.name)
            of_board = group.permissions.filter(content_type__app_label="board")
            return set(of_board.values_list("codename", flat=True))

    assert permissions(alpha) == {"add_topic", "change_topic", "add_pin"}
    assert permissions(beta) == set()


def test_what_is_required_must_be_on(alpha: Site) -> None:
    assert "echo requires board" in refusal(lambda: switching.enable("alpha", "echo"))
    assert now("alpha").plugins == frozenset()
    switching.enable("alpha", "echo", with_required=True)
    assert now("alpha").plugins == {"board", "echo"}
    assert "required by echo" in refusal(lambda: switching.disable("alpha", "board"))
    switching.disable("alpha", "echo")
    switching.disable("alpha", "board")
    assert now("alpha").plugins == frozenset()


def test_live_pages_stand_against_it(alpha: Site) -> None:
    site = turn_on("alpha", "board")
    page = notice(site)
    text = refusal(lambda: switching.disable("alpha", "board"))
    assert "1 of its pages" in text
    assert "Notice" in text
    assert now("alpha").plugins == {"board"}

    switching.disable("alpha", "board", unpublish=True)
    with tenant_context(now("alpha")):
        assert not NoticePage.objects.get(pk=page.pk).live
        row = Item.objects.get(tenant_id=alpha.id, page_id=page.pk)
        assert row.withdrawn_at is not None
        assert Topic.objects.filter(name="was turned off").exists()
    assert trail("plugin.disabled")[0][3] == {"plugins": [], "unpublished": 1}


def test_a_page_that_must_stay_keeps_the_plugin_on(alpha: Site) -> None:
    notice(turn_on("alpha", "board"))
    Tenant.objects.filter(code="alpha").update(state="readonly")
    text = refusal(lambda: switching.disable("alpha", "board", unpublish=True))
    assert "read-only" in text
    assert now("alpha").plugins == {"board"}


def test_drafts_stay_and_cannot_be_published(alpha: Site) -> None:
    site = turn_on("alpha", "board")
    draft = notice(site, publish=False)
    switching.disable("alpha", "board")
    with tenant_context(now("alpha")):
        revision = Revision.objects.filter(object_id=str(draft.pk)).first()
        assert revision is not None
        with pytest.raises(PublicationRefused, match="turned off"):
            revision.publish()
        assert not Page.objects.get(pk=draft.pk).live
    with tenant_context(site), pytest.raises(PublicationRefused):
        revision.publish()  # by a process that hasn't heard of it yet


def test_purge_deletes_at_one_site(alpha: Site, beta: Site) -> None:
    for code in ("alpha", "beta"):
        site = turn_on(code, "board")
        notice(site, publish=False)
        with tenant_context(site):
            Pin.objects.create(topic=Topic.objects.first(), note="held")
        Tally.objects.create(site_id=site.id)
    assert "turn it off" in refusal(lambda: switching.purge("alpha", "board"))
    switching.disable("alpha", "board")
    switching.purge("alpha", "board")

    def left(site: Site) -> list[int]:
        with tenant_context(site):
            kinds = [NoticePage, Topic, Pin, Tally.objects.filter(site_id=site.id)]
            return [getattr(kind, "objects", kind).count() for kind in kinds]

    assert left(alpha) == [0, 0, 0, 0]
    assert left(beta) == [1, 1, 1, 1]
    with tenant_context(alpha):
        assert Page.objects.filter(title="Notice").count() == 0
        assert Page.find_problems() == ([], [], [], [], [])


def test_purge_spares_what_stands_below(alpha: Site) -> None:
    from sitecluster.cms.models import LinkPage

    site = turn_on("alpha", "board")
    page = notice(site, publish=False)
    with tenant_context(site):
        page.add_child(instance=LinkPage(title="Ours", slug="ours", live=False))
    switching.disable("alpha", "board")
    assert "Ours" in refusal(lambda: switching.purge("alpha", "board"))
    with tenant_context(alpha):
        assert NoticePage.objects.count() == 1


def test_purge_keeps_rows_of_an_app_that_another_brings(alpha: Site) -> None:
    from bell.models import Ring

    with tenant_context(alpha):
        Ring.objects.create()
    switching.purge("alpha", "chime")
    with tenant_context(alpha):
        assert Ring.objects.count() == 1


@pytest.mark.parametrize("step", [switching.enable, switching.disable, switching.purge])
def test_wrong_names_are_sentences(alpha: Site, step: object) -> None:
    assert "There is no plugin nosuch; installed are: " in refusal(
        lambda: step("alpha", "nosuch")  # type: ignore[operator]
    )
    assert "no site nowhere" in refusal(
        lambda: step("nowhere", "board")  # type: ignore[operator]
    )
    assert "belongs to the platform" in refusal(
        lambda: step("alpha", "watch")  # type: ignore[operator]
    )


def test_a_plugin_whose_distribution_has_gone_can_be_taken_off(alpha: Site) -> None:
    Tenant.objects.filter(code="alpha").update(plugins=["ghost"])
    switching.disable("alpha", "ghost")
    assert now("alpha").plugins == frozenset()


def test_defaults_hold_for_new_sites(alpha: Site, beta: Site) -> None:
    assert beta.plugins == {"chime"}  # a township
    assert alpha.plugins == frozenset()
    assert "chime" in switching.defaults("township")
    assert "chime" not in switching.defaults("portal")


def test_a_plugin_of_the_platform_is_on_at_the_control_site(alpha: Site) -> None:
    with tenant_context(alpha):
        assert not is_on("watch")
    control = now("control")
    with tenant_context(control):
        assert is_on("watch")
    with shared_context():
        assert is_on("watch")
