"""kill -9 of a restoration leaves the site before or the one after, and never half of either."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from sitecluster.tasks.models import QueuedTask
from sitecluster.tenancy import tenant_context
from tenants import directory
from tenants.backups import making as backups, replaced
from tenants.models import State, Tenant
from tests.tenants.conftest import ask
from tests.tenants.test_batch_kill import Fork, fork as fork, wait_for_servers
from tests.tenants.wholeness import flaws

KILLS = 12
FILES = 40


def state_of(code: str) -> tuple[str, int, int] | None:
    """A site's schema, its pages and its uploads; None where there is no site."""
    directory.forget()
    site = directory.snapshot().by_code.get(code)
    if site is None:
        return None
    pages = ask(f'SELECT count(*) FROM "{site.schema_name}".wagtailcore_page')[0][0]
    with tenant_context(site):
        return site.schema_name, pages, len(list(backups.uploads()))


def drop_replaced() -> None:
    for row in QueuedTask.objects.filter(task_path=replaced.drop.module_path):
        replaced.drop.func(*row.args_kwargs["args"])
        row.delete()


def test_kills_leave_the_site_before_or_after(fork: Fork, tmp_path: Path, settings: object) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # noqa: T201 -- shown when the test fails
    chance, forker = random.Random(seed), fork()
    settings.MEDIA_ROOT, settings.TASKS_RUN_AT_ONCE = tmp_path / "media", False  # type: ignore[attr-defined]
    beta = directory.snapshot().by_code["beta"]
    with tenant_context(beta):
        for number in range(FILES):
            default_storage.save(f"documents/{number}.bin", ContentFile(os.urandom(200_000)))
    target = tmp_path / "beta.zip"
    forker.start("backup", "beta", "--output", str(target))
    assert forker.wait() == 0, forker.output.read_text()
    copy = ("restore", str(target), "--domain", "k.localhost", "--reason", "r", "--code")
    began = time.monotonic()
    forker.start(*copy, "k-first")
    assert forker.wait() == 0, forker.output.read_text()
    seconds = time.monotonic() - began
    whole = state_of("k-first")
    assert whole is not None
    assert whole[1:] == (state_of("beta") or whole)[1:]
    Tenant.objects.get(code="k-first").domains.all().delete()
    shares = [(number + chance.random()) / KILLS for number in range(KILLS)]
    chance.shuffle(shares)
    killed = 0
    for number, share in enumerate(shares):
        in_place = number % 2 == 1
        code = "beta" if in_place else f"k-{number}"
        before = state_of(code)
        command = ("restore", str(target), "--reason", "r") if in_place else (*copy, code)
        child = forker.start(*command)
        time.sleep(share * seconds)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        killed += forker.wait() == -signal.SIGKILL
        wait_for_servers()
        after = state_of(code)
        assert after in (None, before) if after is None else after[1:] == whole[1:], share
        assert not in_place or after is not None
        drop_replaced()
        Tenant.objects.filter(code=code, state=State.BUILDING).update(state=State.LIVE)
        assert flaws([code]) == [], share
        if not in_place and after is not None:
            Tenant.objects.get(code=code).domains.all().delete()
    assert killed >= KILLS // 3
