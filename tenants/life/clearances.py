"""The opening gates of a site, and the record that it has passed them (guideline 2017-47, B.4).

Which gates there are and which are required are rows of `models.Gate`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.cms.identity import SITE_ID_CODE_PATTERN
from tenants import directory
from tenants.changing import changing, note
from tenants.models import Clearance, Gate, Kind, Tenant
from tenants.provisioning import ProvisionError

SITE_ID_CODE = "site-id-code"
TITLES = {
    "approval": gettext_lazy("Approval to open the site"),
    "mark": gettext_lazy("Mark of party and government sites"),
    "icp": gettext_lazy("ICP filing"),
    "police": gettext_lazy("Filing with the police"),
    SITE_ID_CODE: gettext_lazy("Site identification code"),
    "security-test": gettext_lazy("Security test passed"),
    "opening-notice": gettext_lazy("Opening notice on the portal above"),
}
KEPT = {
    "approval": gettext_lazy("Document number, who approved and when"),
    "mark": gettext_lazy("Code of the mark and number of the certificate"),
    "icp": gettext_lazy("ICP filing number"),
    "police": gettext_lazy("Police filing number"),
    SITE_ID_CODE: gettext_lazy("The code of ten characters from the national reporting system"),
    "security-test": gettext_lazy("Number of the report, who tested and when"),
    "opening-notice": gettext_lazy("Address of the notice and its date"),
}


@dataclass(frozen=True)
class Step:
    """A gate as it concerns one site, and the record that it was passed, if it was."""

    gate: Gate
    clearance: Clearance | None

    @property
    def title(self) -> str:
        """What the gate is called in the reader's language."""
        return title(self.gate)

    @property
    def kept(self) -> str:
        """What is to be recorded."""
        return str(KEPT.get(self.gate.code, ""))

    @property
    def missing(self) -> bool:
        """Does it stand in the way of opening the site?"""
        return self.gate.required and self.clearance is None


def title(gate: Gate) -> str:
    """What the gate is called in the reader's language."""
    return str(TITLES.get(gate.code, gate.code))


def checklist(site: Tenant) -> list[Step]:
    """The gates that concern the site, in order, with what is recorded; five queries at most."""
    if site.kind == Kind.CONTROL or site.is_blueprint:
        return []
    gates = Gate.objects.all()
    if not has_own_domain(site):
        gates = gates.filter(own_domain=False)
    passed = {row.gate_id: row for row in site.clearances.select_related("recorded_by")}
    return [Step(gate, passed.get(gate.code)) for gate in gates]


def missing(site: Tenant) -> list[Gate]:
    """The required gates that the site hasn't passed; it can't open while there are some."""
    return [step.gate for step in checklist(site) if step.missing]


def has_own_domain(site: Tenant) -> bool:
    """Has the site a host that doesn't lie below its parent's?

    A site at a path or a subdomain of the portal goes under the portal's filings.
    """
    hosts = set(site.domains.values_list("host", flat=True))
    if site.parent_id is None:
        return bool(hosts)
    above = set(_hosts(site.parent_id))
    roots = [host.removeprefix("www.") for host in above]
    return any(
        host not in above and not any(host.endswith("." + root) for root in roots) for host in hosts
    )


def _hosts(tenant_id: int) -> list[str]:
    rows = Tenant.objects.filter(pk=tenant_id, domains__isnull=False)
    return list(rows.values_list("domains__host", flat=True))


def record_clearance(
    code: str,
    gate_code: str,
    *,
    number: str,
    authority: str = "",
    issued_on: date | None = None,
    remark: str = "",
    by: Any,
) -> Clearance:
    """Keep that the site has passed the gate; what was recorded before is replaced.

    Raises `ProvisionError` for an unknown gate or a number that can't be right.
    """
    gate = _gate(gate_code)
    number, authority = number.strip(), authority.strip()
    problems = faults(gate, number, issued_on)
    if problems:
        raise ProvisionError([text for _field, text in problems])
    with changing(code) as tenant:
        old = tenant.clearances.filter(gate=gate).first()
        values = {
            "number": number,
            "authority": authority,
            "issued_on": issued_on,
            "note": remark.strip(),
        }
        clearance, _made = Clearance.objects.update_or_create(
            tenant=tenant, gate=gate, defaults={**values, "recorded_by": by}
        )
        site = directory.record(tenant)
        after = _facts(clearance)
        note("clearance.recorded", site, _facts(old) if old else {}, after, {"by": by})
    return clearance


def withdraw_clearance(code: str, gate_code: str, *, by: Any, reason: str) -> None:
    """Take back that the site has passed the gate; raises `ProvisionError`."""
    with changing(code) as tenant:
        clearance = tenant.clearances.filter(gate_id=gate_code).first()
        if clearance is None:
            raise ProvisionError([_("Nothing is recorded for this gate.")])
        before, site = _facts(clearance), directory.record(tenant)
        clearance.delete()
        why = {"by": by, "reason": reason}
        note("clearance.withdrawn", site, before, {"gate": gate_code}, why)


def sentence(gates: Sequence[Gate]) -> str:
    """What is still missing, for whoever wants to open the site."""
    names = _("; ").join(title(gate) for gate in gates)
    return _("These gates are not passed yet: %(gates)s.") % {"gates": names}


def _gate(code: str) -> Gate:
    gate = Gate.objects.filter(pk=code).first()
    if gate is None:
        raise ProvisionError([_("There is no gate %(code)s.") % {"code": code}])
    return gate


def faults(gate: Gate, number: str, issued_on: date | None) -> list[tuple[str, str]]:
    """What can't be right about the record of a gate: the field, and a sentence."""
    found = []
    if not number:
        found.append(("number", _("Say the number that is kept for this gate.")))
    elif gate.code == SITE_ID_CODE and not re.match(SITE_ID_CODE_PATTERN, number):
        text = _("%(code)s isn't a site identification code (guideline 2017-47, B.4).")
        found.append(("number", text % {"code": number}))
    if issued_on and issued_on > timezone.localdate():
        found.append(("issued_on", _("The date lies in the future.")))
    return found


def _facts(clearance: Clearance) -> dict[str, Any]:
    return {
        "gate": clearance.gate_id,
        "number": clearance.number,
        "authority": clearance.authority,
        "issued_on": clearance.issued_on,
        "note": clearance.note,
    }
