"""Rosters: every bad row is named, the good ones stay good."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tenants.directory import Site
from tenants.rosters import file as roster_file, roster, table as table_file
from tenants.rosters.roster import RosterError, in_order, read

HEADER = "code,name,kind,parent,level,site_id_code,domain\n"
pytestmark = pytest.mark.django_db
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "roster.csv"
        path.write_text(header + rows, "utf8")
        return path

    return write


def problems(path: Path) -> dict[str, str]:
    return {row.order.code: " ".join(row.problems) for row in read(path)}


def test_good_rows_have_no_problem(write: Write) -> None:
    found = problems(
        write("p,某县人民政府,portal,,county,6108280002,\nd,某县水利局,department,p,,,\n")
    )
    assert found == {"p": "", "d": ""}


def test_parent_may_stand_below_its_children_or_exist(write: Write, alpha: Site) -> None:
    path = write(
        "d,某县水利局,department,p,,,\np,某县人民政府,portal,,,,\ne,某镇人民政府,township,alpha,,,\n"
    )
    assert problems(path) == {"d": "", "p": "", "e": ""}
    generations = in_order(read(path))
    assert [sorted(row.order.code for row in each) for each in generations] == [["e", "p"], ["d"]]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("a,某县人民政府,portal,,,,\na,某县人民政府,portal,,,,", "more than one row"),
        ("a,某县人民政府,portal,,,,http://x.cn", "not valid"),
        ("a,某县人民政府,portal,,,,a.admin.localhost", "belongs to the platform"),
        ("a,某县人民政府,portal,nowhere,,,", "does not exist"),
        ("a,某县人民政府,portal,a,,,", "above itself"),
        ("admin,某县人民政府,portal,,,,", "reserved"),
        (f"{'a' * 41},某县人民政府,portal,,,,", "longer than 40"),
        ("A B,某县人民政府,portal,,,,", "lower-case"),
        ("control,某县人民政府,portal,,,,", "reserved"),
        ("a,某县人民政府,control,,,,", "one control site"),
        ("a,某县人民政府,portal,,,,x.cn/media/a", "path of the platform"),
        (f"a,某县人民政府,portal,,,,x.cn/{'a' * 50}/{'b' * 50}", "not valid"),
        (f"a,{'名' * 101},portal,,,,", "2 to 100"),
        ("a,  ,portal,,,,", "2 to 100"),
        ("a,,portal,,,,", "2 to 100"),
        ("a,某县人民政府,castle,,,,", "unknown"),
        ("a,某县人民政府,portal,,,12345,", "identification code"),
        ("a,某县人民政府,portal,,,,x.cn\nb,某乡人民政府,portal,,,,x.cn", "more than one row"),
    ],
)
def test_each_bad_row_is_named(write: Write, row: str, word: str) -> None:
    path = write(f"good,某县水利局,department,,,,\n{row}\n")
    found = [entry for entry in read(path) if entry.problems]
    assert found
    assert all(word in " ".join(entry.problems) for entry in found)
    assert [entry.order.code for entry in read(path) if not entry.problems] == ["good"]


def test_circle_is_named_on_all_its_rows_and_below(write: Write) -> None:
    rows = "a,某县人民政府,portal,b,,,\nb,某县人民政府,portal,a,,,\nc,某镇人民政府,township,b,,,\n"
    found = problems(write(rows))
    assert "above itself" in found["a"]
    assert "above itself" in found["b"]
    assert found["c"]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("alpha,他县人民政府,portal,,,,", "taken by 阿县人民政府"),
        ("beta,贝镇人民政府,township,,,,", "taken by 贝镇人民政府"),
        ("x,某镇人民政府,township,alpha,,,www.alpha.localhost/zz/beta", "taken by 贝镇人民政府"),
        ("x,某县人民政府,portal,,,,www.alpha.localhost", "taken by 阿县人民政府"),
        (
            "x,某县水利局,department,alpha,,,y.alpha.localhost\ny,某县林业局,department,alpha,,,",
            "more than one row",
        ),
    ],
)
def test_row_that_existing_sites_stand_against_is_named(
    write: Write, alpha: Site, row: str, word: str
) -> None:
    found = problems(write(f"good,某县水利局,department,alpha,,,\n{row}\n"))
    assert found.pop("good") == ""
    assert all(word in text for text in found.values())


def test_rows_of_existing_sites_are_good(write: Write, alpha: Site) -> None:
    path = write("alpha,阿县人民政府,portal,,,,\nbeta,贝镇人民政府,township,alpha,,,\n")
    assert problems(path) == {"alpha": "", "beta": ""}


def test_base_domain_that_is_none_is_named(write: Write) -> None:
    (row,) = read(write("a,某县人民政府,portal,,,,\n"), base_domain="https://x")
    assert "not valid" in row.problems[0]


def test_missing_column_is_named(write: Write) -> None:
    with pytest.raises(RosterError, match=r"kind \(类型\), parent \(上级\)"):
        read(write("a,名称\n", header="code,name\n"))


def test_empty_file(write: Write) -> None:
    with pytest.raises(RosterError, match="empty"):
        read(write("", header=""))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="can't be read"):
        read(tmp_path / "none.csv")


def test_gb18030_is_read_as_chinese_excel_saves_it(tmp_path: Path) -> None:
    path = tmp_path / "gbk.csv"
    path.write_bytes((HEADER + "a,佳县人民政府,portal,,,,\n").encode("gb18030"))
    assert [row.order.name for row in read(path)] == ["佳县人民政府"]


@pytest.mark.parametrize(
    "content", [(HEADER + "a,名,portal,,,,\n").encode("utf-16"), b"\xff\xfe\x80"]
)
def test_other_encodings_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(RosterError, match="GB18030"):
        read(path)


def test_chinese_headings_and_kinds_in_any_order(write: Write) -> None:
    header = "单位名称,上级*,代码,类型,备注\n"
    rows = "某县人民政府,,p,政府门户,甲\n某县水利局,p,d,部门,\n某镇人民政府,p,t,乡镇,\n"
    found = read(write(rows, header=header))
    assert [row.problems for row in found] == [(), (), ()]
    assert [row.order.kind for row in found] == ["portal", "department", "township"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(write: Write, delimiter: str) -> None:
    text = HEADER + "p,某县人民政府,portal,,,,\n"
    path = write("", header=text.replace(",", delimiter))
    assert [row.problems for row in read(path)] == [()]


def test_each_problem_names_its_column(write: Write, alpha: Site) -> None:
    rows = (
        "A B,某县水利局,department,alpha,,,\n"
        "b,名,department,alpha,,,\n"
        "c,某县水利局,castle,alpha,,,\n"
        "d,某县水利局,department,nowhere,,,\n"
        "e,某县水利局,department,alpha,,123,\n"
        "f,某县水利局,department,alpha,,,www.alpha.localhost\n"
        "g,某县水利局,department,d,,,\n"
        "alpha,他县人民政府,portal,,,,\n"
    )
    found = [[fault.column for fault in row.faults] for row in read(write(rows))]
    columns = ["code", "name", "kind", "parent", "site_id_code", "domain", "parent", "code"]
    assert found == [[column] for column in columns]


def test_names_of_sites_out_of_sight_are_not_told(write: Write, alpha: Site) -> None:
    lines = roster_file.lines("r.csv", write("alpha,他县人民政府,portal,,,,\n").read_bytes())
    rows = [roster.row_of(line.number, line.cells) for line in lines]
    rows.append(
        roster.row_of(
            9,
            {
                "code": "x",
                "name": "某县人民政府",
                "kind": "portal",
                "domain": "www.alpha.localhost",
            },
        )
    )
    hidden = [row.problems for row in roster.check(rows, visible=frozenset())]
    assert hidden == [
        ("The code alpha is taken.",),
        ("The address www.alpha.localhost is taken.",),
    ]
    shown = [row.problems[0] for row in roster.check(rows, visible={alpha.id})]
    assert all(alpha.name in text for text in shown)


def test_too_many_rows(write: Write) -> None:
    content = write("a,某县人民政府,portal,,,,\n" * 3).read_bytes()
    assert len(roster_file.lines("r.csv", content, most=3)) == 3
    with pytest.raises(RosterError, match="more than 2 rows"):
        roster_file.lines("r.csv", content, most=2)


def test_workbook_that_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "MOST_UNPACKED", 1000)
    with pytest.raises(RosterError, match="too large"):
        roster_file.lines("r.xlsx", roster_file.template_xlsx())


def test_templates_are_read_again(tmp_path: Path) -> None:
    assert roster_file.lines("t.csv", roster_file.template_csv()) == []
    book = load_workbook(io.BytesIO(roster_file.template_xlsx()))
    book.worksheets[0].append(["a", "某县人民政府", "政府门户", "", "6108280002", ""])
    book.save(tmp_path / "t.xlsx")
    (row,) = read(tmp_path / "t.xlsx")
    assert (row.problems, row.order.kind) == ((), "portal")


def test_byte_order_mark_and_spaces(tmp_path: Path) -> None:
    path = tmp_path / "bom.csv"
    path.write_bytes(("\ufeff" + HEADER + " A1 , 某县人民政府 ,portal,,,,\n\n,,,,,,\n").encode())
    (row,) = read(path)
    assert (row.order.code, row.order.name, row.problems) == ("a1", "某县人民政府", ())


def test_xlsx_is_read_like_csv(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for cells in (
        ["code", "name", "kind", "parent", "site_id_code"],
        ["a", "某县人民政府", "portal"],
    ):
        book.active.append(cells)
    book.active.append(["b", "某县水利局", "department", "a", 6108280002])
    book.save(tmp_path / "roster.xlsx")
    rows = read(tmp_path / "roster.xlsx")
    assert [row.problems for row in rows] == [(), ()]
    assert rows[1].order.site_id_code == "6108280002"


def test_broken_xlsx(tmp_path: Path) -> None:
    (tmp_path / "roster.xlsx").write_bytes(b"PK\x03\x04 nonsense")
    with pytest.raises(RosterError, match="XLSX"):
        read(tmp_path / "roster.xlsx")


@pytest.mark.parametrize(("file", "sites"), [("jiaxian", 44), ("ganxian", 78), ("changsha", 216)])
def test_rosters_of_real_clusters_are_good(file: str, sites: int) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / f"{file}.csv"
    if not path.exists():
        pytest.skip("the rosters of real clusters are not beside this clone")
    rows = read(path)
    assert len(rows) == sites
    assert not [row for row in rows if row.problems]
