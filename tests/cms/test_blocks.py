"""The blocks of an article's body: what they accept and how they are drawn."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file

from sitecluster.cms.blocks import ArticleBody, VideoBlock


def video(**values: Any) -> Any:
    block = VideoBlock()
    return block, block.to_python({"title": "录像", "transcript": "", **values})


def test_the_body_has_the_seven_blocks() -> None:
    names = ["text", "image", "gallery", "table", "file", "video", "quote"]
    assert list(ArticleBody().child_blocks) == names


def test_rich_text_offers_what_belongs_into_an_article() -> None:
    features = set(ArticleBody().child_blocks["text"].features)
    expected = "h2 h3 bold italic ol ul link document-link hr blockquote"
    assert features == set(expected.split())


@pytest.mark.parametrize("url", ["http://example.org/v.mp4", "ftp://example.org/v.mp4"])
def test_a_video_elsewhere_needs_https(url: str) -> None:
    block, value = video(url=url)
    with pytest.raises(ValidationError) as error:
        block.clean(value)
    assert "url" in error.value.block_errors  # type: ignore[attr-defined]


def test_a_video_needs_a_file_or_an_address(db: None) -> None:
    block, value = video()
    with pytest.raises(ValidationError):
        block.clean(value)
    block, value = video(url="https://example.org/v.mp4")
    assert block.clean(value)["url"] == "https://example.org/v.mp4"


def test_a_video_has_not_both(within: Any) -> None:
    document = Document.objects.create(title="录像", file="documents/x.mp4")
    block, value = video(url="https://example.org/v.mp4", document=document.pk)
    with pytest.raises(ValidationError):
        block.clean(value)
    block, value = video(document=document.pk)
    assert block.clean(value)["document"] == document


def test_an_article_of_all_blocks_is_drawn(desk: Any) -> None:
    image = Image.objects.create(title="河", file=get_test_image_file())
    document = Document(title="原文", file_size=3)
    document.file.save("original.pdf", ContentFile(b"pdf"))
    picture = {"image": image, "caption": "图注", "alt": "一条河"}
    table: dict[str, Any] = {
        "data": [["项目", "金额"], ["修路", "3"]],
        "table_header_choice": "row",
    }
    table |= {"first_row_is_table_header": True, "first_col_is_header": False}
    body = [
        ("text", "<h2>小标题</h2><p>正文</p>"),
        ("image", picture),
        ("gallery", {"images": [picture, picture]}),
        ("table", {"caption": "收支表", "table": table}),
        ("file", {"document": document, "title": "申报表"}),
        ("video", {"title": "录像", "url": "https://example.org/v.mp4", "transcript": "对白"}),
        ("quote", {"text": "实事求是", "attribution": "某人"}),
    ]
    article = desk.article(desk.news, "全部区块", body=body)
    address = desk.site.address
    answer = Client(headers={"host": address.host}).get(
        f"{address.prefix}/ywdt-test/{article.slug}/"
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    words = "小标题 图注 一条河 收支表 修路 申报表 录像 对白 实事求是 某人".split()
    assert [word for word in words if word not in html] == []
    assert f'src="{address.prefix}/media/' in html or f"{address.prefix}/media/" in html
