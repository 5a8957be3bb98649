"""The form of a step in a site's life."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from sitecluster_console.fields import date_field, document_field, grounds_field
from tenants.life import removal
from tenants.life.limits import CLOSING_NOTICE_DAYS, OFFLINE_DAYS, value_of
from tenants.life.steps import Act, Fault, Wish, faults, objections
from tenants.models import State, Tenant

NOTICE = gettext_lazy("What the public reads")
ARCHIVE = gettext_lazy("Where the content went")


class ActForm(forms.Form):
    """What the act asks for; `against` are the rules that stand against it as it is asked.

    Only platform admins get ``despite``, and only while a rule does.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, act: Act, site: Tenant, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act, self.site, self.user = act, site, user
        self.fields["reason"] = grounds_field()
        self.fields["document"] = document_field(required=act.document_required)
        for name in act.asks:
            self.fields[name] = getattr(self, f"_{name}")()
        self.against = (
            [] if self.is_bound else [fault.text for fault in self._objections(Wish(user, ""))]
        )
        if user.is_superuser and (self.is_bound or self.against):
            self.fields["despite"] = forms.BooleanField(
                label=_("Go ahead all the same"),
                required=False,
                help_text=_("The reason above then also says why; it is recorded."),
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        found = faults(self.act, self.site, self.wish())
        self._show([fault for fault in found if fault.wish not in self.errors])
        against = self._objections(self.wish())
        if not against:
            self.fields.pop("despite", None)
        elif not data.get("despite"):
            self._show([fault for fault in against if fault.wish not in self.errors])
        return data

    def wish(self) -> Wish:
        """What is asked for, as far as it is good."""
        data = getattr(self, "cleaned_data", {})
        return Wish(
            self.user,
            data.get("reason", "").strip(),
            data.get("document", "").strip(),
            data.get("notice", "").strip(),
            data.get("until"),
            data.get("archive_url", "").strip(),
        )

    def _objections(self, wish: Wish) -> list[Fault]:
        if self.act.name == removal.REMOVE:
            return [Fault("", text) for text in removal.objections(self.site)]
        return objections(self.act, self.site, wish)

    def _show(self, found: list[Fault]) -> None:
        for fault in found:
            self.add_error(fault.wish if fault.wish in self.fields else None, fault.text)

    def _notice(self) -> forms.Field:
        text = _("Nothing written: the reason.")
        return forms.CharField(
            label=NOTICE,
            required=False,
            max_length=1000,
            help_text=text,
            initial=self.site.state_note if self.act.after == self.site.state else "",
            widget=forms.Textarea({"rows": 2}),
        )

    def _until(self) -> forms.Field:
        if self.act.after is State.CLOSED:
            days = value_of(CLOSING_NOTICE_DAYS)
            text = ngettext("At least %(days)d day.", "At least %(days)d days.", days)
            field = date_field(_("The notice stands until"), help_text=text % {"days": days})
            field.initial = timezone.localdate() + timedelta(days=days)
            return field
        days = value_of(OFFLINE_DAYS)
        text = ngettext("At most %(days)d day.", "At most %(days)d days.", days) % {"days": days}
        field = date_field(_("Planned back on"), required=True, help_text=text)
        field.initial = self.site.state_until
        return field

    def _archive_url(self) -> forms.Field:
        text = _("Web address of the archive. After the notice the site's addresses lead there.")
        return forms.URLField(
            label=ARCHIVE, required=False, max_length=500, help_text=text, assume_scheme="https"
        )
