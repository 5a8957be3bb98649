"""The blueprints' data files are whole, well formed and in good Chinese. Needs no database."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Table = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "tenants" / "blueprints"
KINDS = ("portal", "department", "district", "township", "control")
PUBLIC_KINDS = KINDS[:-1]
SLUG = re.compile(r"[a-z][a-z0-9]{1,19}")
# First parts of addresses that the platform or a site below the portal may want for itself.
TAKEN = {"admin", "api", "en", "go", "media", "search", "sitemap", "static", "zz"}

# Type of a column → days in which it must move (indicators.md C.3); None: no window.
WINDOWS: dict[str, int | None] = {
    "news": 14,
    "notices": 183,
    "policy": 183,
    "service_statistics": 92,
    "replies": 61,
    "other": None,
} | dict.fromkeys(
    "personnel plans leaders organs region finance projects statistics catalogue".split(), 366
)
FREQUENCIES = {
    "on_change": 0,
    "daily": 1,
    "weekly": 7,
    "fortnightly": 14,
    "monthly": 31,
    "quarterly": 92,
    "half_yearly": 183,
    "yearly": 366,
}
COLUMN_KEYS = set(
    "slug title type owner frequency must_have menu description keywords columns articles".split()
)
STARTERS = {"documents", "organs", "leaders", "links", "topics"}
ARTICLE_KEYS = {"title", "source", "days_ago", "summary", "image", "body"}
TOPIC_KEYS = {"title", "slug", "summary", "image", "body"}
# A-011 … A-021 in this order: the eleven key items of disclosure.
KEY_ITEMS = "gfxwj fzgh tjxx czyjs xzsf zfcg xzxk zdxm mszc yjgl jdjc".split()
SITES = {
    "portal": [("佳县人民政府", "佳县"), ("长沙市人民政府", "长沙市")],
    "district": [("岳麓区人民政府", "岳麓区"), ("长沙县人民政府", "长沙县")],
    "department": [("佳县水利局", "佳县水利局"), ("赣县编制委员会办公室", "赣县编制委员会办公室")],
    "township": [("坑镇人民政府", "坑镇"), ("佳州街道办事处", "佳州")],
    "control": [("管理站点", "管理站点")],
}


def read(kind: str) -> Table:
    return tomllib.loads((FOLDER / f"{kind}.toml").read_text("utf-8"))


def branches(columns: list[Table], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Table]]:
    """Each column with its path of slugs, "zwgk/fdzdgk/mszc"."""
    for column in columns:
        here = (*path, column["slug"])
        yield "/".join(here), column
        yield from branches(column.get("columns", []), here)


def all_columns(kind: str) -> dict[str, Table]:
    return dict(branches(read(kind)["columns"]))


def starters(kind: str, name: str) -> list[Table]:
    return [one for column in all_columns(kind).values() for one in column.get(name, [])]


def all_articles(kind: str) -> list[Table]:
    return starters(kind, "articles")


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@pytest.mark.parametrize("kind", KINDS)
def test_head_of_the_file_names_its_kind(kind: str) -> None:
    data = read(kind)
    assert set(data) <= {"blueprint", "home", "identity", "columns", "links"}
    assert set(data["blueprint"]) == {"kind", "title", "version"}
    assert data["blueprint"]["kind"] == kind
    assert data["blueprint"]["version"] >= 1
    assert data["home"]["title"] == "@@name@@"
    assert data["home"]["intro"].endswith("。")
    assert set(data["identity"]) == {"legal_name", "host_unit", "organiser", "copyright"}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_are_complete(kind: str) -> None:
    for path, column in all_columns(kind).items():
        own = set(column) - STARTERS
        assert COLUMN_KEYS - {"columns", "articles"} <= own <= COLUMN_KEYS, path
        assert SLUG.fullmatch(column["slug"]), path
        assert column["type"] in WINDOWS, path
        assert column["frequency"] in FREQUENCIES, path
        assert isinstance(column["must_have"], bool), path
        assert isinstance(column["menu"], bool), path
        assert 0 < len(column["owner"]) <= 60, path
        assert 2 <= len(column["title"]) <= 16, path


@pytest.mark.parametrize("kind", KINDS)
def test_column_tags_can_be_printed(kind: str) -> None:
    """ColumnDescription and ColumnKeywords are required tags (guideline B.7)."""
    for path, column in all_columns(kind).items():
        description = column["description"]
        assert description.count("。") == 1, path
        assert description.endswith("。"), path
        assert 8 <= len(description) <= 80, path
        keywords = column["keywords"].split(",")
        assert 2 <= len(keywords) <= 5, path
        assert len(set(keywords)) == len(keywords), path
        assert all(one and one == one.strip() for one in keywords), path


@pytest.mark.parametrize("kind", KINDS)
def test_siblings_have_own_slugs_and_titles(kind: str) -> None:
    data = read(kind)
    families = [data["columns"], *(c.get("columns", []) for c in all_columns(kind).values())]
    for family in families:
        assert len({one["slug"] for one in family}) == len(family)
        assert len({one["title"] for one in family}) == len(family)
    first_level = [one["slug"] for one in data["columns"]]
    assert len(set(first_level)) == len(first_level)
    assert not TAKEN & set(first_level)


@pytest.mark.parametrize("kind", KINDS)
def test_agreed_frequency_stays_inside_the_window(kind: str) -> None:
    for path, column in all_columns(kind).items():
        window = WINDOWS[column["type"]]
        assert window is None or FREQUENCIES[column["frequency"]] <= window, path


@pytest.mark.parametrize(
    ("kind", "fewest", "most", "depth"),
    [
        ("portal", 45, 65, 4),
        ("district", 45, 65, 4),
        ("department", 20, 28, 3),
        ("township", 15, 22, 3),
        ("control", 1, 1, 1),
    ],
)
def test_tree_has_the_size_of_its_kind(kind: str, fewest: int, most: int, depth: int) -> None:
    columns = all_columns(kind)
    assert fewest <= len(columns) <= most
    assert max(path.count("/") + 1 for path in columns) == depth
    first_level = [path for path in columns if "/" not in path]
    assert len(first_level) == 1 if kind == "control" else 5 <= len(first_level) <= 7


@pytest.mark.parametrize("kind", PUBLIC_KINDS)
def test_menu_holds_two_levels(kind: str) -> None:
    assert {path.count("/") <= 1: None for path, c in all_columns(kind).items() if c["menu"]} == {
        True: None
    }


@pytest.mark.parametrize("kind", PUBLIC_KINDS)
def test_columns_that_the_norm_demands_are_must_haves(kind: str) -> None:
    columns = {path.rpartition("/")[2]: column for path, column in all_columns(kind).items()}
    demanded = {"zwgk", "gkzn", "fdzdgk", "gknb", "ysqgk", "tzgg", "ldzc", "hdjl"}
    assert demanded <= {slug for slug, column in columns.items() if column["must_have"]}
    types = {column["type"] for column in columns.values()}
    assert {"news", "notices", "policy", "organs", "leaders", "finance", "replies"} <= types


@pytest.mark.parametrize("kind", ["portal", "district"])
def test_eleven_key_items_of_disclosure_have_a_column(kind: str) -> None:
    columns = all_columns(kind)
    for slug in KEY_ITEMS:
        assert columns[f"zwgk/fdzdgk/{slug}"]["must_have"], slug
    below = {path.rpartition("/")[0] for path in columns if path.count("/") == 3}
    assert {"zwgk/fdzdgk/mszc", "zwgk/fdzdgk/yjgl"} <= below


@pytest.mark.parametrize("kind", KINDS)
def test_articles_are_complete(kind: str) -> None:
    for article in all_articles(kind):
        title = article["title"]
        assert ARTICLE_KEYS - {"image"} <= set(article) <= ARTICLE_KEYS, title
        assert article["source"], title
        assert 0 <= article["days_ago"] <= 30, title
        assert 10 <= len(article["summary"]) <= 80, title
        assert article["summary"].endswith("。"), title
        assert sum(map(len, article["body"])) >= 180, title
        assert len(article["body"]) >= 5, title


@pytest.mark.parametrize("kind", PUBLIC_KINDS)
def test_starter_pages_fill_a_home_page(kind: str) -> None:
    articles = all_articles(kind)
    assert 10 <= len(articles) <= 14
    titles = [one["title"] for one in articles]
    assert len(set(titles)) == len(titles)
    assert sum("image" in one for one in articles) >= 3
    # the column of news is fresh on the day of opening
    news = [c for c in all_columns(kind).values() if c["type"] == "news" and c.get("articles")]
    assert any(one["days_ago"] <= 7 for column in news for one in column["articles"])
    text = "".join(strings(articles))
    assert "20个工作日" in text
    for subject in ("隐私", "无障碍", "依申请公开", "公开指南", "找错", "以本机关公布为准"):
        assert subject in text, subject


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_use_headings_items_and_paragraphs_only(kind: str) -> None:
    for piece in [*all_articles(kind), *starters(kind, "topics")]:
        body = piece["body"]
        assert not body[-1].startswith("## "), piece["title"]
        for line, following in zip(body, [*body[1:], ""], strict=True):
            assert line == line.strip(), line
            marks = re.match(r"[#\-*>\d.]+ ", line)
            assert marks is None or marks.group() in ("## ", "- "), line
            if line.startswith("## "):
                assert not following.startswith("## "), line
            elif not line.startswith("- "):
                assert line[-1] in "。：", line


@pytest.mark.parametrize("kind", PUBLIC_KINDS)
def test_every_kind_of_page_has_a_starter_where_it_belongs(kind: str) -> None:
    columns = all_columns(kind).values()
    for name, column_type in (
        ("documents", "policy"),
        ("organs", "organs"),
        ("leaders", "leaders"),
    ):
        holding = [column for column in columns if name in column]
        assert holding, name
        assert {column["type"] for column in holding} == {column_type}, name
    for document in (one for column in columns for one in column.get("documents", ())):
        chapters = [line for line in document["body"] if line.startswith("### ")]
        assert len(chapters) == 4
        assert document["body"][0].endswith("：")
        assert document["written_on"] < "2026"
    leaders = [one for column in columns for one in column.get("leaders", ())]
    assert [one["title"] for one in leaders] == ["主要负责人"]  # never an invented name


@pytest.mark.parametrize("kind", KINDS)
def test_columns_named_in_texts_exist(kind: str) -> None:
    """“互动交流”栏目 in a text must be a column of the same site."""
    titles = {column["title"] for column in all_columns(kind).values()}
    for text in strings(read(kind)):
        for named in re.findall(r"“([^”]+)”栏目", text):
            assert named in titles, named


@pytest.mark.parametrize("kind", KINDS)
def test_topics_and_links_are_complete(kind: str) -> None:
    for topic in starters(kind, "topics"):
        assert set(topic) == TOPIC_KEYS
        assert SLUG.fullmatch(topic["slug"])
    for link in read(kind).get("links", []):
        assert set(link) == {"title", "url"}
        assert re.fullmatch(r"https://[a-z.]+/", link["url"])


@pytest.mark.parametrize("kind", KINDS)
def test_texts_read_well_for_any_name(kind: str) -> None:
    source = list(strings(read(kind)))
    assert {token for text in source for token in re.findall(r"@@\w*@@", text)} <= {
        "@@name@@",
        "@@short@@",
    }
    for name, short in SITES[kind]:
        for text in source:
            filled = text.replace("@@name@@", name).replace("@@short@@", short)
            assert "@" not in filled, filled
            for doubled in ("办公室办公室", "政府政府", "县县", "市市", "区区", "局局", "镇镇"):
                assert doubled not in filled, filled


@pytest.mark.parametrize("kind", KINDS)
def test_no_filler_and_no_western_punctuation(kind: str) -> None:
    for text in strings(read(kind)):
        for filler in ("正在建设", "建设中", "敬请期待", "lorem", "测试", "示例", "XX", "某某"):
            assert filler not in text, text
        if not text.startswith(("http", "starter/")) and "," not in text:
            assert not re.search(r"[\u4e00-\u9fff][,.;:!?()]", text), text
        assert "  " not in text, text


def test_pictures_are_small_and_all_used() -> None:
    used = {
        text
        for kind in KINDS
        for text in strings(read(kind))
        if re.fullmatch(r"starter/[a-z]+\.jpg", text)
    }
    pictures = sorted((FOLDER / "starter").iterdir())
    assert {f"starter/{one.name}" for one in pictures} == used
    assert 3 <= len(pictures) <= 5
    for picture in pictures:
        assert picture.stat().st_size < 90_000, picture.name
        with Image.open(picture) as image:
            assert (image.format, image.size) == ("JPEG", (1200, 750)), picture.name
