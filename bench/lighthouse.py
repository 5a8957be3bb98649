"""Lighthouse over pages of the sample county, as a phone and as a desk computer see them.

It needs Node and a Chromium; without one of them the bench says so and measures nothing.
``LIGHTHOUSE`` is the command (`npx lighthouse` unless told), ``CHROME_PATH`` the browser.
"""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bs4 import BeautifulSoup

from . import child, databases
from .report import heading, line, note

SETTINGS = "bench.demo_settings"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS: Mapping[str, tuple[str, ...]] = {"mobile": (), "desktop": ("--preset=desktop",)}
LEAST = 95
CHROME = "--headless=new --no-sandbox --disable-gpu"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ATTEMPTS = 3
START_SECONDS, RUN_SECONDS, SETTLED_SECONDS = 900, 240, 60


@dataclass(frozen=True)
class Figures:
    """What one run found: scores from 0 to 100, milliseconds, a share, requests, kilobytes."""

    scores: tuple[float, ...]
    lcp: float
    cls: float
    tbt: float
    requests: int
    kilobytes: float


def run(template: str, folder: Path, quick: bool) -> None:
    """Serve the sample county from a copy of the template and measure four of its pages."""
    heading("lighthouse: performance, accessibility, best practices, SEO")
    command, chrome = _command(), _chrome()
    if command is None or chrome is None:
        note("left out: it needs Node with npx (or LIGHTHOUSE) and a Chromium (or CHROME_PATH)")
        return
    env = {**os.environ, "CHROME_PATH": chrome}
    with databases.database("lighthouse", template) as name, _demo(name, folder) as port:
        for title, url in _pages(port):
            for form, options in FORMS.items():
                runs = [
                    _measured([*command, url, *options], env, folder)
                    for _ in range(1 if quick else 3)
                ]
                _print(f"{title}, {form}", runs)


def _print(label: str, runs: list[Figures]) -> None:
    """The medians of some runs, performance first."""
    scores = [median(values) for values in zip(*(each.scores for each in runs), strict=True)]
    line(label, " ".join(f"{score:.0f}" for score in scores), f"each {LEAST} or more")
    note(
        f"LCP {median(each.lcp for each in runs) / 1000:.1f} s, "
        f"CLS {median(each.cls for each in runs):.3f}, "
        f"blocked {median(each.tbt for each in runs):.0f} ms, "
        f"{runs[0].requests} requests, {runs[0].kilobytes:.0f} KB"
    )


def _measured(command: list[str], env: Mapping[str, str], folder: Path) -> Figures:
    """One run; raises CalledProcessError where Lighthouse fails `ATTEMPTS` times in a row, since
    now and then it can't record a page and asks to be run again."""
    file = folder / "lighthouse.json"
    arguments = (
        "--output=json",
        f"--output-path={file}",
        "--quiet",
        f"--chrome-flags={CHROME}",
        f"--only-categories={','.join(CATEGORIES)}",
    )
    for left in reversed(range(ATTEMPTS)):
        done = subprocess.run(
            [*command, *arguments], env=dict(env), check=not left, timeout=RUN_SECONDS
        )
        if done.returncode == 0:
            break
    return _figures(json.loads(file.read_text("utf8")))


def _figures(report: Mapping[str, Any]) -> Figures:
    audits = report["audits"]

    def number(name: str) -> float:
        return float(audits[name]["numericValue"])

    return Figures(
        scores=tuple(100 * (report["categories"][name]["score"] or 0) for name in CATEGORIES),
        lcp=number("largest-contentful-paint"),
        cls=number("cumulative-layout-shift"),
        tbt=number("total-blocking-time"),
        requests=len(audits["network-requests"]["details"]["items"]),
        kilobytes=number("total-byte-weight") / 1024,
    )


def _pages(port: int) -> Iterator[tuple[str, str]]:
    """Titles and addresses of the pages that are measured; each is asked once before.

    The worker makes the pictures that a page needs; a page is measured once they are there.
    """
    portal = f"http://www.jiaxian.localhost:{port}/"
    home = BeautifulSoup(_text(portal), "html.parser")
    lead = home.select_one("article.lead :is(h2, h3) a")
    if lead is None:
        raise RuntimeError("The front page of the sample's portal has no lead article.")
    pages = {
        "portal": portal,
        "department": f"http://shuili.jiaxian.localhost:{port}/",
        "township": f"{portal}zz/mutouyu/",
        "article": portal.rstrip("/") + str(lead["href"]),
    }
    for url in pages.values():
        _text(url)
    time.sleep(SETTLED_SECONDS)
    yield from pages.items()


@contextmanager
def _demo(database: str, folder: Path) -> Iterator[int]:
    """`manage.py demo` for the length of the block; gives its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
    folder = folder / "lighthouse"
    folder.mkdir()
    env = {**child.environment(database, folder, SETTINGS), "PUBLIC_PORT": str(port)}
    with (folder / "demo.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            env=env,
            cwd=child.ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await(f"http://www.jiaxian.localhost:{port}/", process, folder / "demo.log")
            yield port
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _await(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            _text(url)
        except OSError:
            time.sleep(1)
        else:
            return
    raise RuntimeError("The demo did not start:\n" + log.read_text("utf8")[-2000:])


def _text(url: str) -> str:
    """The page at an address below ``localhost``, asked of this machine."""
    host, _slash, path = url.removeprefix("http://").partition("/")
    port = host.rpartition(":")[2]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def _command() -> list[str] | None:
    given = os.environ.get("LIGHTHOUSE")
    if given:
        return shlex.split(given)
    return ["npx", "--yes", "lighthouse"] if shutil.which("npx") else None


def _chrome() -> str | None:
    found = os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or _of_playwright()


def _of_playwright() -> str | None:
    """The browser of the browser tests."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where none is found

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
