"""People by a roster: template, preview, batch."""

import io
import json
import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Invitation, Membership, User
from sitecluster.audit.models import Entry
from sitecluster.tenancy import shared_context
from sitecluster_console.batches.work import work_on
from sitecluster_console.shared.models import Batch, BatchItem
from tenants.directory import Site

IMPORT = "/admin/cluster/people/import/"
HEADER = ["姓名", "邮箱", "站点代码", "角色"]
Rows = list[list[Any]]


def xlsx(rows: Rows) -> SimpleUploadedFile:
    """A workbook with the headings of the template."""
    book = Workbook()
    for row in [HEADER, *rows]:
        book.worksheets[0].append(row)
    output = io.BytesIO()
    book.save(output)
    return SimpleUploadedFile("人员.xlsx", output.getvalue())


def previewed(client: Client, rows: Rows) -> Any:
    """What the page says of an uploaded roster."""
    response = client.post(IMPORT, {"file": xlsx(rows)})
    assert response.status_code == 200
    return response


def imported(client: Client, rows: Rows) -> Batch:
    """The batch of a roster, with all its tasks done."""
    preview = previewed(client, rows).context["preview"]
    form = {"rows": preview.packed, "file_name": preview.file_name, "reason": "新任编辑"}
    response = client.post(IMPORT, form)
    assert response.status_code == 302, response.context["form"].errors
    with shared_context():
        return Batch.objects.latest("pk")


def results(batch: Batch) -> list[tuple[str, str]]:
    """State and words of each item."""
    items = BatchItem.objects.filter(batch=batch).order_by("number")
    return [(item.state, item.result or " ".join(item.problems)) for item in items]


def roles(email: str, site: Site) -> list[str] | None:
    found = Membership.objects.filter(user__email=email, tenant_id=site.id, ended_at=None).first()
    return found.roles if found else None


def test_templates(boss: Client) -> None:
    text = boss.get(f"{IMPORT}template.csv").content
    assert text.decode("utf-8-sig").strip().split(",") == HEADER
    book = load_workbook(io.BytesIO(boss.get(f"{IMPORT}template.xlsx").content))
    assert [cell.value for cell in book.worksheets[0][1]] == HEADER


def test_errors_stand_at_their_cells(boss: Client, alpha: Site, delta: Site) -> None:
    gone = add_member("gone@import.example", alpha, ["editor"], name="停用")[0]
    User.everyone.filter(pk=gone.pk).update(is_active=False)
    rows = [
        ["", "a@import.example", "alpha", "编辑"],
        ["王", "nonsense", "alpha", "编辑"],
        ["王", "b@import.example", "nowhere", "编辑"],
        ["王", "c@import.example", "alpha", "编辑、皇帝"],
        ["王", "d@import.example", "alpha", ""],
        ["王", "e@import.example", "alpha", "编辑"],
        ["王", "E@import.example", "ALPHA", "审核员"],
        ["停用", gone.email, "alpha", "编辑"],
        ["好", "good@import.example", "delta", "编辑，审核员"],
    ]
    preview = previewed(boss, rows).context["preview"]
    found = {row.number: [fault.column for fault in row.faults] for row in preview.bad}
    assert found == {
        2: ["name"],
        3: ["email"],
        4: ["site"],
        5: ["roles"],
        6: ["roles"],
        7: ["email"],
        8: ["email"],
        9: ["email"],
    }
    assert [row.codes for row in preview.good] == [["editor", "reviewer"]]
    assert not User.everyone.filter(email="good@import.example").exists()


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("x.xlsx", b"no workbook", "as XLSX"),
        ("x.csv", b"", "is empty"),
        ("x.csv", "姓名,邮箱\n王,a@b.cn\n".encode(), "has no column"),
        ("x.csv", "姓名,邮箱,站点代码,角色\n".encode(), "holds no row"),
        ("x.csv", b"\x00\x01\x02", "neither CSV"),
    ],
)
def test_files_that_are_none(boss: Client, name: str, content: bytes, text: str) -> None:
    response = boss.post(IMPORT, {"file": SimpleUploadedFile(name, content)})
    assert text in response.content.decode()


def test_imported_by_a_platform_admin(boss: Client, alpha: Site, gamma: Site) -> None:
    old = add_member("old@import.example", alpha, ["editor"], name="老同志")[0]
    old.set_password("Zhongguo-2026")
    old.save()
    mail.outbox.clear()
    batch = imported(
        boss,
        [
            ["新同志", "New@import.example", "alpha", "编辑"],
            ["新同志", "new@import.example", "gamma", "站点管理员"],
            ["别名", old.email, "gamma", "审核员"],
            ["老同志", old.email, "alpha", "编辑"],
        ],
    )
    assert [state for state, _text in results(batch)] == ["done", "done", "done", "unchanged"]
    new = User.everyone.get(email="new@import.example")
    assert (new.first_name, new.home_site_id) == ("新同志", alpha.id)
    assert not new.has_usable_password()
    assert roles(new.email, alpha) == ["editor"]
    assert roles(new.email, gamma) == ["site_admin"]
    assert roles(old.email, gamma) == ["reviewer"]
    assert User.everyone.get(pk=old.pk).first_name == "老同志"
    assert [message.to for message in mail.outbox] == [[new.email]]
    link = re.search(r"http\S+", str(mail.outbox[0].body))
    assert link
    assert link[0].startswith(alpha.admin_url)
    page = boss.get(f"/admin/cluster/batches/{batch.pk}/").content.decode()
    assert link[0] not in page
    assert Entry.objects.filter(act="member.added", subject=new.email, site_code="gamma").exists()
    assert Entry.objects.get(act="batch.started").reason == "新任编辑"


def test_imported_twice(boss: Client, alpha: Site) -> None:
    rows = [["新", "twice@import.example", "alpha", "编辑"]]
    imported(boss, rows)
    mail.outbox.clear()
    assert [state for state, _text in results(imported(boss, rows))] == ["unchanged"]
    assert mail.outbox == []


def test_good_rows_alone(boss: Client, alpha: Site) -> None:
    batch = imported(
        boss,
        [
            ["坏", "bad@import.example", "nowhere", "编辑"],
            ["好", "ok@import.example", "alpha", "编辑"],
        ],
    )
    assert [item.number for item in batch.items.all()] == [3]
    assert batch.wishes["left_out"][0][:2] == [2, "bad@import.example"]


def test_a_delegate_asks_and_learns_nothing(
    delegate: Client, alpha: Site, beta: Site, epsilon: Site
) -> None:
    known = add_member("known@import.example", beta, ["editor"], name="在镇")[0]
    hidden = add_member("hidden@import.example", epsilon, ["editor"], name="外人")[0]
    User.everyone.filter(pk=hidden.pk).update(is_active=False)
    rows = [
        ["外人", hidden.email, "alpha", "编辑"],
        ["无人", "nobody@import.example", "alpha", "编辑"],
        ["在镇", known.email, "beta", "审核员"],
        ["越权", "x@import.example", "epsilon", "编辑"],
    ]
    preview = previewed(delegate, rows).context["preview"]
    assert [row.number for row in preview.bad] == [5]
    first, second = preview.good[:2]
    assert [note.text for note in first.notes] == [note.text for note in second.notes]
    batch = imported(delegate, rows)
    outcome = results(batch)
    assert [state for state, _text in outcome] == ["done", "done", "done"]
    assert outcome[0][1].replace(hidden.email, "X") == outcome[1][1].replace(
        "nobody@import.example", "X"
    )
    assert "http" not in outcome[0][1]
    assert roles(hidden.email, alpha) is None
    assert roles(known.email, beta) == ["editor", "reviewer"]
    asked = Invitation.objects.filter(tenant_id=alpha.id).values_list("email", flat=True)
    assert set(asked) == {hidden.email, "nobody@import.example"}
    assert not User.everyone.filter(email="nobody@import.example").exists()


def test_who_has_lost_the_branch_imports_nothing(
    delegate: Client, delegate_user: User, alpha: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The preview's answer is judged anew, and so is each row when its turn comes."""
    preview = previewed(delegate, [["新", "late@import.example", "alpha", "编辑"]]).context[
        "preview"
    ]
    forged = json.dumps([[2, ["新", "late@import.example", "epsilon", "编辑"]]])
    for rows in (forged, "nonsense", "[[1]]", "[]", json.dumps([[2, ["a", "b"]]])):
        response = delegate.post(IMPORT, {"rows": rows, "reason": "x"})
        assert response.status_code == 200
    delegate_user.delegations.all().delete()
    assert delegate.post(IMPORT, {"rows": preview.packed, "reason": "x"}).status_code == 302
    assert not Batch.objects.filter(kind="person.import").exists()


def test_a_row_whose_turn_comes_too_late(
    delegate: Client, delegate_user: User, alpha: Site
) -> None:
    batch = imported(delegate, [["新", "late@import.example", "alpha", "编辑"]])
    item = batch.items.get()
    delegate_user.delegations.all().delete()

    Invitation.objects.all().delete()
    BatchItem.objects.filter(pk=item.pk).update(state="waiting")
    with shared_context():
        work_on.enqueue(item.pk)
    item.refresh_from_db()
    assert item.state == "failed"
    assert not Invitation.objects.exists()


def test_a_preview_of_a_thousand_rows_asks_as_much_as_one(
    boss: Client, alpha: Site, django_assert_max_num_queries: Any
) -> None:
    rows = [[f"人{n}", f"n{n}@import.example", "alpha", "编辑"] for n in range(1000)]
    boss.get(IMPORT)
    with django_assert_max_num_queries(25):
        assert len(previewed(boss, rows).context["preview"].good) == 1000
