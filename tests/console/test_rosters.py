"""Rosters in the browser: templates, each error at its cell, the good rows opened in the background."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from sitecluster.audit.models import Entry
from sitecluster_console.batches.uploads import MOST_BYTES
from sitecluster_console.shared.models import Batch, BatchItem
from tenants.directory import Site
from tenants.models import State, Tenant

HEADER = "代码,名称,类型,上级,网站标识码,域名\n"
Outcome = BatchItem.State
DATA = Path(__file__).parents[3] / "shared" / "data"


def upload(client: Any, rows: str, name: str = "名册.csv", encoding: str = "utf8") -> str:
    """The page that answers a file with these rows."""
    content = (HEADER + rows).encode(encoding)
    answer = client.post(reverse("console:rosters"), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    return str(answer.content.decode())


def packed(page: str) -> str:
    """The rows that the page would start with."""
    found = re.search(r'name="rows" value="([^"]*)"', page)
    assert found
    return found[1].replace("&quot;", '"').replace("&amp;", "&")


def begin(client: Any, rows: str, **more: str) -> Any:
    data = {"rows": rows, "reason": "机构改革", "file_name": "名册.csv", **more}
    return client.post(reverse("console:rosters"), data)


def faulty_cells(page: str) -> list[tuple[str, str]]:
    """Text and message of each cell with an error."""
    cells = re.findall(
        r'<td class="console-faulty console-long">([^<]*)<p class="console-fault">([^<]*)', page
    )
    return [(cell, text) for cell, text in cells]


def test_templates_are_read_by_office_programs(boss: Any) -> None:
    csv = boss.get(reverse("console:rosters_csv"))
    assert csv.content.startswith("\ufeff代码,名称,类型,上级".encode())
    assert 'filename="roster-template.csv"' in csv.headers["content-disposition"]
    book = load_workbook(io.BytesIO(boss.get(reverse("console:rosters_xlsx")).content))
    assert [cell.value for cell in book.worksheets[0][1]][:2] == ["代码", "名称"]
    (choice,) = book.worksheets[0].data_validations.dataValidation
    assert "政府门户" in choice.formula1


def test_each_error_stands_at_its_cell(boss: Any, alpha: Site) -> None:
    rows = (
        "good,某县林业局,部门,alpha,,\n"
        "B AD,某县水利局,部门,alpha,,\n"
        "kind,某县教育局,堡垒,alpha,,\n"
        "above,某县民政局,部门,nowhere,,\n"
        "town,某某镇人民政府,乡镇街道,gamma,,\n"
        "twice,阿县水利局,部门,alpha,,\n"
        "child,某县审计局,部门,above,,\n"
    )
    page = upload(boss, rows)
    cells = faulty_cells(page)
    assert [cell for cell, text in cells] == [
        "b ad",
        "堡垒",
        "nowhere",
        "gamma",
        "阿县水利局",
        "above",
    ]
    assert "lower-case" in cells[0][1]
    assert "7 rows: 1 new sites, 0 that exist already, 6 with errors." in page
    assert "www.alpha.localhost" in page or "good.alpha.localhost" in page
    assert not Batch.objects.exists()


def test_domains_are_judged_beside_rows_and_sites(boss: Any, alpha: Site) -> None:
    rows = (
        "top,某县人民政府,政府门户,,,www.top.gov.cn\n"
        "town,某某镇人民政府,乡镇街道,top,,www.town.gov.cn\n"
        "office,某县水利局,部门,top,,slj.top.gov.cn\n"
        "other,阿县审计局,部门,alpha,,sjj.elsewhere.gov.cn\n"
        "note,别县人民政府,政府门户,,,www.bie.com\n"
    )
    page = upload(boss, rows)
    cells = dict(faulty_cells(page))
    assert set(cells) == {"www.town.gov.cn", "sjj.elsewhere.gov.cn"}
    assert "console-note" in page
    assert ".gov.cn, or" in page


def test_gbk_of_an_old_excel(boss: Any, alpha: Site) -> None:
    page = upload(boss, "good,某县林业局,部门,alpha,,\n", encoding="gbk")
    assert "某县林业局" in page
    assert "1 rows: 1 new sites" in page


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.csv", "empty"),
        (b"a,b\n", "a.csv", "has no column code"),
        ("代码,名称,类型,上级\n".encode(), "a.csv", "no row below"),
        (b"PK\x03\x04", "a.xlsx", "read as XLSX"),
        (b"\xff\xfea\0", "a.csv", "neither CSV"),
        (b"x" * (MOST_BYTES + 1), "a.csv", "too large"),
        (None, "", "required"),
    ],
)
def test_a_file_that_is_none_is_told_at_its_field(
    boss: Any, content: bytes | None, name: str, said: str
) -> None:
    data = {} if content is None else {"file": SimpleUploadedFile(name, content)}
    answer = boss.post(reverse("console:rosters"), data)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_good_rows_are_opened_parents_first_and_the_rest_is_told(
    boss: Any, boss_user: Any, alpha: Site
) -> None:
    rows = (
        "town,某某镇人民政府,乡镇街道,county,,\n"
        "county,某县人民政府,政府门户,,6108280077,www.county.localhost\n"
        "alpha,阿县人民政府,政府门户,,,\n"
        "bad,名,部门,county,,\n"
    )
    answer = begin(boss, packed(upload(boss, rows)), document="佳政发〔2026〕1号")
    batch = Batch.objects.get()
    assert answer.headers["location"] == reverse("console:batch", args=[batch.pk])
    found = {item.code: item for item in batch.items.all()}
    assert {code: item.state for code, item in found.items()} == {
        "town": Outcome.DONE,
        "county": Outcome.DONE,
        "alpha": Outcome.UNCHANGED,
    }
    assert found["town"].number == 2
    assert found["town"].result == "Opened at www.county.localhost/zz/town."
    town = Tenant.objects.get(code="town")
    assert (town.state, town.parent and town.parent.code) == (State.BUILDING, "county")
    assert found["town"].site_id == town.pk
    assert batch.wishes["left_out"][0][:2] == [5, "bad"]
    entry = Entry.objects.get(act="site.provisioned", site_code="town")
    assert (entry.actor_id, entry.reason, entry.document) == (
        boss_user.pk,
        "机构改革",
        "佳政发〔2026〕1号",
    )
    page = boss.get(answer.headers["location"]).content.decode()
    assert "Row 5 (bad 名):" in page
    assert reverse("console:site", args=[town.pk]) in page


def test_nothing_starts_without_a_reason_or_a_good_row(boss: Any, alpha: Site) -> None:
    rows = packed(upload(boss, "good,某县林业局,部门,alpha,,\n"))
    page = begin(boss, rows, reason=" ").content.decode()
    assert "This field is required." in page
    assert "某县林业局" in page
    bad = json.dumps([[2, ["b ad", "某县林业局", "department", "alpha", "", ""]]])
    assert faulty_cells(begin(boss, bad).content.decode())
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "rows",
    [
        "",
        "{",
        "[]",
        "[1]",
        "[[1]]",
        '[["1",["a","b","c","d","e","f"]]]',
        '[[2,["a","b","c","d","e",1]]]',
        '[[2,"abcdef"],[2,"abcdef"]]',
        "[[99999999999,[0,0,0,0,0,0]]]",
    ],
)
def test_what_no_preview_sent_is_refused(boss: Any, rows: str) -> None:
    answer = begin(boss, rows)
    assert answer.status_code == 200
    assert "Upload the file again." in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_delegate_opens_sites_below_the_own_ones_alone(
    delegate: Any, alpha: Site, epsilon: Site
) -> None:
    rows = (
        "one,某县林业局,部门,alpha,,\n"
        "two,某县教育局,部门,delta,,\n"
        "top,某县人民政府,政府门户,,,www.top.localhost\n"
        "below,某县审计局,部门,top,,\n"
        "delta,别的名称,政府门户,,,\n"
        "epsilon,丁县教育局,部门,delta,,\n"
    )
    page = upload(delegate, rows)
    assert "丁县人民政府" not in page
    cells = dict(faulty_cells(page))
    assert set(cells) == {"delta", "", "top", "epsilon"}
    begin(delegate, packed(page))
    assert list(BatchItem.objects.values_list("code", "state")) == [("one", Outcome.DONE)]
    assert not Tenant.objects.filter(code__in=("two", "top", "below")).exists()


def test_a_branch_lost_meanwhile_opens_nothing(
    delegate: Any, delegate_user: Any, alpha: Site, settings: Any
) -> None:
    from sitecluster_console.batches.work import resume

    page = packed(upload(delegate, "one,某县林业局,部门,alpha,,\n"))
    settings.TASKS_RUN_AT_ONCE = False
    begin(delegate, page)
    delegate_user.delegations.update(ended_at="2026-01-01T00:00:00Z")
    settings.TASKS_RUN_AT_ONCE = True
    resume(Batch.objects.get(), by=delegate_user)
    assert BatchItem.objects.get().problems == ["You open sites below those that you run."]


def test_rosters_are_nothing_for_strangers(clerk: Any, applicant: Any) -> None:
    for client in (clerk, applicant):
        for name in ("rosters", "rosters_csv", "rosters_xlsx"):
            answer = client.get(reverse(f"console:{name}"))
            assert answer.status_code == 302
            assert answer.headers["location"] == "/admin/"


@pytest.mark.parametrize(("file", "sites"), [("jiaxian", 44), ("changsha", 216)])
def test_rosters_of_real_clusters_are_good(boss: Any, file: str, sites: int) -> None:
    path = DATA / f"{file}.csv"
    if not path.exists():
        pytest.skip("the rosters of real clusters are not beside this clone")
    content = SimpleUploadedFile(path.name, path.read_bytes())
    page = boss.post(reverse("console:rosters"), {"file": content}).content.decode()
    assert f"{sites} rows: {sites} new sites, 0 that exist already, 0 with errors." in page
