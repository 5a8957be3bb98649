"""kill -9 of a batch leaves whole sites or none; two batches at once do not disturb each other."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenants import directory
from tests.tenants.conftest import ROOT, ask, environment
from tests.tenants.wholeness import flaws

KILLS = 20
SITES_A_BATCH = 6


@dataclass
class Forker:
    """A process that runs commands in children of its own (`tests.tenants.forking`)."""

    process: subprocess.Popen[str]
    output: Path

    def start(self, *arguments: str) -> int:
        """Run a command; the process id of the child."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(self.output), *arguments]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def wait(self) -> int:
        """The exit code of the command that runs."""
        return self._answer()

    def _answer(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


Fork = Callable[[], Forker]


@pytest.fixture
def fork(committed: str, tmp_path: Path) -> Iterator[Fork]:
    forkers: list[Forker] = []

    def fork() -> Forker:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.tenants.forking"],
            cwd=ROOT,
            env={
                **environment(committed, tmp_path),
                "DJANGO_SETTINGS_MODULE": "sitecluster.project.settings",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        forkers.append(Forker(process, tmp_path / f"output-{len(forkers)}"))
        return forkers[-1]

    yield fork
    for forker in forkers:
        forker.process.kill()
        forker.process.communicate()


def write_roster(path: Path, codes: list[str]) -> None:
    rows = [f"{code},某镇人民政府,township,alpha" for code in codes]
    path.write_text("\n".join(["code,name,kind,parent", *rows]), "utf8")


def opened() -> set[str]:
    directory.forget()
    return set(directory.snapshot().by_code)


def wait_for_servers() -> None:
    """A server process ends what it is at before it sees that its client has gone."""
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 30
    while ask(others) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ask(others) == []


def test_kills_leave_whole_sites_or_none(fork: Fork, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # noqa: T201 -- shown when the test fails
    chance = random.Random(seed)
    forker, path = fork(), tmp_path / "roster.csv"
    codes = [f"k-{number}" for number in range(SITES_A_BATCH)]
    write_roster(path, codes)
    began = time.monotonic()
    forker.start("provision_batch", str(path), "--jobs", "2")
    assert forker.wait() == 0, forker.output.read_text()
    seconds = time.monotonic() - began
    shares = [(number + chance.random()) / KILLS for number in range(KILLS)]
    chance.shuffle(shares)
    killed = 0
    for number, share in enumerate(shares):
        before = opened()
        missing = [code for code in codes if code not in before]
        codes += [f"k-{number}-{more}" for more in range(SITES_A_BATCH - len(missing))]
        write_roster(path, codes)
        child = forker.start("provision_batch", str(path), "--jobs", str(1 + number % 2))
        time.sleep(share * seconds)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        if forker.wait() == -signal.SIGKILL:
            killed += 1
        else:
            seconds *= 0.8  # the machine has become faster since the first run
        wait_for_servers()
        assert flaws(opened() - before) == [], share
    assert killed >= KILLS // 2

    forker.start("provision_batch", str(path))

    assert forker.wait() == 0, forker.output.read_text()
    assert set(codes) <= opened()
    assert flaws() == []


def test_two_batches_at_once_open_each_site_once(fork: Fork, tmp_path: Path) -> None:
    codes = [f"both-{number}" for number in range(8)]
    write_roster(tmp_path / "roster.csv", codes)
    forkers = fork(), fork()
    for forker in forkers:
        forker.start("provision_batch", str(tmp_path / "roster.csv"), "--jobs", "2")
    assert [forker.wait() for forker in forkers] == [0, 0]
    counts = [
        [int(number) for number in re.findall(r"\d+", forker.output.read_text())]
        for forker in forkers
    ]
    assert [sum(pair) for pair in zip(*counts, strict=True)] == [8, 8, 0], counts
    assert flaws(codes) == []
