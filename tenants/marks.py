"""Which sites are behind this code, known without asking their schemas.

The mark on a site's row, `Tenant.migration_state`, names the code that last upgraded its schema.
It equals this code's own nearly always. Where it doesn't, the schema is asked once for each mark:
after newer code has upgraded it, older processes find that nothing of theirs is lacking.
"""

from collections.abc import Mapping
from typing import Any

from sitecluster.tenancy import connection

from .migrating import lacking, migration_state

_verdicts: dict[tuple[str, str], bool] = {}


def behind(marks: Mapping[str, str], over: Any = connection) -> set[str]:
    """The schemas that lack a migration of this code; ``marks`` maps schemas to their marks.

    A schema without a mark is asked every time, over the connection ``over``.
    """
    own = migration_state()
    strange = {name: mark for name, mark in marks.items() if mark != own}
    unknown = [name for name, mark in strange.items() if (name, mark) not in _verdicts]
    lacks = lacking(unknown, over) if unknown else {}
    for name in unknown:
        if strange[name]:
            _verdicts[name, strange[name]] = name in lacks
    return {name for name, mark in strange.items() if name in lacks or _verdicts.get((name, mark))}


def forget() -> None:
    """Ask again."""
    _verdicts.clear()
