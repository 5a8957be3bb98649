"""How a refusal names a site to somebody who may not run it.

Codes, addresses and organs are taken once in the whole cluster, so a delegate or an applicant can
meet what belongs to another branch; they learn that it is taken, and not by whom.
"""

from typing import Any

from django.utils.translation import gettext as _

from sitecluster.accounts.models import Delegation
from sitecluster.audit.origin import TASK, origin
from sitecluster.tenancy import serving


def called(site: Any, what: str = "") -> str:
    """The name of the site (or ``what``, something of its own), if whoever asks may read it.

    Commands may; tasks, whose words are read by whoever started them, may not.
    """
    return (what or str(site.name)) if may_name(site) else _("another site")


def may_name(site: Any) -> bool:
    """May whoever asks know that it is this site?"""
    now = serving()
    if now is None:
        return not origin().startswith(TASK)
    user = getattr(now.request, "user", None)
    if user is None or not user.is_authenticated:
        return False
    branches = [user.branch(role) for role in Delegation.Role.values]
    return any(branch is None or site.id in branch for branch in branches)
