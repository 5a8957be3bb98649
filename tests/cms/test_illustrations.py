"""Pictures as citizens get them: formats, widths, dimensions, what they cost."""

from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.images import ImageFile
from django.template import Context, Template
from django.test import Client, override_settings
from PIL import Image as Canvas
from wagtail.images.models import Image, Rendition

from sitecluster.cms import illustrations
from sitecluster.cms.illustrations import SHAPES, drawn, prepare, with_renditions

LATER = override_settings(TASKS_RUN_AT_ONCE=False)  # a worker that hasn't come to it yet
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"></svg>'


def picture(width: int = 1200, height: int = 800, title: str = "河湾") -> Image:
    data = BytesIO()
    Canvas.new("RGB", (width, height), "#1d4f7a").save(data, "JPEG")
    return Image.objects.create(title=title, file=ImageFile(data, name="a.jpg"))


def markup(image: Any, arguments: str = '"text"') -> BeautifulSoup:
    template = Template("{% load illustrations %}{% illustration image " + arguments + " %}")
    return BeautifulSoup(template.render(Context({"image": image})), "html.parser")


def test_a_picture_comes_in_two_formats_and_several_widths(within: Any) -> None:
    found = markup(picture(), '"text" alt="河湾的样子"')
    source, img = found.select_one("picture source"), found.select_one("picture img")
    assert source is not None
    assert img is not None
    assert source["type"] == "image/avif"
    for element, ending in ((source, ".avif"), (img, ".webp")):
        widths = [each.split() for each in str(element["srcset"]).split(", ")]
        assert [width for _url, width in widths] == ["480w", "960w"]
        assert all(url.endswith(ending) for url, _width in widths)
        assert element["sizes"] == SHAPES["text"].sizes
    assert (img["width"], img["height"], img["alt"]) == ("960", "640", "河湾的样子")
    assert (img["loading"], img["decoding"]) == ("lazy", "async")
    eager = markup(picture(), '"text" eager=True').img
    assert eager is not None
    assert "loading" not in eager.attrs
    assert eager["fetchpriority"] == "high"


def test_a_small_original_is_not_blown_up(within: Any) -> None:
    img = markup(picture(300, 200)).img
    assert img is not None
    assert img["width"] == "300"
    assert str(img["srcset"]).count(",") == 0


@LATER
def test_before_the_worker_comes_there_is_one_rendition(
    within: Any, django_capture_on_commit_callbacks: Any
) -> None:
    image = picture()
    shown = drawn(image, "text")
    assert shown is not None
    assert shown.sources == ()
    assert [each.filter_spec for each in Rendition.objects.filter(image=image)] == [
        "width-960|format-webp"
    ]
    illustrations.make.call(image.pk, ["text"])
    shown = drawn(Image.objects.get(pk=image.pk), "text")
    assert shown is not None
    assert [source.type for source in shown.sources] == ["image/avif"]


def test_a_page_that_is_published_has_its_pictures_made(desk: Any) -> None:
    image = picture()
    body = [("gallery", {"images": [{"image": image, "caption": "", "alt": "x"}]})]
    desk.article(desk.news, "有图", body=body)
    made = set(Rendition.objects.filter(image=image).values_list("filter_spec", flat=True))
    assert made >= {each.spec for name in ("text", "card") for each in SHAPES[name].all_filters}


def test_drawings_stay_as_they_are(within: Any) -> None:
    data = ImageFile(BytesIO(DRAWING), name="a.svg")
    image = Image.objects.create(title="图", file=data, width=40, height=20)
    img = markup(image).img
    assert img is not None
    assert str(img["src"]).endswith(".svg")
    assert "srcset" not in img.attrs
    assert (img["width"], img["height"]) == ("40", "20")
    prepare([])
    illustrations.make.call(image.pk, ["text"])
    assert not Rendition.objects.filter(image=image).exists()


def test_what_cannot_be_read_is_left_out(within: Any) -> None:
    image = picture()
    image.file.storage.delete(image.file.name)
    assert str(markup(Image.objects.get(pk=image.pk))).strip() == ""
    assert str(markup(None)).strip() == ""
    illustrations.make.call(image.pk, ["text"])
    illustrations.make.call(0, ["text"])


def test_many_pictures_cost_one_statement(within: Any, django_assert_num_queries: Any) -> None:
    images = [picture(title=str(number)) for number in range(4)]
    prepare_all = [illustrations.make.call(image.pk, ["card", "none"]) for image in images]
    assert len(prepare_all) == 4
    fresh = list(Image.objects.filter(pk__in=[image.pk for image in images]))
    with django_assert_num_queries(1):
        with_renditions([*fresh, None], "card")
        assert all(drawn(image, "card") for image in fresh)


@pytest.mark.parametrize("blocks", [1, 4])
def test_an_article_costs_the_same_however_many_pictures(
    desk: Any, blocks: int, django_assert_max_num_queries: Any
) -> None:
    images = [picture(title=str(number)) for number in range(blocks)]
    body = [("image", {"image": image, "caption": "", "alt": "x"}) for image in images]
    article = desk.article(desk.news, "有图", body=body, lead_image=images[0], keywords="水利")
    address = desk.site.address
    client, path = Client(headers={"host": address.host}), f"{address.prefix}{inner(article)}"
    client.get(path)
    with django_assert_max_num_queries(21):  # one for a township that shows its portal's code
        answer = client.get(path)
    soup = BeautifulSoup(answer.content, "html.parser")
    assert len(soup.select("main picture img[width][height][srcset]")) == blocks + 1


def inner(page: Any) -> str:
    return "/" + page.url_path.strip("/").partition("/")[2] + "/"
