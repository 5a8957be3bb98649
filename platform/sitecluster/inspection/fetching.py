"""Asks a web server for pages, as a citizen's browser would."""

import time
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from bs4 import BeautifulSoup

LONGEST_SECONDS = 15
LARGEST_BYTES = 3_000_000
MOST_REDIRECTS = 5
NAME = "Sitecluster-Inspect/1.0"


@dataclass(frozen=True)
class Answer:
    """What a server answered: ``url`` after redirects, ``status`` 0 where nothing came.

    ``seconds`` is the time to the last byte.
    """

    url: str
    status: int
    seconds: float = 0.0
    kind: str = ""
    body: bytes = b""
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Did a page come?"""
        return 200 <= self.status < 300

    @property
    def is_page(self) -> bool:
        """Is it HTML?"""
        return self.ok and "html" in self.kind

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The page's elements; not to be changed."""
        return BeautifulSoup(self.body, "html.parser")

    @cached_property
    def text(self) -> str:
        """The page's words, parted by single spaces."""
        return " ".join(self.soup.get_text(" ").split())


class Citizen:
    """Fetches addresses of the web, each once."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.headers.update({"User-Agent": NAME, "Accept-Language": "zh-CN,zh"})
        self.answers: dict[str, Answer] = {}

    def fetch(self, url: str) -> Answer:
        """The answer of ``url``, redirects followed; never raises for what a server does."""
        url = url.partition("#")[0]
        if url not in self.answers:
            self.answers[url] = self._fetched(url)
        return self.answers[url]

    def _fetched(self, url: str) -> Answer:
        begun, here = time.monotonic(), url
        try:
            for _step in range(MOST_REDIRECTS + 1):
                response = self._asked(here)
                if not response.is_redirect:
                    body = response.raw.read(LARGEST_BYTES, decode_content=True)
                    kind = response.headers.get("Content-Type", "")
                    seconds = time.monotonic() - begun
                    return Answer(here, response.status_code, seconds, kind, body)
                here = urljoin(here, response.headers["Location"])
        except (requests.RequestException, OSError, ValueError) as error:
            return Answer(here, 0, time.monotonic() - begun, problem=type(error).__name__)
        return Answer(here, 0, problem="too many redirects")

    def _asked(self, url: str) -> requests.Response:
        """Ask one server; names below localhost are this machine, whatever its resolver knows."""
        parts, headers = urlsplit(url), {}
        if parts.scheme not in ("http", "https"):
            raise ValueError(url)
        if parts.hostname and parts.hostname.endswith(".localhost"):
            headers["Host"] = parts.netloc
            port = f":{parts.port}" if parts.port else ""
            url = urlunsplit(parts._replace(netloc=f"127.0.0.1{port}"))
        return self.session.get(
            url, headers=headers, timeout=LONGEST_SECONDS, allow_redirects=False, stream=True
        )
