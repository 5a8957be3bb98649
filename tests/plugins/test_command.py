"""`manage.py plugins`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from sitecluster_board.models import Topic

from sitecluster.tenancy import tenant_context
from tenants.directory import Site

from .conftest import notice, now, turn_on


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("plugins", *arguments, stdout=out)
    return out.getvalue()


def test_the_list_says_what_is_on_where(alpha: Site, beta: Site) -> None:
    turn_on("alpha", "board", "echo")
    lines = run().splitlines()
    assert "board 1.0  Notice board: on at alpha" in lines
    assert "echo 1.0  Echo: on at alpha" in lines
    assert "chime 1.0  Chime: on at beta" in lines
    assert "watch 1.0  Watch: on at control (belongs to the platform)" in lines
    assert "board 1.0  Notice board: off" in run("list", "--site", "beta").splitlines()


def test_switching_by_command(alpha: Site) -> None:
    assert run("enable", "board", "--site", "alpha") == "board is on at alpha.\n"
    assert now("alpha").plugins == {"board"}
    notice(now("alpha"))
    with pytest.raises(CommandError, match="1 of its pages are live"):
        run("disable", "board", "--site", "alpha")
    text = run("disable", "board", "--site", "alpha", "--unpublish")
    assert text == "board is off at alpha; its data stays.\n"
    text = run("purge", "board", "--site", "alpha", "--yes")
    assert text == "What board had left at alpha is deleted.\n"
    with tenant_context(alpha):
        assert not Topic.objects.exists()


def test_purge_asks(alpha: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    turn_on("alpha", "board")
    run("disable", "board", "--site", "alpha")
    for answer in ("", "yes", "beta"):
        monkeypatch.setattr("sys.stdin", StringIO(f"{answer}\n"))
        with pytest.raises(CommandError, match="Nothing was deleted"):
            run("purge", "board", "--site", "alpha")
    with tenant_context(alpha):
        assert Topic.objects.exists()
    monkeypatch.setattr("sys.stdin", StringIO("alpha\n"))
    run("purge", "board", "--site", "alpha")
    with tenant_context(alpha):
        assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["enable", "nosuch", "--site", "alpha"], "There is no plugin nosuch"),
        (["enable", "board", "--site", "nowhere"], "There is no site nowhere"),
        (["list", "--site", "nowhere"], "There is no site nowhere"),
        (["enable", "board"], "Say which plugin and where"),
        (["purge", "--site", "alpha"], "Say which plugin and where"),
        (["enable", "echo", "--site", "alpha"], "echo requires board"),
        (["disable", "watch", "--site", "alpha"], "belongs to the platform"),
    ],
)
def test_mistakes_are_sentences(alpha: Site, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)


def test_what_is_required_may_come_along(alpha: Site) -> None:
    run("enable", "echo", "--site", "alpha", "--with-required")
    assert now("alpha").plugins == {"board", "echo"}
