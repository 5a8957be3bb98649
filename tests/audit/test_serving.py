"""`serve` hands the web server its own role's URL, and the worker the owner's."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

OWNER, WEB = "postgres://owner@127.0.0.1:1/x", "postgres://web@127.0.0.1:1/x"


class Replaced(Exception):
    """This process would be the web server now."""


@pytest.fixture
def started(
    committed: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> list[tuple[list[str], dict[str, str]]]:
    """What `serve` starts: command line and environment."""
    started: list[tuple[list[str], dict[str, str]]] = []

    def replace(_program: str, command: list[str], environ: dict[str, str]) -> None:
        started.append((command, environ))
        raise Replaced

    monkeypatch.setenv("DATABASE_URL", OWNER)
    monkeypatch.setenv("WEB_DATABASE_URL", WEB)
    monkeypatch.setattr(os, "execve", replace)
    monkeypatch.setattr(
        subprocess, "Popen", lambda command: started.append((command, dict(os.environ)))
    )
    settings.STATIC_ROOT = tmp_path
    settings.EMBEDDED_POSTGRES = None
    return started


@pytest.mark.parametrize("alone", [False, True])
def test_each_process_gets_its_url(
    started: list[tuple[list[str], dict[str, str]]], alone: bool
) -> None:
    with pytest.raises(Replaced):
        call_command("serve", no_worker=alone)
    *workers, (server, environ) = started
    assert "gunicorn" in server
    assert environ["DATABASE_URL"] == WEB
    assert "WEB_DATABASE_URL" not in environ
    assert OWNER not in environ.values()
    assert len(workers) == (0 if alone else 1)
    for command, worker_environ in workers:
        assert command[2:] == ["sitecluster.tasks.supervisor", str(os.getpid())]
        assert worker_environ["DATABASE_URL"] == OWNER
