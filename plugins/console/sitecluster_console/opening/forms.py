"""The steps of opening a site: a form each, with the rules that concern its fields."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster.accounts import membership
from sitecluster.accounts.models import Delegation, User
from sitecluster.cms.identity import SiteIdentity
from sitecluster_console.fields import ReasonForm, document_field, reason_field
from sitecluster_console.policy import sites_of
from sitecluster_console.shared.models import Opening
from tenants import opening_rules, switching
from tenants.disclosing import may_name
from tenants.domain_rules import Level, forbidding
from tenants.models import Kind, Tenant

WAITING = (Opening.State.REQUESTED, Opening.State.APPROVED)
IDENTITY = (
    "host_unit",
    "organiser",
    "contact_phone",
    "contact_email",
    "address",
    "site_id_code",
    "icp_number",
    "police_number",
    "mark_code",
)


def parents_for(user: Any) -> "QuerySet[Tenant]":
    """The sites below which the person may open a site or ask for one."""
    run, asked = user.branch(), user.branch(Delegation.Role.APPLICANT)
    standing = sites_of(user) if run is None or asked is None else None
    if standing is None:
        standing = Tenant.objects.filter(is_blueprint=False, pk__in=run | asked)
    return standing.exclude(kind=Kind.CONTROL).exclude(state__in=opening_rules.ENDED)


class StepForm(forms.Form):
    """A step's fields; `remarks` are what the rules advise against, by field, once it is valid.

    ``opening`` has the answers of the other steps; those before this one are valid.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, opening: Opening, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opening, self.user = opening, user
        self.remarks: dict[str, list[str]] = {}
        self.prepare()

    def prepare(self) -> None:
        """Fit the fields to the earlier answers."""

    def answer(self, name: str) -> str:
        """An earlier answer."""
        return str(self.opening.answers.get(name) or "")

    @cached_property
    def above(self) -> Tenant | None:
        """The site above, as far as it was answered."""
        return self.opening.parent

    def refuse(self, field: str, problems: Iterable[str]) -> None:
        """Show these sentences at the field."""
        for problem in problems:
            self.add_error(field, problem)

    def answers(self) -> dict[str, Any]:
        """What is kept of a valid form, as plain JSON."""
        return dict(self.cleaned_data)

    def summary(self) -> list[dict[str, Any]]:
        """Label, value and remarks of each field that was answered, for reading."""
        found = ((name, self.shown(name)) for name in self.fields)
        return [
            {"label": self[name].label, "value": value, "remarks": self.remarks.get(name, [])}
            for name, value in found
            if value
        ]

    def shown(self, name: str) -> str:
        """The kept value of a field as people read it."""
        value = self.opening.answers.get(name)
        field = self.fields[name]
        if isinstance(field, forms.MultipleChoiceField):
            titles: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
            return "、".join(str(titles.get(one, one)) for one in value or ())
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            choices: dict[Any, Any] = dict(field.choices)  # type: ignore[arg-type]
            return str(choices.get(value, value))
        return str(value or "")


class KindForm(StepForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind of site"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        field: Any = self.fields["kind"]
        above = set(parents_for(self.user).order_by().values_list("kind", flat=True).distinct())
        field.choices = [
            (kind, kind.label)
            for kind in Kind
            if kind is not Kind.CONTROL and self._possible(kind, above)
        ]
        field.help_text = _("Which kinds there are depends on the sites that you run.")

    def _possible(self, kind: Kind, above: set[str]) -> bool:
        if kind is Kind.PORTAL:
            return bool(self.user.is_superuser)
        return bool(above.intersection(opening_rules.PARENTS[kind]))

    def options(self) -> list[dict[str, Any]]:
        """The kinds with what the rules say about each."""
        return [
            {"radio": radio, "rule": opening_rules.kind_rule(radio.data["value"])}
            for radio in self["kind"]
        ]


class NameForm(StepForm):
    parent = forms.ModelChoiceField(
        Tenant.objects.none(), label=gettext_lazy("Site above"), required=False
    )
    name = forms.CharField(
        label=gettext_lazy("Legal name of the organ"),
        help_text=gettext_lazy("In full, as on its seal. An organ has one site at most."),
        max_length=100,
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        help_text=gettext_lazy(
            "Lower-case letters, digits and single hyphens; part of the site's addresses, never "
            "changed. Left empty, it is made of the name."
        ),
        required=False,
    )

    def prepare(self) -> None:
        field: Any = self.fields["parent"]
        kind = self.answer("kind")
        kinds = opening_rules.PARENTS.get(kind, ())
        field.queryset = parents_for(self.user).filter(kind__in=kinds).order_by("name")
        field.required = not (kind == Kind.PORTAL and self.user.is_superuser)
        field.empty_label = _("None: it stands at the top") if not field.required else "—"
        for name in ("name", "parent", "code"):
            attrs = self.fields[name].widget.attrs
            attrs["data-console-suggest-target"] = name
            if name != "code":
                attrs["data-action"] = "change->console-suggest#fetch"
        labels = "、".join(str(Kind(one).label) for one in kinds)
        field.help_text = _("One of these: %(kinds)s.") % {"kinds": labels}

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        self.refuse("name", opening_rules.name_problems(name) or self._requested(name=name))
        return name

    def clean(self) -> dict[str, Any]:
        data, kind = self.cleaned_data, self.answer("kind")
        parent = data.get("parent")
        if "parent" in data:
            self.refuse("parent", opening_rules.parent_problems(kind, parent))
        code = str(data.get("code") or "").strip().lower()
        if not code and "code" in data:
            code = opening_rules.suggested_code(data.get("name", ""), parent, kind)
            if not code and "name" in data:
                self.refuse("code", [_("No code follows from the name; write one.")])
                return data
        if code:
            data["code"] = code
            problems = opening_rules.code_problems(code, kind)
            self.refuse("code", problems or self._requested(code=code))
        return data

    def _requested(self, name: str = "", code: str = "") -> list[str]:
        """Why another opening stands against it: that of a site which is asked for already."""
        others = Opening.objects.filter(state__in=WAITING).exclude(pk=self.opening.pk)
        organ = opening_rules.same_organ(name)
        for other in others.select_related("parent"):
            found = other.answers.get("code") == code if code else False
            if found or (organ and opening_rules.same_organ(str(other)) == organ):
                if self.user.is_superuser or (other.parent and may_name(other.parent)):
                    text = _("A site of %(name)s has been asked for already.")
                    return [text % {"name": other}]
                return [_("Such a site has been asked for already.")]
        return []

    def shown(self, name: str) -> str:
        if name == "parent":
            return str(self.above or "")
        return super().shown(name)

    def answers(self) -> dict[str, Any]:
        parent = self.cleaned_data["parent"]
        return {**self.cleaned_data, "parent": parent.pk if parent else None}


class DomainForm(StepForm):
    domain = forms.CharField(label=gettext_lazy("Address"), required=False)

    def prepare(self) -> None:
        self.default = opening_rules.default_domain(
            self.answer("kind"), self.answer("code"), self.above
        )
        rule = opening_rules.domain_rule(self.answer("kind"))
        usual = _("Usually it is %(domain)s.") % {"domain": self.default}
        self.fields["domain"].help_text = f"{rule} {usual}"
        self.initial.setdefault("domain", self.default)
        if self.is_bound and not self.data.get("domain"):
            self.data = {**self.data, "domain": self.default}

    def clean_domain(self) -> str:
        domain = _plain_domain(self.cleaned_data["domain"])
        findings = opening_rules.domain_findings(
            self.answer("kind"), self.answer("code"), domain, self.above
        )
        self.refuse("domain", forbidding(findings))
        self.remarks["domain"] = [f.text for f in findings if f.level is not Level.ERROR]
        return domain

    def shown(self, name: str) -> str:
        return super().shown(name) or self.default

    def answers(self) -> dict[str, Any]:
        """The usual address is not kept: it follows code and parent when these change."""
        domain = self.cleaned_data["domain"]
        return {"domain": "" if domain == self.default else domain}


class IdentityForm(StepForm):
    def prepare(self) -> None:
        self.fields |= forms.fields_for_model(SiteIdentity, IDENTITY)
        self.fields["host_unit"].required = True
        self.fields["host_unit"].help_text = _(
            "The organ that answers for the site. It has one site at most."
        )
        self.fields["site_id_code"].help_text = _(
            "Ten digits, bm and eight digits, or N and nine; from the national reporting system. "
            "It may follow until the site goes live."
        )
        self.initial.setdefault("host_unit", self.answer("name"))

    def clean_host_unit(self) -> str:
        unit = str(self.cleaned_data["host_unit"])
        name = self.answer("name")
        self.refuse("host_unit", opening_rules.host_unit_problems(unit, name, self.above))
        return unit

    def clean_site_id_code(self) -> str:
        code = str(self.cleaned_data["site_id_code"])
        self.refuse("site_id_code", opening_rules.site_id_problems(code))
        return code


class PluginsForm(StepForm):
    plugins = forms.MultipleChoiceField(
        label=gettext_lazy("Plugins"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def prepare(self) -> None:
        self.choosable = switching.choosable()
        field: Any = self.fields["plugins"]
        field.choices = [(label, one.manifest.title) for label, one in self.choosable.items()]
        if self.choosable:
            field.help_text = _("Those that such sites usually have are chosen already.")
        else:
            field.help_text = _("No plugin is installed that is switched site by site.")
        self.initial.setdefault("plugins", switching.defaults(self.answer("kind")))

    def clean_plugins(self) -> list[str]:
        chosen = list(self.cleaned_data["plugins"])
        for label, names in switching.missing(chosen).items():
            text = _("%(plugin)s requires %(missing)s.")
            missing = "、".join(self._title(name) for name in names)
            self.add_error("plugins", text % {"plugin": self._title(label), "missing": missing})
        return chosen

    def _title(self, label: str) -> str:
        return str(self.choosable[label].manifest.title) if label in self.choosable else label

    def options(self) -> list[dict[str, Any]]:
        """The plugins with what each is for and requires."""
        return [
            {
                "box": box,
                "summary": self.choosable[box.data["value"]].manifest.summary,
                "requires": "、".join(
                    self._title(name)
                    for name in self.choosable[box.data["value"]].manifest.requires
                ),
            }
            for box in self["plugins"]
        ]


class AdminForm(StepForm):
    INVITE, ADD = "invite", "add"
    HOW = (
        (INVITE, gettext_lazy("Invite: a mail with a one-time link, accepted by the person")),
        (ADD, gettext_lazy("Add at once: an account that exists")),
    )
    admin = forms.EmailField(
        label=gettext_lazy("E-mail address of the first site admin"),
        help_text=gettext_lazy(
            "Who has an account signs in with it; who has none makes it by the link in the mail."
        ),
    )
    admin_name = forms.CharField(
        label=gettext_lazy("Full name of the first site admin"), max_length=100, required=False
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How"), choices=HOW, widget=forms.RadioSelect, initial=INVITE
    )

    def prepare(self) -> None:
        if not self.user.is_superuser:
            del self.fields["how"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("how") == self.ADD:
            if "admin" in data:
                self.refuse("admin", _not_to_be_added(data["admin"]))
        elif "admin_name" in data and not data["admin_name"].strip():
            self.refuse("admin_name", [_("Who is invited needs a name.")])
        return data


def _not_to_be_added(email: str) -> list[str]:
    try:
        user: User = membership.find_account(email)
    except membership.MembershipError as error:
        return [str(error)]
    if not user.is_active:
        return [_("The account %(user)s is suspended.") % {"user": user.email}]
    return []


def _plain_domain(text: str) -> str:
    """The address without scheme, in lower case and with a Chinese domain's ASCII form."""
    _scheme, _mark, rest = text.strip().rpartition("://")
    host, slash, path = rest.strip().lower().partition("/")
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        pass  # what is no host is refused as it was written
    return (host + slash + path).rstrip("/")


class ExplanationForm(ReasonForm):
    """Why a site is wanted, granted or refused."""

    reason = reason_field(longest=2000)


class ReviewForm(ExplanationForm):
    """The last step: why the site is wanted, and that what is opened is what was read."""

    document = document_field(required=True)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if request:
            self.fields["document"].help_text = _("The number of the written application.")
        else:
            self.fields["reason"].required = self.fields["document"].required = False
            self.fields["document"].help_text = _(
                "The number of the document that approves the site, if there is one."
            )
