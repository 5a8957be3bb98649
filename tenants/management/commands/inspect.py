"""Fetches a site as a citizen would and judges it by the rules for pages (B.6 to B.8)."""

import argparse
import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from sitecluster.cms.leaving.addresses import listed, own_hosts
from sitecluster.cms.models import SiteIdentity
from sitecluster.inspection.judging import inspect
from sitecluster.inspection.rules import Evidence, Verdict
from sitecluster.inspection.visiting import PAGES, NotFound
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.readiness import require_upgraded


class Command(BaseCommand):
    help = "Judges the public pages of a site, or of any site on the web, by the rules of B.6-B.8."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("code", nargs="?", help="a site of this cluster")
        parser.add_argument("--url", help="the home page of any site instead")
        parser.add_argument(
            "--pages", type=int, default=PAGES, metavar="N", help=f"fetched at most ({PAGES})"
        )
        parser.add_argument("--json", action="store_true", help="a list of objects")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["code"]) == bool(options["url"]):
            raise CommandError(_("Give the code of a site or --url."))
        address, known = options["url"], frozenset[str]()
        if options["code"]:
            address, known = _own(options["code"])
        try:
            verdicts = inspect(address, options["pages"], known)
        except NotFound as error:
            raise CommandError(_("No page answers at %s.") % error) from None
        if options["json"]:
            rows = [_described(verdict) for verdict in verdicts]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_lines(verdicts)))
        if any(not each.passed and each.rule.evidence is Evidence.VERIFIED for each in verdicts):
            raise SystemExit(1)


def _own(code: str) -> tuple[str, frozenset[str]]:
    require_upgraded()
    site = directory.snapshot().by_code.get(code)
    if site is None:
        raise CommandError(_("There is no site %s.") % code)
    if site.address is None:
        raise CommandError(_("%s has no public address.") % site.name)
    with tenant_context(site):
        white_lists = SiteIdentity.objects.values_list("white_list", flat=True)
        named = [host for text in white_lists for host in listed(text)]
    return site.address.url(), own_hosts() | frozenset(named)


def _described(verdict: Verdict) -> dict[str, Any]:
    return {
        "part": verdict.rule.part,
        "rule": str(verdict.rule.name),
        "evidence": verdict.rule.evidence.value,
        "passed": verdict.passed,
        "pages": len(verdict.findings),
        "failures": [{"url": each.url, "problem": str(each.problem)} for each in verdict.failures],
    }


def _lines(verdicts: Iterable[Verdict]) -> Iterable[str]:
    for verdict in verdicts:
        passed, count = _("pass") if verdict.passed else _("FAIL"), len(verdict.findings)
        good = count - len(verdict.failures)
        rule = verdict.rule
        yield f"{passed}\t{rule.part} {rule.evidence.value}\t{rule.name}\t{good}/{count}"
        for failure in verdict.failures:
            yield f"\t\t{failure.url}\t{failure.problem}"
