"""The data of the sample county is whole and well formed. Needs no database."""

import csv
import re
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image

Table = dict[str, Any]

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "demo"
BLUEPRINTS = ROOT / "tenants" / "blueprints"
SITES = tuple(sorted(path.stem for path in (FOLDER / "articles").iterdir()))
HEADER = "code name kind parent level site_id_code domain".split()
REQUIRED = {
    "column": str,
    "title": str,
    "source": str,
    "days_ago": int,
    "time": str,
    "summary": str,
    "keywords": str,
}
OPTIONAL = {
    "subtitle": str,
    "author": str,
    "origin": str,
    "lead_image": str,
    "attachments": list,
    "document": dict,
    "text": str,
    "body": list,
}
TABLES = {"home", "organs", "leaders", "topics", "articles", "links"}
DOCUMENT = {"number", "index", "issuer", "genre", "category", "validity", "years"}
BLOCKS = {
    "text": {"text"},
    "image": {"file", "caption", "alt"},
    "gallery": {"images"},
    "table": {"caption", "rows"},
    "file": {"file", "title"},
    "quote": {"text", "attribution"},
}
IDENTITY = set(
    "legal_name host_unit organiser contact_phone contact_email address postcode office_hours"
    " site_id_code icp_number police_number mark_code copyright supports_ipv6".split()
)


def roster() -> dict[str, dict[str, str]]:
    with (FOLDER / "jiaxian.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def read(name: str) -> Table:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def content(code: str) -> Table:
    return read(f"articles/{code}.toml")


def articles(code: str) -> list[Table]:
    """The site's articles; a text of its own stands before the blocks."""
    found: list[Table] = content(code)["articles"]
    for one in found:
        text = [{"type": "text", "text": one["text"]}] if "text" in one else []
        one["body"] = text + one.get("body", [])
    return found


def everything() -> list[tuple[str, Table]]:
    return [(code, one) for code in SITES for one in articles(code)]


def slugs(columns: list[Table], above: str = "") -> Iterator[str]:
    """Each column of a blueprint as its path of slugs below the home page."""
    for column in columns:
        here = f"{above}{column['slug']}"
        yield here
        yield from slugs(column.get("columns", []), f"{here}/")


def prose(article: Table) -> str:
    """All text that a reader of the article sees."""
    parts = [article["title"], article.get("subtitle", ""), article["summary"]]
    for block in article["body"]:
        parts += [block.get("text", ""), block.get("caption", ""), block.get("attribution", "")]
        parts += [cell for row in block.get("rows", []) for cell in row]
        parts += [one["caption"] for one in block.get("images", [])]
    return "\n".join(parts)


def pictures(article: Table) -> Iterator[str]:
    if "lead_image" in article:
        yield article["lead_image"]
    for block in article["body"]:
        if block["type"] == "image":
            yield block["file"]
        yield from (one["file"] for one in block.get("images", []))


def documents(article: Table) -> Iterator[str]:
    yield from (one["file"] for one in article.get("attachments", []))
    yield from (block["file"] for block in article["body"] if block["type"] == "file")


def names(folder: str) -> set[str]:
    return {path.name for path in (FOLDER / folder).iterdir()}


def test_roster_holds_the_county() -> None:
    rows = roster()
    assert list(rows["jiaxian"]) == HEADER
    kinds = Counter(row["kind"] for row in rows.values())
    assert kinds == {"portal": 1, "department": 30, "township": 13}
    assert {row["parent"] for code, row in rows.items() if code != "jiaxian"} == {"jiaxian"}
    assert rows["jiaxian"]["parent"] == ""
    assert all(re.fullmatch(r"[a-z]{1,40}", code) for code in rows)
    assert all(re.fullmatch(r"610828\d{4}", row["site_id_code"]) for row in rows.values())
    assert len({row["site_id_code"] for row in rows.values()}) == len(rows) == 44


def test_roster_leaves_addresses_to_the_rule() -> None:
    assert {row["domain"] for row in roster().values()} == {""}


def test_sites_of_the_roster_have_content_of_their_own() -> None:
    assert set(SITES) == set(roster())
    assert len(articles("jiaxian")) >= 60
    for code in SITES:
        tables = content(code)
        assert tables.keys() <= TABLES
        assert tables["home"]["intro"]
        assert len(tables["leaders"]) >= 3
        assert len(articles(code)) >= 9, code
        assert sum("document" in one for one in articles(code)) >= 1, code
        assert sum("lead_image" in one for one in articles(code)) >= 2, code
        assert all(len(prose(one)) >= 150 for one in articles(code)), code


def test_portal_fills_every_column() -> None:
    """Above them, or from the blueprint, the rest."""
    blueprint = tomllib.loads((BLUEPRINTS / "portal.toml").read_text("utf-8"))
    tables = content("jiaxian")
    filled = {
        one["column"] for one in [*articles("jiaxian"), *tables["organs"], *tables["leaders"]]
    }
    empty = [path for path in empty_columns(blueprint["columns"]) if path not in filled]
    assert empty == []


def empty_columns(columns: list[Table], above: str = "") -> Iterator[str]:
    """The columns that neither hold other columns nor get articles from the blueprint."""
    for column in columns:
        here = f"{above}{column['slug']}"
        if not column.get("columns") and not column.get("articles"):
            yield here
        yield from empty_columns(column.get("columns", []), f"{here}/")


@pytest.mark.parametrize("code", SITES)
def test_article_has_the_agreed_fields(code: str) -> None:
    for one in articles(code):
        assert REQUIRED.keys() <= one.keys() <= REQUIRED.keys() | OPTIONAL.keys(), one["title"]
        assert one.get("document", {}).keys() <= DOCUMENT, one["title"]
        for key, value in one.items():
            assert isinstance(value, (REQUIRED | OPTIONAL)[key]), (one["title"], key)
            assert value or value == 0, (one["title"], key)
        assert one.get("origin", "original") in {"original", "reprint"}
        assert len(one["title"]) <= 60
        assert len(one["summary"]) <= 120


@pytest.mark.parametrize("code", SITES)
def test_article_stands_in_a_column_of_its_blueprint(code: str) -> None:
    kind = roster()[code]["kind"]
    blueprint = tomllib.loads((BLUEPRINTS / f"{kind}.toml").read_text("utf-8"))
    columns = set(slugs(blueprint["columns"]))
    topics = content(code).get("topics", [])
    assert {one["column"] for one in topics} <= columns
    places = columns | {f"{one['column']}/{one['slug']}" for one in topics}
    assert {one["column"] for one in articles(code)} <= places
    pages = [*content(code)["organs"], *content(code)["leaders"]]
    assert {one["column"] for one in pages} <= columns


@pytest.mark.parametrize("code", SITES)
def test_article_is_published_in_office_hours_of_the_last_ten_months(code: str) -> None:
    days = [one["days_ago"] for one in articles(code)]
    assert days == sorted(days)
    assert 1 <= days[0] <= 7
    assert sum(day <= 14 for day in days) >= 2
    assert days[-1] <= 305
    for one in articles(code):
        assert re.fullmatch(r"\d{2}:[0-5]\d", one["time"])
        assert "08:00" <= one["time"] <= "18:00", one["title"]


@pytest.mark.parametrize("code", SITES)
def test_blocks_have_the_agreed_fields(code: str) -> None:
    for one in articles(code):
        for block in one["body"]:
            assert set(block) == BLOCKS[block["type"]] | {"type"}, one["title"]
            assert all(block.values()), one["title"]
            for picture in block.get("images", []):
                assert set(picture) == BLOCKS["image"]
            rows = block.get("rows", [["heading"], ["cell"]])
            assert len(rows) > 1
            assert len({len(row) for row in rows}) == 1
            assert all(isinstance(cell, str) and cell for row in rows for cell in row)


def test_texts_use_only_the_agreed_marks() -> None:
    for _code, one in everything():
        for block in one["body"]:
            if block["type"] != "text":
                continue
            assert "<" not in block["text"], one["title"]
            assert block["text"].count("**") % 2 == 0, one["title"]
            for line in block["text"].splitlines():
                assert re.match(r"(#{2,3} |- )?(\*\*)?[^\s#*-]|$", line), (one["title"], line)


def test_kinds_of_content_are_all_there() -> None:
    found = Counter(
        kind for _code, one in everything() for kind in {block["type"] for block in one["body"]}
    )
    assert set(found) == set(BLOCKS)
    assert found["table"] >= 5
    assert found["gallery"] >= 3
    assert found["quote"] >= 3
    assert sum("attachments" in one for _code, one in everything()) >= 4
    assert sum(len(prose(one)) >= 1500 for _code, one in everything()) >= 4
    origins = {one.get("origin", "original") for _code, one in everything()}
    assert origins == {"original", "reprint"}


def test_texts_name_no_day_that_loading_would_make_wrong() -> None:
    for _code, one in everything():
        found = re.search(r"\d+月\d+日|\d+日前|20[12]\d年", prose(one))
        assert found is None or "更名" in prose(one), (one["title"], found)


@pytest.mark.parametrize("code", SITES)
def test_titles_of_a_site_are_unique(code: str) -> None:
    """The loader knows by its title whether a page is there already."""
    tables = content(code)
    pages = [one for name in TABLES - {"home"} for one in tables.get(name, [])]
    named = Counter(one["title"] for one in pages if "site" not in one)
    assert max(named.values()) == 1


def test_telephone_numbers_and_mail_addresses_are_samples() -> None:
    texts = [prose(one) for _code, one in everything()]
    texts.append((FOLDER / "identity.toml").read_text("utf-8"))
    for text in texts:
        assert all(number.startswith("0000") for number in re.findall(r"0912-(\d{7})", text))
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
        assert all(host.endswith(".example") for host in re.findall(r"[\w.]+@([\w.]+\w)", text))


def test_every_file_exists_and_is_used() -> None:
    used = [one for _code, one in everything()]
    assert {name for one in used for name in pictures(one)} <= names("images")
    assert {name for one in used for name in documents(one)} == names("files")


def test_every_picture_is_used() -> None:
    assert {name for _code, one in everything() for name in pictures(one)} == names("images")


def test_pictures_are_small_and_of_two_sizes() -> None:
    paths = sorted((FOLDER / "images").iterdir())
    assert len(paths) >= 36
    for path in paths:
        assert path.stat().st_size < 100_000, path.name
        with Image.open(path) as picture:
            assert picture.format == "JPEG", path.name
            assert picture.size in {(1200, 800), (1600, 900)}, path.name


def test_attachments_open() -> None:
    folder = FOLDER / "files"
    assert all(path.stat().st_size < 120_000 for path in folder.iterdir())
    for path in folder.glob("*.pdf"):
        data = path.read_bytes()
        assert data.startswith(b"%PDF-")
        assert b"%%EOF" in data[-32:]
    assert load_workbook(folder / "enrolment-areas.xlsx").active is not None
    with zipfile.ZipFile(folder / "opinion-form.docx") as form:
        assert form.testzip() is None
        assert "意见反馈表" in form.read("word/document.xml").decode()


def test_enrolment_table_adds_up() -> None:
    sheet = load_workbook(FOLDER / "files" / "enrolment-areas.xlsx").active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    for column in (4, 5):
        numbers = [row[column] for row in rows]
        assert sum(int(str(one)) for one in numbers[:-1]) == numbers[-1]


def test_identity_belongs_to_the_roster() -> None:
    identities = read("identity.toml")
    assert list(identities) == list(roster())
    for code, values in identities.items():
        assert set(values) == IDENTITY, code
        assert all(values.values()), code
        assert values["site_id_code"] == roster()[code]["site_id_code"]
        assert values["legal_name"].endswith(roster()[code]["name"])
        assert "示例" in values["copyright"]
    assert {one["site"] for one in content("jiaxian")["organs"][1:]} == set(SITES) - {"jiaxian"}
    for name in ("contact_phone", "contact_email", "icp_number", "police_number", "mark_code"):
        assert len({values[name] for values in identities.values()}) == len(identities), name
