"""Opening many sites: several at once, each in a transaction of its own.

A batch that is killed leaves whole sites only, and running it again opens the rest.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Barrier

from django.db import DatabaseError, connections
from django.utils import translation
from django.utils.translation import gettext as _

from sitecluster.tenancy import connection
from tenants.provisioning import Outcome, ProvisionError, provision

from .roster import Row, in_order

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """What became of a row: an outcome, or problems."""

    row: Row
    outcome: Outcome | None
    problems: tuple[str, ...] = ()


def run(rows: list[Row], jobs: int) -> Iterator[Result]:
    """Open the sites of the good rows, ``jobs`` at once, and yield each row's result as it comes.

    A site whose parent could not be opened is reported and left out; the others go on.
    """
    language = translation.get_language()  # a thread's own, so each is told
    for row in rows:
        if row.problems:
            yield Result(row, None, row.problems)
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for generation in in_order(rows):
                futures = [pool.submit(_open, row, language) for row in generation]
                for future in as_completed(futures):
                    yield future.result()
        except BaseException:  # Ctrl-C ends the batch after the sites under way
            pool.shutdown(cancel_futures=True)
            raise
        everyone = Barrier(jobs)
        for _number in range(jobs):
            pool.submit(_leave, everyone)


def _open(row: Row, language: str | None) -> Result:
    connection.recycle()
    try:
        with translation.override(language):
            return Result(row, provision(row.order))
    except ProvisionError as error:
        return Result(row, None, tuple(error.problems))
    except DatabaseError as error:
        logger.exception("The site %s could not be opened.", row.order.code)
        reason = str(error).partition("\n")[0]
        return Result(row, None, (_("The database refused: %(reason)s") % {"reason": reason},))


def _leave(everyone: Barrier) -> None:
    """Close this thread's own connection, once each thread is here."""
    everyone.wait()
    connections.close_all()
