"""What is exported opens in a spreadsheet: Chinese intact, local times, real dates, no formula."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from sitecluster.library.models import Item
from sitecluster.tenancy import shared_context
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.console.test_listing import HOME, publish, shallow

FORMULA = '=HYPERLINK("http://x.example","点我")'
LATE = datetime(2026, 3, 31, 16, 30, 5, tzinfo=UTC)  # is April in Shanghai
LOCAL = timezone.make_naive(LATE)


def prepared(alpha: Site) -> Tenant:
    """A site whose figures and name are awkward for spreadsheets."""
    site = shallow("awkward", alpha, name=FORMULA, plugins=["alerts"], max_bytes=5)
    Item.objects.filter(pk=publish(site).pk).update(published_at=LATE, updated_at=LATE)
    directory.forget()
    return site


def test_csv_of_the_filtered_rows(boss: Client, alpha: Site) -> None:
    prepared(alpha)
    response: Any = boss.get(HOME, {"export": "csv", "branch": str(alpha.id)})
    with shared_context():  # a server sends it when the request is over
        content: bytes = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["Code"] for row in rows] == ["alpha", "awkward", "beta", "gamma"]
    assert rows[0]["Site"] == "阿县人民政府"
    assert rows[2]["Site above"] == "阿县人民政府"
    row = rows[1]
    assert row["Site"] == "'" + FORMULA
    assert row["Last update"] == "2026-04-01 00:30:05"
    assert (row["Published items"], row["Members"], row["Upgrade pending"]) == ("1", "0", "No")
    assert f"sites-control-{timezone.localdate()}.csv" in response["content-disposition"]


def test_xlsx_holds_numbers_and_dates(boss: Client, alpha: Site) -> None:
    prepared(alpha)
    response: Any = boss.get(HOME, {"export": "xlsx", "q": "awkward"})
    sheet: Any = load_workbook(io.BytesIO(response.getvalue())).active
    headings, row = sheet.iter_rows()
    cells = {heading.value: cell for heading, cell in zip(headings, row, strict=True)}
    assert cells["Site"].value == FORMULA
    assert cells["Site"].data_type == "s"
    moment = cells["Last update"]
    assert (moment.value, moment.is_date) == (LOCAL, True)
    assert moment.number_format == "yyyy-mm-dd hh:mm:ss"
    assert cells["Published items"].value == 1
    assert cells["Storage in bytes"].value in (None, "")
    assert cells["Most bytes of uploads"].value == 5
    assert sheet.freeze_panes == "A2"


def test_headings_are_in_the_readers_language(boss: Client, alpha: Site) -> None:
    response: Any = boss.get(HOME, {"export": "csv"}, headers={"accept-language": "zh-hans"})
    first = response.getvalue().decode("utf-8-sig").splitlines()[0]
    assert "站点" in first
