"""Two branches filled alike: one that the delegate runs, and a foreign one that must not show."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from sitecluster.accounts import delegation
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import Delegation, Invitation, User
from sitecluster.audit.trail import record
from sitecluster.tasks.claiming import Status
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import tenant_context
from sitecluster_console.opening.steps import ANSWERED, STEPS
from sitecluster_console.shared.models import Batch, BatchItem, Opening
from tenants import directory, switching
from tenants.directory import Site
from tenants.models import Backup, Clearance, Domain, Gate, Tenant, Usage
from tenants.orders import Order
from tenants.provisioning import provision
from tests.tasks import jobs

NEEDLE = "needlex"  # stands beside the secrets, and is what a stranger searches for
SECRETS = ("fremd", "异域")
SITE_ID_CODE = "6199990001"  # that of the foreign branch
FOREIGN = ("fremd", "异域needlex县人民政府"), ("fremdamt", "异域needlex县教育局")


@dataclass
class Branch:
    """A branch with a row of everything that the console shows."""

    top: Site
    site: Site
    """Strictly below the top."""
    person: User
    """At home there."""
    delegation: Delegation
    opening: Opening
    """Asked for by the person."""
    draft: Opening
    """Being filled in by whoever runs the branch."""
    batch: Batch
    invitation: Invitation
    backup: Backup
    domain: Domain

    def keys(self, kind: str) -> list[Any]:
        """The primary keys of its rows of this kind."""
        if kind == "site":
            return [self.site.id]
        rows = [self.opening, self.draft] if kind == "opening" else [getattr(self, kind)]
        return [row.pk for row in rows]

    @property
    def facts(self) -> dict[str, list[str]]:
        """What no second site may have, by the fields that ask for it."""
        answers = self.opening.answers
        codes = [self.site.code, answers["code"]]
        names = [self.site.name, answers["name"]]
        places = [f"www.{self.top.code}.example", self.domain.host]
        people = [self.person.email, self.delegation.user.email]
        return {
            "code": codes,
            "name": names,
            "legal_name": names,
            "host_unit": names,
            "domain": places,
            "site_id_code": [SITE_ID_CODE],
            "number": [SITE_ID_CODE],
            "email": people,
            "admin": people,
        }

    @property
    def words(self) -> list[str]:
        """What somebody could type to get at it."""
        return [self.site.code, str(self.site.id), str(self.person.pk), self.person.email]


def foreign_sites() -> tuple[Site, Site]:
    """A portal and a department below it, whose names and codes hold the secrets."""
    (top, top_name), (code, name) = FOREIGN
    portal = Order(code=top, name=top_name, kind="portal", domain=f"www.{top}.example")
    orders = (portal, Order(code=code, name=name, kind="department", parent=top))
    above, below = (provision(order).site for order in orders)
    directory.forget()
    return above, below


def fill(top: Site, site: Site, *, word: str, runner: User, boss: User) -> Branch:
    """Rows of everything; ``word`` stands in all of them, ``runner`` runs the branch."""
    person = add_member(f"{site.code}.{NEEDLE}@{site.code}.example", site, ["editor"])[0]
    person.first_name = f"{word}{NEEDLE}人"
    person.save()
    helper = add_member(f"helper@{site.code}.example", site, ["editor"], name=f"{word}助手")[0]
    given = delegation.give(helper, site, "applicant", by=boss, reason=f"{word}授权")
    switching.enable(site.code, "board")
    row = Tenant.objects.get(pk=site.id)
    shared = _rows_of_the_console(top, row, word, runner, person)
    record("theme.set", site=site, by=person, subject=f"{word}{NEEDLE}事", reason=word)
    _failed_task(site, word)
    Usage.objects.update_or_create(
        tenant=row, defaults={"files": 3, "file_bytes": 300, "measured_at": timezone.now()}
    )
    Clearance.objects.create(
        tenant=row, gate=Gate.objects.get(code="approval"), number=f"{word}〔2026〕1号"
    )
    if word == "异域":
        gate = Gate.objects.get(code="site-id-code")
        Clearance.objects.create(tenant=row, gate=gate, number=SITE_ID_CODE)
    domain = Domain.objects.create(tenant=row, host=f"old.{site.code}.example", is_primary=False)
    return Branch(top, site, person, given, **shared, domain=domain)


def _rows_of_the_console(
    top: Site, row: Tenant, word: str, runner: User, person: User
) -> dict[str, Any]:
    answers = {"kind": "department", "code": f"{row.code}-neu", "name": f"{word}{NEEDLE}新站"}
    opening = Opening.objects.create(
        answers={**answers, "parent": top.id},
        parent_id=top.id,
        state=Opening.State.REQUESTED,
        asked_by=person,
        asked_at=timezone.now(),
        reason=word,
    )
    draft = Opening.objects.create(
        answers={
            **answers,
            "parent": top.id,
            "name": f"{word}{NEEDLE}又一站",
            "code": f"{row.code}-zwei",
            "host_unit": f"{word}{NEEDLE}又一站",
            "theme": "department",
            "plugins": [],
            "admin": person.email,
            "admin_name": person.first_name,
            ANSWERED: [step.name for step in STEPS],
        },
        parent_id=top.id,
        state=Opening.State.DRAFT,
        asked_by=runner,
    )
    batch = Batch.objects.create(kind="upgrade", title=f"{word}{NEEDLE}批次", created_by=runner)
    BatchItem.objects.create(batch=batch, number=1, code=row.code, name=row.name, site=row)
    invitation = Invitation.objects.create(
        tenant_id=top.id,
        email=person.email,
        name=f"{word}{NEEDLE}人",
        token_hash=secrets.token_hex(32),
        invited_by=runner,
        expires_at=timezone.now() + timedelta(days=7),
    )
    backup = Backup.objects.create(
        tenant=row,
        file=f"{row.code}-{word}.tar",
        state=Backup.State.DONE,
        reason=word,
        finished_at=timezone.now(),
    )
    return {
        "opening": opening,
        "draft": draft,
        "batch": batch,
        "invitation": invitation,
        "backup": backup,
    }


def _failed_task(site: Site, word: str) -> None:
    with tenant_context(site):
        result = jobs.fail.enqueue("x")
    QueuedTask.objects.filter(pk=result.id).update(
        status=Status.FAILED, problem=f"{word}{NEEDLE}", traceback=word
    )
