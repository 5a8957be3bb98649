"""How texts are set: tables of contents, and what GB/T 9704 says of official documents."""

import pytest

from sitecluster.cms.careers import Station, stations
from sitecluster.cms.official_text import Heading, officially, outlined
from sitecluster.cms.templatetags.reading import host_of

ISSUER = "佳县人民政府办公室"


def set_officially(*paragraphs: str) -> tuple[str, bool]:
    parts, signed = officially(["".join(paragraphs)], ISSUER)
    return parts[0], signed


def test_headings_get_anchors_in_the_order_of_the_text() -> None:
    text = outlined(['<h2 data-block-key="a">第一章　总则</h2><p>…</p>', "<h3>细 &amp; 则</h3>"])
    assert text.headings == (
        Heading("part-1", "第一章　总则", 2),
        Heading("part-2", "细 & 则", 3),
    )
    assert text.parts[0].startswith('<h2 data-block-key="a" id="part-1">第一章')
    assert text.parts[1] == '<h3 id="part-2">细 &amp; 则</h3>'


def test_a_heading_without_words_or_with_an_anchor_stays_as_it_is() -> None:
    html = '<h2> </h2><h2 id="own">一</h2><h4>小</h4>'
    assert outlined([html]).parts == (html,)
    assert outlined([html]).headings == ()


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (2, 0), (3, 3), (9, 9)])
def test_only_a_long_text_has_a_table_of_contents(count: int, shown: int) -> None:
    assert len(outlined(["<h2>章</h2>"] * count).contents) == shown


def test_the_first_line_names_those_to_whom_it_goes() -> None:
    text, _ = set_officially("<p>各镇人民政府：</p>", "<p>现将有关事项通知如下：</p>")
    assert text == '<p class="address">各镇人民政府：</p><p>现将有关事项通知如下：</p>'


def test_who_signs_and_when_stands_to_the_right() -> None:
    text, signed = set_officially(
        "<p>请执行。</p>", f"<p>{ISSUER}</p>", '<p data-block-key="x">2026年11月9日</p>'
    )
    assert signed
    assert text.count('class="sign"') == 2
    assert '<p data-block-key="x" class="sign">2026年11月9日</p>' in text


@pytest.mark.parametrize("words", ["2026 年 11 月 9 日", "佳县人民政府 办公室"])
def test_spaces_in_a_signature_do_not_matter(words: str) -> None:
    assert set_officially("<p>正文。</p>", f"<p>{words}</p>")[1]


def test_a_date_or_name_within_a_sentence_is_no_signature() -> None:
    text, signed = set_officially(f"<p>{ISSUER}于2026年11月9日印发。</p>")
    assert not signed
    assert "class" not in text


def test_numbers_of_articles_are_bold_at_the_beginning_alone() -> None:
    text, _ = set_officially("<p>第一条　依照第二条 办理。</p>", "<p><b>第三条</b>　略。</p>")
    assert text == "<p><b>第一条</b>　依照第二条 办理。</p><p><b>第三条</b>　略。</p>"


def test_numbered_headings_begin_where_paragraphs_do() -> None:
    text, _ = set_officially(
        "<h2>一、总体要求</h2>", "<h3>（二）目标</h3>", "<h2>第一章　总则</h2>"
    )
    assert text.count('class="numbered"') == 2
    assert text.endswith("<h2>第一章　总则</h2>")


@pytest.mark.parametrize(
    ("line", "station"),
    [
        ("1996.07—2001.03　佳县一中教师", Station("1996.07—2001.03", "佳县一中教师")),
        ("2001年3月至2005年8月，任副镇长", Station("2001年3月至2005年8月", "任副镇长")),
        ("2021年至今 佳县水利局局长", Station("2021年至今", "佳县水利局局长")),
        ("2018年5月起，任局长", Station("2018年5月起", "任局长")),
        ("1972年6月生，陕西佳县人。", Station("", "1972年6月生，陕西佳县人。")),
        ("中共党员，大学学历。", Station("", "中共党员，大学学历。")),
    ],
)
def test_a_career_is_read_line_by_line(line: str, station: Station) -> None:
    assert stations(f"\n  {line}  \n\n") == [station]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.gov.cn/zhengce/", "www.gov.cn"),
        ("http://user@example.org:8080", "example.org"),
        ("nothing", ""),
    ],
)
def test_a_link_tells_its_host(url: str, host: str) -> None:
    assert host_of(url) == host
