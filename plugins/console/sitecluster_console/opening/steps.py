"""The answers of an opening: which steps they fill, what is wrong with them, what they order."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from sitecluster_console.shared.models import Opening
from tenants.orders import Order

from .forms import (
    IDENTITY,
    AdminForm,
    DomainForm,
    IdentityForm,
    KindForm,
    NameForm,
    PluginsForm,
    StepForm,
)
from .theme import ThemeForm

ANSWERED = "_steps"  # which steps were filled in, among the answers


@dataclass(frozen=True)
class Step:
    """A step of the wizard; ``name`` stands in its address."""

    name: str
    label: Any
    form: type[StepForm]
    template: str = ""

    def bound(self, opening: Opening, user: Any) -> StepForm:
        """The step's form with the answers that are kept."""
        return self.form(opening.answers, opening=opening, user=user)

    def is_answered(self, opening: Opening) -> bool:
        """Was the step filled in, well or not?"""
        return self.name in opening.answers.get(ANSWERED, ())


STEPS = (
    Step("kind", _("Kind"), KindForm, "console/opening_kind.html"),
    Step("name", _("Name and place"), NameForm, "console/opening_name.html"),
    Step("domain", _("Address"), DomainForm),
    Step("identity", _("Host unit"), IdentityForm),
    Step("theme", _("Appearance"), ThemeForm, "console/opening_theme.html"),
    Step("plugins", _("Plugins"), PluginsForm, "console/opening_plugins.html"),
    Step("admin", _("First admin"), AdminForm),
)
BY_NAME = {step.name: step for step in STEPS}


def keep(opening: Opening, step: Step, form: StepForm) -> None:
    """Put the answers of a valid form into the opening; saving is the caller's."""
    if step.name == "kind" and form.cleaned_data["kind"] != opening.answers.get("kind"):
        opening.answers = {**opening.answers, "blueprint": ""}  # that was one of another kind
    answered = [*opening.answers.get(ANSWERED, ()), step.name]
    steps = [one.name for one in STEPS if one.name in answered]
    opening.answers = {**opening.answers, **form.answers(), ANSWERED: steps}
    if step.name == "name":
        opening.parent_id = opening.answers["parent"]


def forms_of(opening: Opening, user: Any) -> list[tuple[Step, StepForm]]:
    """The steps with their validated forms, up to the first that isn't answered or isn't valid."""
    found: list[tuple[Step, StepForm]] = []
    for step in STEPS:
        if not step.is_answered(opening):
            break
        form = step.bound(opening, user)
        found.append((step, form))
        if not form.is_valid():
            break
    return found


def next_step(opening: Opening, user: Any) -> Step | None:
    """The first step that isn't well answered; None if all are."""
    found = forms_of(opening, user)
    if found and not found[-1][1].is_valid():
        return found[-1][0]
    return STEPS[len(found)] if len(found) < len(STEPS) else None


def problems_of(opening: Opening, user: Any) -> list[dict[str, str]]:
    """What stands against the answers now, as ``step`` and ``text``; empty if nothing does."""
    found = forms_of(opening, user)
    problems = [
        {"step": step.name, "text": f"{form[name].label}: {text}" if name in form.fields else text}
        for step, form in found
        for name, errors in form.errors.items()
        for text in map(str, errors)
    ]
    if not problems and len(found) < len(STEPS):
        step = STEPS[len(found)]
        problems = [{"step": step.name, "text": f"{step.label}"}]
    return problems


def fingerprint(opening: Opening) -> str:
    """A mark of the answers, so that nothing is opened that the person hasn't read."""
    text = json.dumps(opening.answers, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def order_of(opening: Opening) -> Order:
    """What valid answers order: a site that is being built."""
    answers = opening.answers
    text = {
        name: str(answers.get(name) or "")
        for name in (*IDENTITY, "domain", "admin_name", "blueprint")
    }
    return Order(
        code=answers["code"],
        name=answers["name"],
        kind=answers["kind"],
        parent=opening.parent.code if opening.parent else "",
        domain=text["domain"],
        site_id_code=text["site_id_code"],
        identity={name: text[name] for name in IDENTITY if name != "site_id_code"},
        admin=answers["admin"],
        admin_name=text["admin_name"],
        invite=not (answers.get("how") == AdminForm.ADD and opening.asked_by.is_superuser),
        theme=answers["theme"],
        plugins=tuple(answers["plugins"]),
        blueprint=text["blueprint"],
        live=False,
    )
