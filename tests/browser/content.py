"""What the sites of the browser tests hold, beside what their blueprints gave them."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site as WagtailSite

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms.models import (
    ArticlePage,
    Attachment,
    ColumnPage,
    DocumentPage,
    LeaderPage,
    OrganPage,
    SiteIdentity,
    TopicPage,
)
from sitecluster.library.models import ColumnType
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.models import State, Tenant
from tenants.orders import Order
from tenants.provisioning import provision

PASSWORD = "Zhongguo-2026"
PEOPLE = {
    "editor@beta.example": {"beta": "editor"},
    "reviewer@beta.example": {"beta": "reviewer"},
    "admin@beta.example": {"beta": "site_admin"},
    "editor@gamma.example": {"gamma": "editor"},
    "phone@beta.example": {"beta": "editor"},
    "guest@gamma.example": {"gamma": "editor"},
    "both@alpha.example": {"alpha": "editor", "gamma": "editor"},
}
# A department that is open; it wears the theme of its kind.
DEPARTMENT = Order(
    code="delta",
    name="阿县交通运输局",
    kind="department",
    parent="alpha",
    site_id_code="6108280021",
)
KINDS: dict[str, type[Page]] = {
    "article": ArticlePage,
    "document": DocumentPage,
    "organ": OrganPage,
    "leader": LeaderPage,
}
ENTRIES = 21  # one more than a list shows on a page
RICH_TITLE = "关于调整本镇集市开放时间、摊位安排和交通组织方案的通知"
MARKS = {
    "address": "阿县示例路2号",
    "contact_phone": "0912-0000002",
    "icp_number": "陕ICP备00000000号-2",
    "police_number": "陕公网安备00000000000002号",
    "mark_code": "00000000000000000000000000000002",
}
PAUSE = "机房检修，预计今晚恢复。"


@dataclass(frozen=True)
class Content:
    """The pages that the tests need by number or address; paths are within the township's site,
    those of the department by kind of page, within the department's."""

    home_id: int
    column_id: int
    column_path: str
    article_id: int
    article_path: str
    topic_path: str
    department_paths: dict[str, str]


def write() -> Content:
    """Fill the sites of the active database and make the people of the tests."""
    directory.forget()
    sites = directory.snapshot().by_code
    for email, roles in PEOPLE.items():
        for code, role in roles.items():
            add_member(email, sites[code], [role], name=email, password=PASSWORD)
    platform_admin = add_member(
        "root@control.example", sites["alpha"], ["site_admin"], password=PASSWORD
    )[0]
    User.everyone.filter(pk=platform_admin.pk).update(is_superuser=True)
    department = provision(DEPARTMENT).site
    with tenant_context(department):
        SiteIdentity.objects.update(**MARKS)
        starters = {name: _path(_first(kind)) for name, kind in KINDS.items()}
    with tenant_context(sites["beta"]):
        content = _fill(starters)
    Tenant.objects.filter(code="gamma").update(state=State.OFFLINE, state_note=PAUSE)
    return content


def _first(kind: type[Page]) -> Page:
    """The oldest live page of just this kind."""
    page: Page = kind.objects.live().exact_type(kind).order_by("pk")[0]
    return page


def _fill(department_paths: dict[str, str]) -> Content:
    home = WagtailSite.objects.select_related("root_page").get().root_page
    column = ColumnPage(
        title="赶集信息",
        slug="gjxx",
        owner_unit="党政综合办公室",
        column_type=ColumnType.objects.get(code="notices"),
        description="公布各村集市的日期、地点和临时调整。",
        keywords="赶集,集市",
    )
    _publish(home, column)
    for number in range(2, ENTRIES + 1):
        _publish(column, _short(f"第{number}期集市安排", days_ago=number))
    article = _publish(column, _rich())
    topic = _publish(home, _topic())
    _publish(topic, _short("供暖服务电话公布", days_ago=3))
    return Content(
        home.pk,
        column.pk,
        _path(column),
        article.pk,
        _path(article),
        _path(topic),
        department_paths,
    )


def _path(page: Page) -> str:
    return "/" + page.url_path.strip("/").partition("/")[2] + "/"


def _publish(parent: Page, page: Any) -> Any:
    page.live = False
    page.locale_id = parent.locale_id
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    page.save_revision().publish()
    return page


def _short(title: str, days_ago: int) -> ArticlePage:
    return ArticlePage(
        title=title,
        source="党政综合办公室",
        published_at=timezone.now() - timedelta(days=days_ago),
        body=[("text", "<p>请乡亲们相互转告。</p>")],
    )


def _topic() -> TopicPage:
    return TopicPage(
        title="今冬供暖",
        slug="jdgn",
        summary="供暖时间、收费标准和服务电话。",
        lead_image=picture("管网示意图"),
        opens_on=timezone.localdate(),
        body=[("text", "<h2>供暖时间</h2><p>自本周起供暖。</p>")],
    )


def _rich() -> ArticlePage:
    """An article with every kind of block."""
    price, leaflet = _document("价格公示表.xlsx"), _document("安全须知.pdf")
    article = ArticlePage(
        title=RICH_TITLE,
        subtitle="自下月起执行，请经营户提前准备",
        source="贝镇党政综合办公室",
        author="李明",
        summary="集市改为逢五逢十开放，摊位重新划分，赶集日北街只准步行。",
        keywords="集市,摊位,交通",
        lead_image=picture("集市全景"),
        published_at=timezone.now(),
        body=_blocks(price),
    )
    article.attachments = [Attachment(document=leaflet, title="赶集安全须知")]
    return article


def _blocks(document: Any) -> list[tuple[str, Any]]:
    shot = {"image": picture("北街入口"), "caption": "北街入口", "alt": "街口的路牌和护栏"}
    text = (
        "<h2>开放时间</h2><p>集市<b>逢五逢十</b>开放，<a href='https://example.org/'>安排表</a>另附。</p>"
        "<h3>摊位</h3><ul><li>蔬菜区在东侧</li><li>日用品区在西侧</li></ul>"
        "<ol><li>先登记</li><li>后进场</li></ol><hr/><blockquote>文明经营。</blockquote>"
    )
    rows = [
        ["区域", "摊位数", "负责人和电话"],
        *([f"{n}区", str(n * 8), "0912-0000000"] for n in range(1, 5)),
    ]
    return [
        ("text", text),
        ("image", shot),
        ("gallery", {"images": [shot, {**shot, "caption": "东侧摊位"}]}),
        (
            "table",
            {"caption": "摊位表", "table": {"data": rows, "first_row_is_table_header": True}},
        ),
        ("file", {"document": document, "title": "价格公示表"}),
        (
            "video",
            {"title": "赶集须知", "url": "https://video.example.org/1", "transcript": "大家好。"},
        ),
        ("video", {"title": "现场视频", "document": _document("market.mp4"), "transcript": ""}),
        ("quote", {"text": "赶集路上，安全第一。", "attribution": "镇交警中队"}),
    ]


def picture(title: str) -> Any:
    """A picture of 1200 by 800 pixels in the active site."""
    canvas = Image.new("RGB", (1200, 800), "#d8d2c0")
    ImageDraw.Draw(canvas).ellipse((400, 200, 800, 600), fill="#1e4a6d")
    data = BytesIO()
    canvas.save(data, "JPEG")
    file = ContentFile(data.getvalue(), name="picture.jpg")
    return get_image_model().objects.create(title=title, file=file)


def _document(name: str) -> Any:
    file = ContentFile(b"%PDF-1.4 sample", name=name)
    return get_document_model().objects.create(title=name, file=file)
