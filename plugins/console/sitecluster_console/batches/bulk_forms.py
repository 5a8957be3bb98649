"""The forms of acts on many sites. `wishes` is what a batch keeps of them, as JSON can hold it."""

import json
from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language, gettext_lazy as _, pgettext_lazy

from sitecluster.cms.columns import UpdateFrequency
from sitecluster.cms.identity import SiteIdentity, faults
from sitecluster.cms.required_columns import Articles
from sitecluster.cms.slugs import LATIN_SLUG, RESERVED
from sitecluster.library.models import ColumnType
from sitecluster.plugins.contract import Scope
from sitecluster.plugins.registry import installed
from sitecluster.theming.catalogue import themes
from sitecluster.theming.inspection import refusals
from sitecluster_console.fields import GroundsForm, date_field
from tenants import usage
from tenants.identifying import FIELDS, NAME
from tenants.life.steps import ACTS
from tenants.models import State

OWN = frozenset({NAME, "site_id_code"})  # no two sites share them
MEGABYTE = 2**20
Rule = dict[str, list[str]]
"""Names of other fields, and the values of theirs that matter."""
SECOND_FACTOR, BYTES, ITEMS = "second_factor", "max_bytes", "max_items"
QUOTA = (BYTES, ITEMS)


def identity_fields() -> tuple[str, ...]:
    """The facts of a site's identity that several sites may share."""
    return tuple(name for name in FIELDS if name not in OWN)


def path_field(label: Any, **more: Any) -> forms.CharField:
    """The path of a column within a site, such as ``zwgk/fdzdgk``."""
    text = _("Use the path of a column, such as zwgk/fdzdgk.")
    return forms.RegexField(
        r"^/?([a-z0-9]+(-[a-z0-9]+)*/)*([a-z0-9]+(-[a-z0-9]+)*)?\Z",
        label=label,
        max_length=200,
        error_messages={"invalid": text},
        **more,
    )


class ActForm(GroundsForm):
    """An act's own fields before reason and document; ``user`` is who asks."""

    own: tuple[str, ...] = ()
    shown: ClassVar[dict[str, Rule]] = {}
    """Fields that are shown only for certain values of others."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.order_fields([*self.own, "reason", "document"])

    def parts(self) -> list[tuple[Any, str]]:
        """The fields with the rule, as w-rules reads it, by which each is shown."""
        rules = {name: json.dumps(rule) for name, rule in self.shown.items()}
        return [(field, rules.get(field.name, "")) for field in self]

    def wishes(self) -> dict[str, Any]:
        """What is wanted, of a valid form."""
        return {name: self.cleaned_data[name] for name in self.own}


class ColumnForm(ActForm):
    """A column that every chosen site is to have."""

    own = (
        "title",
        "slug",
        "below",
        "column_type",
        "update_frequency",
        "owner_unit",
        "description",
        "keywords",
        "must_have",
    )
    title = forms.CharField(label=_("Title"), max_length=50)
    slug = forms.CharField(
        label=_("Name in the address"),
        max_length=40,
        validators=[LATIN_SLUG],
        help_text=_("Small letters and digits, such as gzjx."),
    )
    below = path_field(
        _("Below the column"),
        required=False,
        help_text=_("Its path, such as zwgk/fdzdgk. Empty: a column of the first level."),
    )
    column_type = forms.ChoiceField(label=_("Column type"), required=False)
    update_frequency = forms.ChoiceField(
        label=_("Update frequency"), choices=UpdateFrequency.choices
    )
    owner_unit = forms.CharField(
        label=_("Owner unit"),
        max_length=100,
        required=False,
        help_text=_("Empty: the host unit of each site."),
    )
    description = forms.CharField(
        label=_("Description"), max_length=300, widget=forms.Textarea({"rows": 2})
    )
    keywords = forms.CharField(label=_("Keywords"), max_length=255)
    must_have = forms.BooleanField(
        label=_("Must-have column"),
        required=False,
        initial=True,
        help_text=_("Columns that every site of this kind has to keep (A-210)."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = [(each.code, each.name) for each in ColumnType.objects.all()]
        self.fields["column_type"].choices = [("", "—"), *types]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("below", "").strip("/") and data.get("slug") in RESERVED:
            text = _("“{slug}” is an address of the platform itself; choose another one.")
            self.add_error("slug", str(text).format(slug=data["slug"]))
        return data


class WithdrawForm(ActForm):
    """A column that the chosen sites are to have no longer."""

    own = ("path", "articles", "target", "redirect", "centre")
    shown: ClassVar = {"target": {"articles": [Articles.MOVE.value]}}
    path = path_field(_("Column"), help_text=_("Its path, such as xwzx/gzjx."))
    articles = forms.ChoiceField(
        label=_("Articles in it"),
        widget=forms.RadioSelect,
        initial=Articles.REFUSE.value,
        choices=[
            (Articles.REFUSE.value, _("Leave the site as it is if there are any")),
            (Articles.UNPUBLISH.value, _("Unpublish them")),
            (Articles.MOVE.value, _("Move them to another column of the same site")),
        ],
    )
    target = path_field(
        _("Column that gets them"), required=False, help_text=_("Only if they are moved.")
    )
    redirect = forms.BooleanField(
        label=_("Its address leads to the site above"), required=False, initial=True
    )
    centre = path_field(
        _("Path on the site above"),
        required=False,
        help_text=_("Where the centre publishes it now. Empty: its front page."),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "path" in data and not data["path"].strip("/"):
            self.add_error("path", _("The front page can't be withdrawn."))
        if data.get("articles") == Articles.MOVE and not data.get("target", "").strip("/"):
            self.add_error("target", _("Say which column gets the articles."))
        return data


class SettingForm(ActForm):
    """One setting for all chosen sites."""

    own = ("setting", "text", "switch", "number")
    shown: ClassVar = {
        "text": {"setting": list(identity_fields())},
        "switch": {"setting": [SECOND_FACTOR]},
        "number": {"setting": list(QUOTA)},
    }
    setting = forms.ChoiceField(label=_("Setting"))
    text = forms.CharField(
        label=_("Value"), max_length=500, required=False, help_text=_("Empty: none.")
    )
    switch = forms.ChoiceField(
        label=_("Second factor"),
        required=False,
        choices=[("on", _("Required")), ("off", _("Not required"))],
    )
    number = forms.IntegerField(
        label=_("Most"), required=False, min_value=0, help_text=_("Empty: no limit.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["setting"].choices = settings_of(self.user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        name = data.get("setting", "")
        if name in identity_fields():
            for _label, fault in faults({name: data.get("text", "")}):
                self.add_error("text", fault)
        elif name in QUOTA and (most := data.get("number")) is not None:
            largest = usage.LARGEST[name] // (MEGABYTE if name == BYTES else 1)
            if most > largest:
                self.add_error("number", _("At most %d.") % largest)
        return data

    def wishes(self) -> dict[str, Any]:
        data = self.cleaned_data
        name = data["setting"]
        value: Any = data["text"]
        if name == SECOND_FACTOR:
            value = data["switch"] == "on"
        elif name in QUOTA:
            value = data["number"]
            if value is not None and name == BYTES:
                value *= MEGABYTE
        return {"setting": name, "value": value}


class PluginForm(ActForm):
    """A plugin that goes on or off."""

    own = ("plugin", "switch", "with_required", "unpublish")
    shown: ClassVar = {"with_required": {"switch": ["on"]}, "unpublish": {"switch": ["off"]}}
    plugin = forms.ChoiceField(label=_("Plugin"))
    switch = forms.ChoiceField(
        label=_("Switch it"),
        widget=forms.RadioSelect,
        initial="on",
        choices=[("on", pgettext_lazy("plugin", "on")), ("off", pgettext_lazy("plugin", "off"))],
    )
    with_required = forms.BooleanField(
        label=_("Switch on what it requires, too"), required=False, initial=True
    )
    unpublish = forms.BooleanField(
        label=_("Unpublish its live pages"),
        required=False,
        help_text=_("Otherwise a site with live pages of the plugin is left as it is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plugin"].choices = [  # type: ignore[attr-defined]
            (label, config.manifest.title)
            for label, config in sorted(installed().items())
            if config.manifest.scope is not Scope.PLATFORM
        ]


class ThemeForm(ActForm):
    """A theme for all chosen sites."""

    own = ("theme",)
    theme = forms.ChoiceField(label=_("Theme"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        self.fields["theme"].choices = [  # type: ignore[attr-defined]
            (name, theme.title(language))
            for name, theme in sorted(themes().items())
            if not refusals(name)
        ]


class StateForm(ActForm):
    """A step in the life of all chosen sites."""

    own = ("step", "notice", "until")
    shown: ClassVar = {
        wish: {"step": [name for name, step in ACTS.items() if wish in step.asks]}
        for wish in ("notice", "until")
    }
    step = forms.ChoiceField(label=_("Step"))
    notice = forms.CharField(
        label=_("What the public reads"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Nothing written: the reason."),
    )
    until = date_field(_("Planned until"), help_text=_("For sites that go offline."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [  # type: ignore[attr-defined]
            (name, step.title)
            for name, step in ACTS.items()
            if step.after not in (State.CLOSED, State.REMOVED)
            and (self.user.is_superuser or not step.platform_only)
        ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        step = ACTS.get(data.get("step", ""))
        if step and step.until_required and not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Say until when."))
        if step and step.document_required and not data.get("document"):
            self.add_error("document", _("This step needs the number of a document."))
        return data

    def wishes(self) -> dict[str, Any]:
        until = self.cleaned_data["until"]
        return {**super().wishes(), "until": until.isoformat() if until else None}


def settings_of(user: Any) -> list[tuple[str, Any]]:
    """The settings that the person may change on many sites at once."""
    labels: list[tuple[str, Any]] = [
        (name, SiteIdentity._meta.get_field(name).verbose_name) for name in identity_fields()
    ]
    labels.append((SECOND_FACTOR, _("Second factor of its members")))
    if user.is_superuser:
        labels += [(BYTES, _("Most uploads, in MB")), (ITEMS, _("Most published items"))]
    return labels
