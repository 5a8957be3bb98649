"""Opens the sites of a roster."""

import argparse
import os
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from tenants.readiness import require_upgraded
from tenants.rosters import batch, roster


class Command(BaseCommand):
    help = "Opens the sites of a CSV or XLSX roster, several at once; good rows go through."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--base-domain", default="", help="instead of BASE_DOMAIN")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="sites at once")
        parser.add_argument("--dry-run", action="store_true", help="check the rows, open nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["jobs"] < 1:
            raise CommandError(_("--jobs must be at least 1."))
        require_upgraded()
        try:
            rows = roster.read(options["file"], options["base_domain"])
        except roster.RosterError as error:
            raise CommandError(str(error)) from None
        if options["dry_run"]:
            results = [batch.Result(row, None, row.problems) for row in rows]
        else:
            bar = tqdm(batch.run(rows, options["jobs"]), total=len(rows), disable=None)
            results = list(bar)
        self._report(results, dry_run=options["dry_run"])

    def _report(self, results: list[batch.Result], *, dry_run: bool) -> None:
        counts = Counter(_verdict(result) for result in results)
        bad = sorted((result for result in results if result.problems), key=lambda r: r.row.number)
        for result in bad:
            for problem in result.problems:
                self.stderr.write(
                    _("Row %(number)d (%(code)s): %(problem)s")
                    % {
                        "number": result.row.number,
                        "code": result.row.order.code,
                        "problem": problem,
                    }
                )
        if dry_run:
            text = _("%(good)d rows are good, %(bad)d are bad; nothing was opened.")
        else:
            text = _("%(opened)d opened, %(unchanged)d unchanged, %(bad)d bad.")
        good = len(results) - len(bad)
        self.stdout.write(
            text % {"opened": 0, "unchanged": 0, **counts, "good": good, "bad": len(bad)}
        )
        if bad:
            raise SystemExit(1)


def _verdict(result: batch.Result) -> str:
    if result.outcome is None:
        return "bad"
    return "opened" if result.outcome.created else "unchanged"
