"""Titles of acts for the screens. An act that isn't here is shown as it was recorded."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _, pgettext_lazy

Title = str | Promise
_titles: dict[str, Title] = {
    "site.provisioned": _("Site opened"),
    "site.address_changed": _("Site address changed"),
    "site.address_added": _("Site address added"),
    "site.address_redirected": _("Site address leads to the primary one"),
    "site.address_shown": _("Site address no longer leads elsewhere"),
    "site.address_dropped": _("Site address taken away"),
    "site.state_changed": _("Site state changed"),
    "site.went_live": _("Site opened to the public"),
    "site.opened_without_gates": _("Site opened without all gates passed"),
    "site.taken_offline": _("Site taken offline"),
    "site.pause_changed": _("Notice of an offline site changed"),
    "site.brought_back": _("Site brought back"),
    "site.frozen": _("Site made read-only"),
    "site.unfrozen": _("Site no longer read-only"),
    "site.closed": _("Site closed"),
    "site.reopened": _("Closed site opened again"),
    "site.removal_asked": _("Removal of a site ordered"),
    "site.removed": _("Site removed"),
    "clearance.recorded": _("Opening gate passed"),
    "clearance.withdrawn": _("Opening gate no longer passed"),
    "limit.set": _("Limit of a rule changed"),
    "gate.set": _("Rule about an opening gate changed"),
    "site.identity_changed": _("Identity of a site changed"),
    "site.quota_set": _("Quota of a site set"),
    "site.second_factor_set": _("Second factor required or not"),
    "site.restored": _("Site restored from a backup"),
    "backup.made": _("Backup made"),
    "backup.downloaded": _("Backup downloaded"),
    "backup.deleted": _("Backup deleted"),
    "library.repaired": _("Information library repaired"),
    "theme.set": _("Theme set"),
    "member.added": _("Member added"),
    "member.invited": _("Member invited"),
    "member.invitation_withdrawn": _("Invitation withdrawn"),
    "member.accepted": _("Invitation accepted"),
    "member.declined": _("Invitation declined"),
    "member.roles_set": _("Roles of a member changed"),
    "member.ended": _("Membership ended"),
    "delegation.given": _("Branch delegated"),
    "delegation.ended": _("Delegation ended"),
    "group.made": _("Group made"),
    "group.edited": _("Group changed"),
    "group.removed": _("Group removed"),
    "account.edited": _("Account changed"),
    "account.home_moved": _("Home site of an account changed"),
    "account.address_asked": _("New email address asked for"),
    "account.link_mailed": _("Sign-in link mailed"),
    "account.second_factor_set": _("Second factor required of a person or not"),
    "account.suspended": _("Account suspended"),
    "account.reinstated": _("Account reinstated"),
    "account.locked": _("Account locked after failed sign-ins"),
    "account.unlocked": _("Account unlocked"),
    "password.changed": _("Password changed"),
    "second_factor.enrolled": _("Second factor set up"),
    "second_factor.removed": _("Second factor removed"),
    "second_factor.reset": _("Second factor reset"),
    "recovery.used": _("Recovery code used"),
    "recovery.renewed": _("Recovery codes renewed"),
    "token.created": _("API token made"),
    "token.revoked": _("API token revoked"),
    "column.added": _("Must-have column added"),
    "column.withdrawn": _("Column withdrawn"),
    "blueprint.opened": _("Blueprint opened for editing"),
    "blueprint.published": _("New version of a blueprint"),
    "blueprint.copied": _("Blueprint made from a site"),
    "blueprint.restored": _("Blueprint back to the platform's own"),
    "plugin.enabled": _("Plugin switched on"),
    "plugin.disabled": _("Plugin switched off"),
    "plugin.purged": _("Data of a plugin deleted"),
    "upgrade.finished": _("Upgrade finished"),
    "upgrade.failed": _("Upgrade failed"),
    "task.failed": _("Task failed for good"),
    "task.retried": _("Task started again"),
}
_keys: dict[str, Title] = {
    "added": pgettext_lazy("columns", "added"),
    "removed": pgettext_lazy("columns", "removed"),
    "renamed": pgettext_lazy("columns", "renamed"),
    "address": _("address"),
    "archive_url": _("address of the archive"),
    "authority": _("authority"),
    "appointments": _("appointments"),
    "backup": _("backup"),
    "delegations": _("delegations"),
    "despite": _("went ahead although"),
    "gate": _("opening gate"),
    "gates": _("opening gates not passed"),
    "issued_on": _("date"),
    "items": _("published items"),
    "members": _("members"),
    "memberships": _("memberships"),
    "number": _("number"),
    "own_domain": _("only with a domain of its own"),
    "redirects": _("addresses that lead to the primary one"),
    "required": _("required"),
    "tasks": _("background tasks"),
    "until": _("planned until"),
    "value": _("value"),
    "addresses": _("addresses"),
    "blueprint": _("blueprint version"),
    "email": _("email address"),
    "file": pgettext_lazy("backup", "file"),
    "is_superuser": _("platform admin"),
    "kind": _("kind"),
    "max_bytes": _("most bytes of uploads"),
    "max_items": _("most published items"),
    "name": _("name"),
    "notice": _("notice"),
    "parent": _("site above"),
    "plugins": _("plugins"),
    "reason": _("reason"),
    "role": _("role"),
    "site": _("site"),
    "unpublished": _("unpublished pages"),
    "roles": _("roles"),
    "rows": pgettext_lazy("database", "rows"),
    "sanction": _("as a sanction"),
    "second_factor": _("second factor"),
    "state": _("state"),
    "theme": _("theme"),
}


def register(titles: Mapping[str, Title], keys: Mapping[str, Title] | None = None) -> None:
    """Give acts a title, and names to the values before and after, lazily translated.

    A plugin does so for its own when it is ready.
    """
    _titles.update(titles)
    _keys.update(keys or {})


def title(act: str) -> str:
    """The act in the reader's language, or as it was recorded."""
    return str(_titles.get(act, act))


def key(name: str) -> str:
    """What a value of before and after is called in the reader's language."""
    return str(_keys.get(name, name))


def titled() -> list[str]:
    """Every act with a title."""
    return list(_titles)
