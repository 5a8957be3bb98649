"""What of a standing site becomes a blueprint: its live pages and what they use.

The rows go by the declared list (`handing_on`) into a schema that doesn't outlive the transaction,
are cleaned there and read again. The structure is that of the newest blueprint, the same for all
sites of this code, so no program has to see what isn't committed yet.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from sitecluster.cms import starting
from sitecluster.cms.publication import publishing
from sitecluster.tenancy import connection, shared_context, tenant_context

from . import blueprinting, cleaning, directory, dump
from .handing_on import handed_on
from .models import Blueprint
from .provisioning import ProvisionError, refuse_behind

Clean = Callable[[], None]


@dataclass(frozen=True)
class Extract:
    """A dump with what belongs to it in the shared schema."""

    taken: dump.Dump
    items: str
    moments: dict[str, int]


def extract(
    site: directory.Site, words: Mapping[str, str], finish: Clean, *, articles: bool = True
) -> Extract:
    """Read ``site`` for a blueprint, in the current transaction.

    ``words`` maps what its texts say to the tokens of blueprints, ``finish`` does in the copy what
    is wanted beyond `cleaning`. Raises `ProvisionError`.
    """
    refuse_behind(site)
    structure = frame()
    with tenant_context(site), publishing():
        rows = dump.refill(structure, site.schema_name, handed_on(), renew=False)
    with template() as schema:
        dump.replay(rows, schema, words)
        connection.set_schema(schema)
        cleaning.clean(site, articles=articles)
        finish()
        cleaning.index_again()
        connection.check_constraints()  # a new site's replay would fail on what dangles
        return Extract(
            dump.refill(structure, schema, handed_on()),
            starting.library_rows(),
            starting.recent_moments(),
        )


@contextmanager
def template() -> Iterator[str]:
    """A template schema's name; nothing of what the block does to the database stays."""
    with shared_context(), transaction.atomic():
        yield blueprinting.unguessable("extract")
        transaction.set_rollback(True)


def frame() -> dump.Dump:
    """A dump with the structure of this code's sites; raises `ProvisionError`."""
    newest = Blueprint.objects.order_by("pk").last()
    if newest is None or not blueprinting.mark_of(newest):
        text = _("The blueprints are of another version of the platform: run “manage.py upgrade”.")
        raise ProvisionError([text])
    return blueprinting.dump_of(newest)
