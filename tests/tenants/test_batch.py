"""Opening many sites, and the commands around it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from sitecluster.accounts.models import User
from tenants import directory
from tenants.models import Tenant
from tests.tenants.conftest import Run
from tests.tenants.wholeness import checksums, flaws

pytestmark = pytest.mark.usefixtures("committed")
HEADER = ["code", "name", "kind", "parent", "level", "site_id_code", "domain"]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a roster in the format of the suffix; cells that are left out are empty."""

    def write(name: str, *rows: str) -> Path:
        path = tmp_path / name
        if path.suffix == ".csv":
            path.write_text("\n".join([",".join(HEADER), *rows]), "utf8")
        else:
            book = Workbook()
            assert book.active is not None
            for cells in (HEADER, *(row.split(",") for row in rows)):
                book.active.append(cells)
            book.save(path)
        return path

    return write


def batch(path: Path, *options: str) -> tuple[int, str, list[str]]:
    """Exit code, last line and report of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("provision_batch", str(path), *options, stdout=out, stderr=err)
        code: Any = 0
    except SystemExit as end:
        code = end.code
    directory.forget()
    return code, out.getvalue().strip(), err.getvalue().splitlines()


@pytest.mark.parametrize(("suffix", "jobs"), [("csv", "2"), ("xlsx", "1")])
def test_good_rows_go_through_and_bad_ones_are_named(write: Write, suffix: str, jobs: str) -> None:
    one = f"r{suffix}"
    path = write(
        f"roster.{suffix}",
        f"{one}-t,某镇人民政府,township,{one}",
        f"{one}-d,某县水利局,department,{one},,6108280011",
        f"{one}-x,某县林业局,department,nowhere",
        f"{one},某县人民政府,portal,",
        f"{one}-y,某县教育局,castle,{one}",
        f"{one}-z,某乡人民政府,township,{one}-y",
        f"{one}-own,某区人民政府,district,{one},,,{one}.example.com/qu",
        f"{one}-dup,某县审计局,department,{one}",
        f"{one}-dup,某县财政局,department,{one}",
    )

    code, line, report = batch(path, "--jobs", jobs, "--base-domain", "gov.cn")

    assert code == 1
    assert line == "4 opened, 0 unchanged, 5 bad."
    assert report == [
        f"Row 4 ({one}-x): The site above, nowhere, does not exist.",
        f"Row 6 ({one}-y): The kind castle is unknown; it is one of "
        "Government portal (portal), Department (department), Party or law organ (party), "
        "District or county (district), Township or street (township).",
        f"Row 7 ({one}-z): The row of the site above, {one}-y, is bad.",
        f"Row 9 ({one}-dup): The code {one}-dup stands in more than one row.",
        f"Row 10 ({one}-dup): The code {one}-dup stands in more than one row.",
    ]
    known = directory.snapshot().by_code
    addresses = {
        code: site.address.host + site.address.prefix
        for code, site in known.items()
        if code.startswith(one) and site.address
    }
    assert addresses == {
        one: f"www.{one}.gov.cn",
        f"{one}-t": f"www.{one}.gov.cn/zz/{one}-t",
        f"{one}-d": f"{one}-d.{one}.gov.cn",
        f"{one}-own": f"{one}.example.com/qu",
    }
    assert flaws(addresses) == []


def test_running_twice_changes_nothing(write: Write) -> None:
    path = write("twice.csv", "twice-t,某镇人民政府,township,twice", "twice,某县人民政府,portal,")
    assert batch(path) == (0, "2 opened, 0 unchanged, 0 bad.", [])
    before = checksums()
    assert batch(path) == (0, "0 opened, 2 unchanged, 0 bad.", [])
    assert checksums() == before


def test_dry_run_opens_nothing(write: Write) -> None:
    path = write("dry.csv", "dry,某县人民政府,portal,", "dry-t,某镇人民政府,township,dry")
    before = checksums()
    assert batch(path, "--dry-run") == (0, "2 rows are good, 0 are bad; nothing was opened.", [])
    path = write("dry.csv", "dry,某县人民政府,portal,", "alpha,某镇人民政府,township,dry")
    assert batch(path, "--dry-run") == (
        1,
        "1 rows are good, 1 are bad; nothing was opened.",
        ["Row 3 (alpha): The code alpha is taken by 阿县人民政府."],
    )
    assert checksums() == before
    assert flaws([]) == []


def test_failure_at_run_time_is_reported_and_stops_no_other(write: Write) -> None:
    """A page that an editor has made where the township would stand shows only then."""
    batch(write("page.csv", "page,某县人民政府,portal,"))
    path = write(
        "page.csv",
        "page-a,某镇人民政府,township,page,,,www.page.localhost/zwgk",
        "page-b,某镇人民政府,township,page-a",
        "page-c,某镇人民政府,township,page",
    )
    code, line, report = batch(path)
    assert (code, line) == (1, "1 opened, 0 unchanged, 2 bad.")
    assert report == [
        "Row 2 (page-a): At www.page.localhost/zwgk stands the page 政务公开 of 某县人民政府.",
        "Row 3 (page-b): The site above, page-a, does not exist.",
    ]
    assert flaws(["page-c"]) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["provision_batch", "none.csv"], "The file none.csv can't be read."),
        (["provision_batch", "none.csv", "--jobs", "0"], "--jobs must be at least 1."),
        (
            ["provision", "new", "--name", "某镇人民政府", "--kind", "township", "--parent", "x"],
            "The site above, x, does not exist.",
        ),
        (["serve", "--bind", "8000"], "--bind must be HOST:PORT, not 8000."),
        (["serve", "--bind", "localhost:99999"], "--bind must be HOST:PORT, not localhost:99999."),
        (["serve", "--bind", "http://a:80"], "--bind must be HOST:PORT, not http://a:80."),
    ],
)
def test_error_is_one_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command(*arguments)
    assert str(error.value) == sentence


def test_provision_says_where_the_site_is() -> None:
    arguments = [
        "said",
        "--name=某局",
        "--kind=department",
        "--parent=alpha",
        "--admin=a@said.gov.cn",
    ]
    first, again = io.StringIO(), io.StringIO()
    call_command("provision", *arguments, stdout=first)
    call_command("provision", *arguments, stdout=again)
    name, public, admin, link = first.getvalue().splitlines()
    assert name == "Opened: 某局"
    assert public == "http://said.alpha.localhost:8000/"
    assert admin == "http://said.admin.localhost:8000/admin/"
    assert link.startswith(f"One-time link: {admin}password_reset/confirm/")
    assert again.getvalue().splitlines() == ["Exists already, unchanged: 某局", public, admin]
    assert (
        User.everyone.get(email="a@said.gov.cn").home_site_id == Tenant.objects.get(code="said").pk
    )


def test_sites_as_json() -> None:
    out = io.StringIO()
    call_command("sites", "--json", stdout=out)
    rows = {row["code"]: row for row in json.loads(out.getvalue())}
    assert rows["beta"] == {
        "code": "beta",
        "name": "贝镇人民政府",
        "kind": "township",
        "parent": "alpha",
        "state": "live",
        "schema": "s_beta",
        "public_url": "http://www.alpha.localhost:8000/zz/beta/",
        "admin_url": "http://beta.admin.localhost:8000/admin/",
        "behind": False,
        "upgrade_error": "",
    }
    assert (rows["control"]["parent"], rows["control"]["public_url"]) == (None, None)
    assert list(rows) == sorted(rows)


def test_processes_end_with_a_sentence_and_a_code(run: Run, write: Write) -> None:
    bad = run("provision_batch", str(write("bad.csv", "alpha,他县,portal,")))
    assert (bad.returncode, len(bad.stderr.splitlines())) == (1, 1)
    assert "alpha" in bad.stderr
    refused = run("provision", "www", "--name=某县", "--kind=portal")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "www" in refused.stderr
    good = run("sites", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)


def test_bare_database_names_the_first_command(run: Run) -> None:
    for command in (["serve"], ["provision", "a", "--name=某县", "--kind=portal"]):
        ended = run(*command, database="template1")
        assert (ended.returncode, ended.stdout) == (1, "")
        assert len(ended.stderr.splitlines()) == 1
        assert "manage.py upgrade" in ended.stderr


def test_server_that_is_not_there_is_one_sentence(run: Run) -> None:
    ended = run("upgrade", database="no_such_database")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
    assert "no_such_database" in ended.stderr
