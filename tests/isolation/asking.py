"""Asks one thing of a site, as if it had never been asked."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from django.core import mail
from django.db import transaction
from django.test import Client, TestCase

from sitecluster.tenancy import connection

# What differs between two answers to the same question, and has nothing to do with content.
NOISE = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r'(csrfmiddlewaretoken\\?" value=\\?")[^"\\]+', r"\1"),
        (r'("CSRF_TOKEN": ")[^"]+', r"\1"),
        (r"Just now|\bnow\b|\ban? (?:minute|hour) ago", "lately"),
        (r"\d+(?:\xa0|\\u00a0)(?:second|minute|hour)s?(?:, \d+\S+)?(?: ago)?", "lately"),
        (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+\d\d:\d\d)?", "moment"),
        (r'(key\\+(?:&quot;|"): \\+(?:&quot;|"))\w{5}(?=\\)', r"\1"),  # of a rich text's block
        (r"_[A-Za-z0-9]{7}(?=\.)", ""),  # a file's name that was taken
        (r"(editing-sessions/(?:ping|release)/(?:\w+/\w+/\w+/)?)\d+", r"\1"),
    )
]
ZIPPED = b"PK\x03\x04"


@dataclass
class Answer:
    """What came back: everything in which the other site might show."""

    path: str
    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)

    @property
    def everything(self) -> str:
        """Body, headers and mails in one text."""
        lines = [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([str(self.status), *lines, self.text, *self.mails])

    @property
    def fingerprint(self) -> str:
        """The same without what differs by chance."""
        text = self.everything
        for pattern, replacement in NOISE:
            text = pattern.sub(replacement, text)
        facets = iter(sorted(FACET.findall(text)))  # those of equal counts stand in any order
        return FACET.sub(lambda found: next(facets), text)

    def packed(self) -> "Packed":
        """What is needed to compare it later, in a tenth of the memory."""
        return Packed(self.path, zlib.compress(self.fingerprint.encode(), 1))


@dataclass
class Packed:
    """The fingerprint of an answer."""

    path: str
    data: bytes

    @property
    def fingerprint(self) -> str:
        """As of the answer."""
        return zlib.decompress(self.data).decode()


FACET = re.compile(r'<a href="/admin/pages/search/[^"]*content_type=[^"]*">[^<]*</a>')
UNSTEADY = {
    "set-cookie",
    "expires",
    "x-request-id",
    "content-length",
    "etag",
    "last-modified",
    "date",
}


def ask(client: Client, path: str, method: str = "get", **kwargs: Any) -> Answer:
    """Send one request; whatever it writes is gone afterwards, whatever waits for it has run."""
    mail.outbox = []
    with cookies_kept(client), transaction.atomic():
        answer = send(client, path, method, **kwargs)
        transaction.set_rollback(True)
    return answer


@contextmanager
def cookies_kept(client: Client) -> Iterator[None]:
    """A session that was written anew, or ended, is the old one again."""
    kept = client.cookies
    client.cookies = deepcopy(kept)
    try:
        yield
    finally:
        client.cookies = kept


def send(client: Client, path: str, method: str = "get", **kwargs: Any) -> Answer:
    """The same without taking back what it wrote."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        response = getattr(client, method)(path, **kwargs)
        text = body_of(response)
    headers = {
        name.lower(): value
        for name, value in response.headers.items()
        if name.lower() not in UNSTEADY
    }
    mails = [mail_text(each) for each in mail.outbox]
    return Answer(path, response.status_code, text, headers, mails)


def mail_text(message: Any) -> str:
    """Recipients, subject and body."""
    return "\n".join([*message.recipients(), message.subject, str(message.body)])


def body_of(response: Any) -> str:
    """The body as text; a workbook as the text of its parts."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content.startswith(ZIPPED):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in sorted(archive.namelist()))
    return content.decode(errors="replace")


def schema_in_effect() -> str:
    """The schema on which the connection stands."""
    return str(connection.schema_name)
