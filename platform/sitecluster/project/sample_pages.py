"""What one site of the sample county says: its TOML file made into published pages."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cached_property
from html import unescape
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from sitecluster.cms.models import (
    ArticlePage,
    Attachment,
    DocumentPage,
    HomePage,
    LeaderPage,
    LinkPage,
    OrganPage,
    SiteIdentity,
    TopicPage,
)
from sitecluster.cms.publication import publishing
from sitecluster.cms.writing import body_of, html_of

from .config import ROOT

FOLDER = ROOT / "deploy" / "demo"
SITE_AGE = timedelta(days=310)  # older than every article of the sample
YEAR = "@@year@@"  # in numbers of documents: the year in which the document was written
NAMED = re.compile("《([^》]+)》")
TEXTS = ("title", "subtitle", "source", "author", "summary", "keywords")
OFFICE = ("head", "address", "postcode", "office_hours", "phone", "fax", "email")


class Writer:
    """Writes one site's pages into the active schema.

    Everything is one publication, so that a site is filled wholly or not at all.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.content = _read(f"articles/{code}.toml")

    def write(self) -> int:
        """Publish what is not there yet and return how many pages those were.

        Raises `PublicationRefused` for content that no editor could publish either.
        """
        known = set(Page.objects.values_list("title", flat=True))
        with publishing():
            identity = SiteIdentity.objects.get()
            if not identity.contact_phone:
                self._first(identity)
            before = Page.objects.count()
            for data in self.content.get("topics", ()):
                if data["title"] not in known:
                    _publish(self._place(data["column"]), self._topic(data))
            new = [data for data in self.content.get("articles", ()) if data["title"] not in known]
            for data in sorted(new, key=lambda data: -data["days_ago"]):
                _publish(self._place(data["column"]), self._article(data))
            for data in self.content.get("links", ()):
                if data["title"] not in known:
                    _publish(self._place(data.get("column", "")), _link(data))
            return Page.objects.count() - before

    @cached_property
    def home(self) -> HomePage:
        home: HomePage = Site.objects.select_related("root_page").get().root_page.specific
        return home

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The facts of the site, as its identity setting is to hold them."""
        found: dict[str, Any] = _read("identity.toml")[self.code]
        return found

    def _first(self, identity: SiteIdentity) -> None:
        """What a site gets once: who it is, what stands on its front page, its organ and heads."""
        for name, value in self.identity.items():
            setattr(identity, name, value)
        identity.save()
        self._age_starters()
        if "home" in self.content:
            self.home.intro = self.content["home"]["intro"]
            self.home.save_revision().publish()
        self._replace(OrganPage, self.content.get("organs", ()), self._organ)
        self._replace(LeaderPage, self.content.get("leaders", ()), _leader)

    def _age_starters(self) -> None:
        """Date what the blueprint gave the site before its first news, as on an older site."""
        for article in ArticlePage.objects.live().specific():
            assert article.published_at is not None
            article.published_at -= SITE_AGE
            article.save(clean=False)
            _note(article)

    def _replace(self, model: Any, pages: Iterable[dict[str, Any]], made: Any) -> None:
        """Publish these in place of the starters of their kind that their columns have."""
        columns: dict[str, list[dict[str, Any]]] = {}
        for data in pages:
            columns.setdefault(data["column"], []).append(data)
            if "units_in" in data:
                columns[data["units_in"]] = [_unit(data, unit) for unit in data["units"]]
        for column, each in columns.items():
            parent = self._place(column)
            starters = list(model.objects.child_of(parent))
            for starter in starters[len(each) :]:
                starter.delete()
            for starter, data in zip_longest(starters[: len(each)], each):
                page = made(data)
                if starter is None:
                    _publish(self._place(column), page)
                else:
                    _overwrite(starter, page)

    def _article(self, data: dict[str, Any]) -> ArticlePage:
        published = moment(data["days_ago"], data["time"])
        model = DocumentPage if "document" in data else ArticlePage
        article = model(
            published_at=published,
            lead_image=self._image(data["lead_image"]) if "lead_image" in data else None,
            body=self._body(data),
            origin=data.get("origin", "original"),
            **{name: data.get(name, "") for name in TEXTS},
            **_header(data.get("document", {}), published.date()),
        )
        article.attachments = [
            Attachment(document=self._document(each["file"], each["title"]), title=each["title"])
            for each in data.get("attachments", ())
        ]
        return article

    def _topic(self, data: dict[str, Any]) -> TopicPage:
        return TopicPage(
            title=data["title"],
            slug=data["slug"],
            summary=data["summary"],
            lead_image=self._image(data["lead_image"]) if "lead_image" in data else None,
            body=self._body(data),
        )

    def _organ(self, data: dict[str, Any]) -> OrganPage:
        """The organ's office is the site's unless the data say otherwise."""
        facts = _read("identity.toml")[data.get("site", self.code)]
        facts = {**facts, "phone": facts["contact_phone"], "email": facts["contact_email"]}
        if "site" in data:
            data = _read(f"articles/{data['site']}.toml")["organs"][0]
        return OrganPage(
            title=data["title"],
            source=data["source"],
            body=body_of(_lines(data["text"])),
            units=[("unit", unit) for unit in data.get("units", ())],
            **{name: data.get(name, facts.get(name, "")) for name in OFFICE},
        )

    def _place(self, path: str) -> Page:
        """The page at this path of slugs below the home page."""
        url_path = "/".join([self.home.url_path.rstrip("/"), *path.split("/"), ""])
        return Page.objects.get(url_path=url_path if path else self.home.url_path)

    def _body(self, data: dict[str, Any]) -> list[tuple[str, Any]]:
        text = [(kind, self._linked(html)) for kind, html in body_of(_lines(data.get("text", "")))]
        return text + [self._block(block) for block in data.get("body", ())]

    def _block(self, block: dict[str, Any]) -> tuple[str, Any]:
        kind = block["type"]
        match kind:
            case "text":
                return kind, self._linked(html_of(_lines(block["text"])))
            case "image":
                return kind, self._picture(block)
            case "gallery":
                return kind, {"images": [self._picture(each) for each in block["images"]]}
            case "table":
                table = {"data": block["rows"], "first_row_is_table_header": True}
                return kind, {"caption": block.get("caption", ""), "table": table}
            case "file":
                document = self._document(block["file"], block["title"])
                return kind, {"document": document, "title": block["title"]}
            case "quote":
                return kind, {"text": block["text"], "attribution": block.get("attribution", "")}
        raise ValueError(f"{self.code}: {kind}")

    def _linked(self, html: str) -> str:
        """The text with links to the official documents that it names and that are there."""

        def link(named: re.Match[str]) -> str:
            page = DocumentPage.objects.filter(title=unescape(named[1])).first()
            return f'<a linktype="page" id="{page.pk}">{named[0]}</a>' if page else named[0]

        return NAMED.sub(link, html)

    def _picture(self, data: dict[str, Any]) -> dict[str, Any]:
        image = self._image(data["file"])
        return {"image": image, "caption": data.get("caption", ""), "alt": data.get("alt", "")}

    def _image(self, name: str) -> Any:
        return _kept(get_image_model(), FOLDER / "images" / name, Path(name).stem)

    def _document(self, name: str, title: str) -> Any:
        return _kept(get_document_model(), FOLDER / "files" / name, title)


def _read(name: str) -> dict[str, Any]:
    path = FOLDER / name
    return tomllib.loads(path.read_text("utf8")) if path.exists() else {}


def moment(days_ago: int, clock: str) -> datetime:
    """That time on that day, or on the Friday before a weekend: offices publish on weekdays."""
    day = timezone.localdate() - timedelta(days=days_ago)
    day -= timedelta(days=max(0, day.isoweekday() - 5))
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def _publish(parent: Page, page: Any) -> None:
    """Add the page live, in one step where an editor takes three: half the statements."""
    page.locale = parent.locale
    parent.add_child(instance=page)
    _note(page)


def _overwrite(page: Any, by: Any) -> None:
    """Give the page what the other, which is none of the tree's, says: cheaper than deleting."""
    for field in page._meta.local_fields:
        if not field.primary_key:
            setattr(page, field.attname, getattr(by, field.attname))
    page.title = page.draft_title = by.title
    page.save(clean=False)
    _note(page)


def _note(page: Any) -> None:
    """Give the live page its revision."""
    revision = page.save_revision(clean=False, changed=False, log_action=False)
    Page.objects.filter(pk=page.pk).update(live_revision=revision)


def _unit(organ: dict[str, Any], unit: dict[str, Any]) -> dict[str, Any]:
    """What a page of its own says of a unit of this organ."""
    return {**unit, "title": unit["name"], "source": organ["source"], "text": unit["duties"]}


def _leader(data: dict[str, Any]) -> LeaderPage:
    texts = ("title", "post", "source", "duties", "career", "phone")
    return LeaderPage(**{name: data.get(name, "") for name in texts})


def _link(data: dict[str, Any]) -> LinkPage:
    return LinkPage(title=data["title"], url=data["url"])


def _header(data: dict[str, Any], published: date) -> dict[str, Any]:
    """The header block of a document written three days before it was published."""
    if not data:
        return {}
    written = published - timedelta(days=3)
    return {
        "document_number": data.get("number", "").replace(YEAR, str(written.year)),
        "index_number": data.get("index", "").replace(YEAR, str(written.year)),
        "issuing_body": data["issuer"],
        "genre": data.get("genre", ""),
        "category": data.get("category", ""),
        "validity": data.get("validity", "in_force"),
        "written_on": written,
        **(_force(written, data["years"]) if "years" in data else {}),
    }


def _force(written: date, years: int) -> dict[str, date]:
    """In force from the first day of the month after, for that many years."""
    first = (written.replace(day=1) + timedelta(days=31)).replace(day=1)
    last = first.replace(year=first.year + years) - timedelta(days=1)
    return {"effective_on": first, "expires_on": last}


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _kept(model: Any, path: Path, title: str) -> Any:
    """The upload of this title in the active site, made from ``path`` at the first call."""
    found = model.objects.filter(title=title).first()
    if found:
        return found
    with path.open("rb") as stream:
        return model.objects.create(title=title, file=File(stream, name=path.name))
