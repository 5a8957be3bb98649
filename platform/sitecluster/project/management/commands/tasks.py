"""What stands in the queue, from the command line."""

import argparse
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from sitecluster.tasks import failures
from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import all_sites, shared_context
from tenants.readiness import require_upgraded

MOST = 200


class Command(BaseCommand):
    help = "Counts the tasks in the queue, lists what failed, lets a failed task run again."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--failed", action="store_true", help="list what failed")
        parser.add_argument("--retry", metavar="ID", help="run this one again, or all that failed")

    def handle(self, *, failed: bool, retry: str | None, **options: Any) -> None:
        require_upgraded()
        with shared_context():
            if retry:
                self._retry(retry)
            elif failed:
                self._list()
            else:
                self._count()

    def _count(self) -> None:
        counts = QueuedTask.objects.order_by().values_list("status").annotate(Count("pk"))
        for status, count in sorted(counts):
            self.stdout.write(f"{status}\t{count}")

    def _list(self) -> None:
        codes = {site.id: site.code for site in all_sites()}
        for row in failures.all_failures()[:MOST]:
            when = localtime(row.started_at).strftime("%Y-%m-%d %H:%M:%S") if row.started_at else ""
            place = codes.get(row.tenant_id or 0, "-")
            columns = [str(row.pk), row.status, when, place, failures.title(row), row.problem]
            self.stdout.write("\t".join(columns))

    def _retry(self, wanted: str) -> None:
        rows = failures.all_failures()
        if wanted == "all":
            ids = list(rows.filter(status="FAILED").values_list("pk", flat=True))
        else:
            try:
                ids = [UUID(wanted)]
            except ValueError:
                raise CommandError(_("%s is no id of a task.") % wanted) from None
        for pk in ids:
            try:
                self.stdout.write(failures.title(failures.retry(pk, rows)))
            except QueuedTask.DoesNotExist:
                raise CommandError(_("No task %s has failed for good.") % pk) from None
