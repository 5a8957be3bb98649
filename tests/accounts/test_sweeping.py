"""What has run out goes, in every installation."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from django.contrib.sessions.models import Session
from django.utils import timezone

from sitecluster.accounts.credentials import SentLink
from sitecluster.accounts.sweeping import sweep

RECURRING = """
import django
django.setup()
from sitecluster.tasks import periods
print(*periods.registered())
"""


def test_what_has_run_out_goes_and_the_rest_stays() -> None:
    now = timezone.now()
    for name, days in (("over", -1), ("open", 1)):
        Session.objects.create(
            session_key=name, session_data="", expire_date=now + timedelta(days=days)
        )
    for address, days in (("old", 2), ("new", 0)):
        SentLink.objects.create(address=address, sent_at=now - timedelta(days=days))
    sweep.call()
    kept = [*Session.objects.values_list("session_key", flat=True)]
    kept += SentLink.objects.values_list("address", flat=True)
    assert kept == ["open", "new"]


def test_every_process_knows_what_recurs() -> None:
    """The modules are imported at start-up, not by whoever happens to need them."""
    done = subprocess.run(
        [sys.executable, "-c", RECURRING],
        cwd=Path(__file__).parents[2],
        env={"DJANGO_SETTINGS_MODULE": "sitecluster.project.settings", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {"sitecluster.tasks.pruning.prune", "sitecluster.accounts.sweeping.sweep"} <= set(
        done.stdout.split()
    )
