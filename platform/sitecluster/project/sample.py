"""The sample county: the data of deploy/demo made into sites, articles and accounts."""

import json
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from sitecluster.accounts import membership
from sitecluster.accounts.models import User
from sitecluster.accounts.profiles import make_platform_admin
from sitecluster.cms.models import ArticlePage, Attachment, ColumnPage, SiteIdentity
from sitecluster.cms.writing import html_of
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.rosters import batch, roster

from .config import ROOT, config

FOLDER = ROOT / "deploy" / "demo"
SITE_AGE = timedelta(days=310)  # older than every article of the sample
Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """A person of the sample: where they work and as what."""

    email: str
    name: str
    site: str
    role: str
    title: str


PEOPLE = (
    Account("admin@jiaxian.example", "平台管理员", "control", "site_admin", _("platform admin")),
    Account("editor@jiaxian.example", "木头峪镇编辑", "mutouyu", "editor", _("editor")),
    Account("reviewer@jiaxian.example", "佳县政府网审核员", "jiaxian", "reviewer", _("reviewer")),
)


class SampleError(Exception):
    """The sample can't be loaded; the message is one sentence."""


def load(say: Say) -> list[tuple[Account, str]]:
    """Open the county's sites, fill six of them, make three accounts.

    Returns the accounts with their passwords. Running it again changes nothing that exists.
    Raises `SampleError`.
    """
    open_sites(say)
    for path in sorted((FOLDER / "articles").glob("*.toml")):
        site = directory.snapshot().by_code[path.stem]
        with tenant_context(site):
            number = Writer(path).write()
        if number:
            say(_("%(site)s: %(number)d articles") % {"site": site.name, "number": number})
    return open_accounts()


def open_sites(say: Say) -> None:
    """Open the sites of the county's roster."""
    rows = roster.read(FOLDER / "jiaxian.csv")
    opened = 0
    for result in batch.run(rows, jobs=2):
        if result.problems:
            raise SampleError(" ".join(result.problems))
        opened += result.outcome is not None and result.outcome.created
    directory.forget()
    say(_("%d sites opened.") % opened)


def open_accounts() -> list[tuple[Account, str]]:
    """Make the accounts; passwords are drawn once and kept in VAR_DIR, readable by its owner."""
    path = settings.VAR_DIR / "demo-passwords.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    for person in PEOPLE:
        password = known.setdefault(person.email, draw_password())
        if not User.objects.filter(email=person.email).exists():
            site = directory.snapshot().by_code[person.site]
            user, _created = membership.add_member(
                person.email, site, [person.role], name=person.name, password=password
            )
            if person.site == "control":
                make_platform_admin(user)
    path.touch(mode=0o600)
    path.write_text(json.dumps(known))
    return [(person, known[person.email]) for person in PEOPLE]


def draw_password() -> str:
    """One that keeps the rules, whatever the settings make of them."""
    while True:
        password = secrets.token_urlsafe(max(9, config.password_min_length))
        try:
            validate_password(password)
        except ValidationError:
            continue
        return password


class Writer:
    """Writes one site's articles into the active schema."""

    def __init__(self, path: Path) -> None:
        self.articles: list[dict[str, Any]] = tomllib.loads(path.read_text("utf8"))["articles"]
        self.code = path.stem

    def write(self) -> int:
        """Publish the articles that are not there yet and return how many those were."""
        titles = set(ArticlePage.objects.values_list("title", flat=True))
        new = [data for data in self.articles if data["title"] not in titles]
        if new:
            self._identity()
        if len(new) == len(self.articles):
            self._age_starters()
        for data in sorted(new, key=lambda data: -data["days_ago"]):
            self._publish(data)
        return len(new)

    @cached_property
    def home(self) -> Page:
        return Site.objects.select_related("root_page").get().root_page

    def _identity(self) -> None:
        identities = tomllib.loads((FOLDER / "identity.toml").read_text("utf8"))
        SiteIdentity.objects.update(**identities.get(self.code, {}))

    def _age_starters(self) -> None:
        """Date what the blueprint gave the site before its first news, as on an older site."""
        for article in ArticlePage.objects.live():
            assert article.published_at is not None
            article.published_at -= SITE_AGE
            article.save_revision().publish()

    def _publish(self, data: dict[str, Any]) -> None:
        article = ArticlePage(
            live=False,
            locale=self.home.locale,
            published_at=_moment(data["days_ago"], data["time"]),
            lead_image=self._image(data["lead_image"]) if "lead_image" in data else None,
            body=[self._block(block) for block in data["body"]],
            **{
                name: data.get(name, "")
                for name in ("title", "subtitle", "source", "author", "summary", "keywords")
            },
            origin=data.get("origin", "original"),
        )
        article.attachments = [
            Attachment(document=self._document(each["file"], each["title"]), title=each["title"])
            for each in data.get("attachments", ())
        ]
        self._column(data["column"]).add_child(instance=article)
        article.save_revision().publish()

    def _column(self, path: str) -> Page:
        url_path = f"{self.home.url_path}{path.strip('/')}/"
        return ColumnPage.objects.get(url_path=url_path)

    def _block(self, block: dict[str, Any]) -> tuple[str, Any]:
        kind = block["type"]
        match kind:
            case "text":
                lines = [line for line in block["text"].splitlines() if line.strip()]
                return kind, html_of(lines)
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
        raise SampleError(f"{self.code}: {kind}")

    def _picture(self, data: dict[str, Any]) -> dict[str, Any]:
        image = self._image(data["file"])
        return {"image": image, "caption": data.get("caption", ""), "alt": data.get("alt", "")}

    def _image(self, name: str) -> Any:
        model = get_image_model()
        return _kept(model, FOLDER / "images" / name, Path(name).stem)

    def _document(self, name: str, title: str) -> Any:
        return _kept(get_document_model(), FOLDER / "files" / name, title)


def _kept(model: Any, path: Path, title: str) -> Any:
    """The upload of this title in the active site, made from ``path`` at the first call."""
    found = model.objects.filter(title=title).first()
    if found:
        return found
    with path.open("rb") as stream:
        return model.objects.create(title=title, file=File(stream, name=path.name))


def _moment(days_ago: int, clock: str) -> datetime:
    """That time on that day, or on the Friday before a weekend: offices publish on weekdays."""
    day = timezone.localdate() - timedelta(days=days_ago)
    day -= timedelta(days=max(0, day.isoweekday() - 5))
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))
