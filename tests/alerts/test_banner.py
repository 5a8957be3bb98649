"""Where a notice is read, and what it costs."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sitecluster.tenancy import tenant_context
from sitecluster_alerts.banner import alerts_for
from sitecluster_alerts.shared.models import Alert
from tenants import directory, switching
from tenants.directory import Site
from tests.conftest import client_for

from .conftest import SetAlert

Hours = Callable[[int], datetime]


def _read(code: str) -> list[str]:
    return [alert.text for alert in alerts_for(directory.snapshot().by_code[code])]


def _page(host: str, path: str = "/") -> str:
    return client_for(host).get(path).content.decode()


def test_a_portals_notice_is_on_every_site_below_it(alpha: Site, set_alert: SetAlert) -> None:
    set_alert(alpha)
    assert "暴雨红色预警" in _page("www.alpha.localhost")
    assert "暴雨红色预警" in _page("www.alpha.localhost", "/zz/beta/")
    assert "暴雨红色预警" in _page("gamma.alpha.localhost")
    assert "暴雨红色预警" in _page("gamma.alpha.localhost", "/no-such-page/")


def test_a_township_speaks_for_itself_alone(
    alpha: Site, beta: Site, gamma: Site, set_alert: SetAlert
) -> None:
    set_alert(beta, "水厂停水")
    assert (_read("alpha"), _read("beta"), _read("gamma")) == ([], ["水厂停水"], [])


def test_a_notice_may_stay_on_its_own_site(alpha: Site, beta: Site, set_alert: SetAlert) -> None:
    set_alert(alpha, below=False)
    assert (_read("alpha"), _read("beta")) == (["暴雨红色预警"], [])


def test_start_and_end_decide(alpha: Site, set_alert: SetAlert, hours: Hours) -> None:
    set_alert(alpha, "过去", ends_at=hours(-1), starts_at=hours(-2))
    set_alert(alpha, "现在", ends_at=hours(1))
    set_alert(alpha, "将来", starts_at=hours(1))
    assert _read("alpha") == ["现在"]


def test_what_begins_later_appears_without_anybody_touching_it(
    alpha: Site, set_alert: SetAlert, hours: Hours
) -> None:
    alert = set_alert(alpha, starts_at=hours(1), ends_at=hours(2))
    assert [alert.in_force(hours(n)) for n in (0, 1, 2)] == [False, True, False]


def test_the_gravest_and_newest_comes_first(
    alpha: Site, beta: Site, set_alert: SetAlert, hours: Hours
) -> None:
    set_alert(beta, "蓝", level="4")
    set_alert(beta, "红旧", starts_at=hours(-5))
    set_alert(alpha, "红新")
    set_alert(beta, "黄", level="3")
    assert _read("beta") == ["红新", "红旧", "黄", "蓝"]


def test_a_page_in_english_reads_english(alpha: Site, set_alert: SetAlert) -> None:
    set_alert(alpha, text_en="Red rainstorm warning", link="https://www.alpha.localhost/yj/")
    page = _page("www.alpha.localhost", "/en/no-such-page/")
    assert "Red rainstorm warning" in page
    assert 'href="https://www.alpha.localhost/yj/"' in page
    assert "Red rainstorm warning" not in _page("www.alpha.localhost")


def test_texts_are_escaped(alpha: Site, set_alert: SetAlert) -> None:
    set_alert(alpha, "<script>alert(1)</script>")
    assert "<script>alert(1)" not in _page("www.alpha.localhost")


def test_where_the_plugin_is_off_no_notice_stands(
    alpha: Site, beta: Site, set_alert: SetAlert
) -> None:
    set_alert(alpha)
    switching.disable("beta", "alerts")
    directory.forget()
    assert (_read("gamma"), "暴雨" in _page("www.alpha.localhost", "/zz/beta/")) == (
        ["暴雨红色预警"],
        False,
    )


def test_a_site_that_turned_it_off_speaks_to_nobody(alpha: Site, set_alert: SetAlert) -> None:
    set_alert(alpha)
    switching.disable("alpha", "alerts")
    directory.forget()
    assert _read("gamma") == []


def test_a_banner_costs_no_statement(alpha: Site, set_alert: SetAlert) -> None:
    def statements() -> int:
        _page("www.alpha.localhost")
        with CaptureQueriesContext(connection) as queries:
            _page("www.alpha.localhost")
        return len(queries)

    without = statements()
    set_alert(alpha)
    assert statements() == without


def test_purging_deletes_the_sites_own(alpha: Site, beta: Site, set_alert: SetAlert) -> None:
    set_alert(alpha)
    set_alert(beta, "水厂停水")
    switching.disable("beta", "alerts")
    switching.purge("beta", "alerts")
    assert [alert.tenant_id for alert in Alert.everywhere.all()] == [alpha.id]


def test_no_site_knows_of_anothers_notices(alpha: Site, beta: Site, set_alert: SetAlert) -> None:
    theirs = set_alert(alpha)
    with tenant_context(beta):
        assert not Alert.objects.exists()
        with pytest.raises(Alert.DoesNotExist):
            Alert.objects.get(pk=theirs.pk)
