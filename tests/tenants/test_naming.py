"""Codes, schemas, addresses and short names."""

import re

import pytest

from sitecluster.cms.identity import SITE_ID_CODE_PATTERN
from tenants import naming


@pytest.mark.parametrize("code", ["jiaxian", "a", "changsha2", "east-lake", "a1-b2-c3"])
def test_good_codes(code: str) -> None:
    assert re.match(naming.CODE_PATTERN, code)


@pytest.mark.parametrize(
    "code", ["", "2a", "Jia", "a_b", "a--b", "-a", "a-", "佳县", "a b", "a\n", "pg_x", 'a"b']
)
def test_bad_codes(code: str) -> None:
    assert not re.match(naming.CODE_PATTERN, code)


def test_two_codes_never_share_a_schema() -> None:
    codes = ["a-b", "ab", "a-b-c", "a1"]
    assert len({naming.schema_name(code) for code in codes}) == len(codes)


@pytest.mark.parametrize(
    "name", ["佳县人民政府", "长沙市发展和改革局（粮食局）", "County of Jia-xian"]
)
def test_good_names(name: str) -> None:
    assert re.match(naming.NAME_PATTERN, name)


@pytest.mark.parametrize(
    "name", ["", "佳", 'a"b', "a\\b", "<b>名称</b>", "a\tb", "名" * 101, "a\n"]
)
def test_bad_names(name: str) -> None:
    """They would break out of COPY, JSON or HTML when they are put into starter pages."""
    assert not re.match(naming.NAME_PATTERN, name)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("佳县人民政府", "佳县"),
        ("坑镇人民政府", "坑镇"),
        ("佳州街道办事处", "佳州街道"),
        ("佳县水利局", "佳县水利局"),
        ("人民政府", "人民政府"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert naming.short_name(name) == short


@pytest.mark.parametrize(
    ("kind", "parent", "address"),
    [
        ("portal", None, "www.x.gov.cn"),
        ("district", ("www.changsha.gov.cn", ""), "www.x.gov.cn"),
        ("department", ("www.jiaxian.gov.cn", ""), "x.jiaxian.gov.cn"),
        ("party", ("www.jiaxian.gov.cn", ""), "x.jiaxian.gov.cn"),
        ("department", None, "x.gov.cn"),
        ("township", ("www.jiaxian.gov.cn", ""), "www.jiaxian.gov.cn/zz/x"),
        ("township", ("www.jiaxian.gov.cn", "/zz/keng"), "www.jiaxian.gov.cn/zz/keng/zz/x"),
        ("township", None, "x.gov.cn"),
        ("control", None, ""),
    ],
)
def test_default_addresses(kind: str, parent: tuple[str, str] | None, address: str) -> None:
    assert naming.default_address(kind, "x", parent, "gov.cn") == address


@pytest.mark.parametrize("code", ["6108280002", "bm01000001", "N000000672"])
def test_site_id_codes(code: str) -> None:
    assert re.match(SITE_ID_CODE_PATTERN, code)


@pytest.mark.parametrize("code", ["610828000", "61082800021", "bm1", "n000000672", "6108280002 "])
def test_wrong_site_id_codes(code: str) -> None:
    assert not re.match(SITE_ID_CODE_PATTERN, code)
