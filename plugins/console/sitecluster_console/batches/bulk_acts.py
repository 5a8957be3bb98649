"""Acts on many sites: what each asks for, and what it does with one site as an item of a batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.cms import required_columns
from sitecluster.cms.required_columns import Articles, Wanted, Why, Withdrawal
from sitecluster.library.models import Item as LibraryItem
from sitecluster.tenancy import tenant_context
from sitecluster.theming.catalogue import themes
from sitecluster_console.shared.models import Batch, BatchItem
from tenants import directory, identifying, switching, usage
from tenants.emptying import refusals_as
from tenants.life import lifecycle
from tenants.life.steps import ACTS as STEPS
from tenants.models import Tenant
from tenants.provisioning import refuse_behind

from . import bulk_forms as forms
from .work import BatchProblem, kind


@dataclass(frozen=True)
class BulkAct:
    """An act that is offered for chosen sites; ``name`` stands in its address, ``kind`` is that of
    its batches."""

    name: str
    kind: str
    title: Any
    text: Any
    icon: str
    form: type[forms.ActForm]
    warning: Any = ""


ACTS = {
    act.name: act
    for act in (
        BulkAct(
            "add-column",
            "column.add",
            gettext_lazy("Add a must-have column"),
            gettext_lazy("Every chosen site gets the column; one that has it is marked."),
            "plus",
            forms.ColumnForm,
        ),
        BulkAct(
            "withdraw-column",
            "column.withdraw",
            gettext_lazy("Withdraw a column"),
            gettext_lazy("It goes from the chosen sites; its address leads to the site above."),
            "minus",
            forms.WithdrawForm,
            gettext_lazy("Pages below it are no longer public."),
        ),
        BulkAct(
            "setting",
            "setting.set",
            gettext_lazy("Set a setting"),
            gettext_lazy("Facts of the identity, the second factor, quotas."),
            "cog",
            forms.SettingForm,
        ),
        BulkAct(
            "plugin",
            "plugin.switch",
            gettext_lazy("Switch a plugin"),
            gettext_lazy("On or off; what it has kept stays."),
            "code",
            forms.PluginForm,
        ),
        BulkAct(
            "theme",
            "theme.set",
            gettext_lazy("Change the theme"),
            gettext_lazy("The look of the public pages."),
            "view",
            forms.ThemeForm,
        ),
        BulkAct(
            "state",
            "site.step",
            gettext_lazy("Change the state"),
            gettext_lazy("Open, take offline, bring back, make read-only."),
            "history",
            forms.StateForm,
        ),
    )
}
KINDS = {act.kind for act in ACTS.values()}


@kind("column.add", title=ACTS["add-column"].title)
def add_column(item: BatchItem, batch: Batch) -> str | None:
    """Give the site the column."""
    with _within(item):
        return required_columns.add(Wanted(**batch.wishes), _why(batch))


@kind("column.withdraw", title=ACTS["withdraw-column"].title)
def withdraw_column(item: BatchItem, batch: Batch) -> str | None:
    """Take the column from the site."""
    wishes = batch.wishes
    leads_to = _centre(_site(item), wishes["centre"]) if wishes["redirect"] else ""
    with _within(item):
        wanted = Withdrawal(
            path=wishes["path"],
            articles=Articles(wishes["articles"]),
            target=wishes["target"],
            leads_to=leads_to,
        )
        return required_columns.withdraw(wanted, _why(batch))


@kind("setting.set", title=ACTS["setting"].title)
def set_setting(item: BatchItem, batch: Batch) -> str | None:
    """Set a fact of the identity, the second factor or a limit."""
    tenant, name, value = _site(item), batch.wishes["setting"], batch.wishes["value"]
    labels = dict(forms.settings_of(batch.created_by))
    if name not in labels:
        raise BatchProblem(_("Who started the batch may not change this setting."))
    shared = name in forms.identity_fields()
    before: Any = _identity(tenant)[name] if shared else getattr(tenant, name)
    if before == value:
        return None
    if shared:
        identifying.change_identity(tenant.code, {name: value}, **_who(batch))
    elif name == forms.SECOND_FACTOR:
        lifecycle.set_second_factor(tenant.code, required=value, **_who(batch))
    else:
        limits = {"max_bytes": tenant.max_bytes, "max_items": tenant.max_items, name: value}
        usage.set_quota(tenant.code, **limits, **_who(batch))
    return _("%(setting)s: %(before)s → %(after)s") % {
        "setting": labels[name],
        "before": _said(before),
        "after": _said(value),
    }


@kind("plugin.switch", title=ACTS["plugin"].title)
def switch_plugin(item: BatchItem, batch: Batch) -> str | None:
    """Turn the plugin on or off."""
    tenant, wishes, who = _site(item), batch.wishes, _who(batch)
    plugin, by = wishes["plugin"], who.pop("by")
    if (plugin in tenant.plugins) == (wishes["switch"] == "on"):
        return None
    if wishes["switch"] == "on":
        required = wishes["with_required"]
        site = switching.enable(tenant.code, plugin, by, with_required=required, **who)
        return _("On: %s.") % ", ".join(sorted(site.plugins - set(tenant.plugins)))
    switching.disable(tenant.code, plugin, by, unpublish=wishes["unpublish"], **who)
    return _("Off.")


@kind("theme.set", title=ACTS["theme"].title)
def set_theme(item: BatchItem, batch: Batch) -> str | None:
    """Give the site the theme."""
    tenant, theme = _site(item), batch.wishes["theme"]
    if tenant.theme == theme:
        return None
    before = tenant.theme
    lifecycle.set_theme(tenant.code, theme, **_who(batch))
    return f"{_theme(before, batch)} → {_theme(theme, batch)}"


@kind("site.step", title=ACTS["state"].title)
def take_step(item: BatchItem, batch: Batch) -> str | None:
    """Take a step in the site's life."""
    tenant, wishes = _site(item), batch.wishes
    step = STEPS[wishes["step"]]
    if tenant.state == step.after and tenant.state not in step.before:
        return None
    until = date.fromisoformat(wishes["until"]) if wishes["until"] else None
    wanted = {"notice": wishes["notice"], "until": until}
    asked = {name: value for name, value in wanted.items() if name in step.asks}
    lifecycle.act(tenant.code, step.name, **asked, **_who(batch))
    return str(step.after.label)


def _site(item: BatchItem) -> Tenant:
    """The item's site as it is now; raises `BatchProblem`."""
    if item.site is None:
        raise BatchProblem(_("The site is gone."))
    item.site.refresh_from_db()
    return item.site


@contextmanager
def _within(item: BatchItem) -> Iterator[None]:
    """The site's schema, active; what stands against the act there becomes a `BatchProblem`."""
    site = directory.record(_site(item))
    refuse_behind(site)
    with refusals_as(lambda problems: BatchProblem(*problems)), tenant_context(site):
        yield


def _identity(tenant: Tenant) -> dict[str, str]:
    site = directory.record(tenant)
    refuse_behind(site)
    return identifying.identity_of(site)


def _centre(tenant: Tenant, path: str) -> str:
    """The address of ``path`` on the site above."""
    above = directory.record(tenant.parent) if tenant.parent else None
    if above is None or above.address is None:
        raise BatchProblem(_("There is no site above to which its address could lead."))
    inner = f"/{path.strip('/')}/" if path.strip("/") else "/"
    pages = LibraryItem.objects.filter(tenant_id=above.id, path=inner, withdrawn_at=None)
    if not pages.exists():
        text = _("%(name)s has no page at %(path)s.")
        raise BatchProblem(text % {"name": above.name, "path": inner})
    return above.address.url(inner)


def _theme(name: str, batch: Batch) -> str:
    theme = themes().get(name)
    return theme.title(batch.language) if theme else name


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("required") if value else _("not required")
    return _("none") if value in (None, "") else str(value)


def _why(batch: Batch) -> Why:
    return Why(**_who(batch))


def _who(batch: Batch) -> dict[str, Any]:
    return {"by": batch.created_by, "reason": batch.reason, "document": batch.document}
