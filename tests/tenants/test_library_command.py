"""The command that holds the library against the live pages."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sitecluster.library.models import Item
from tenants.directory import Site


def run(*options: str) -> tuple[int, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("library", *options, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), err.getvalue()
    return 0, out.getvalue()


def test_no_difference_on_fresh_sites(alpha: Site, beta: Site) -> None:
    assert run() == (0, "0 differences.\n")


def test_differences_are_named_and_repaired(alpha: Site, beta: Site) -> None:
    lost = Item.objects.filter(tenant_id=alpha.id, kind="article").first()
    assert lost is not None
    lost.delete()
    Item.objects.filter(tenant_id=beta.id, kind="home").update(title="别的")
    code, lines = run()
    assert code == 1
    assert f"alpha: {lost.path}: live page {lost.page_id} has no row" in lines
    assert "beta: /: title is '别的'" in lines
    assert run("--site", "alpha", "--repair") == (0, "0 differences.\n")
    assert run("--site", "beta")[0] == 1


def test_unknown_site_is_named(alpha: Site) -> None:
    with pytest.raises(CommandError, match="There is no site nowhere"):
        call_command("library", site="nowhere")
