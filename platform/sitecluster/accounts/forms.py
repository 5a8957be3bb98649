"""Forms of sign-in, of a person's own account, and of a site's members."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Group
from django.utils.translation import get_language, gettext_lazy as _
from wagtail.admin.forms import auth
from wagtail.users.forms import GroupForm

from sitecluster.rights.reach import groups_within
from sitecluster.rights.roles import CODES
from sitecluster.tenancy import required_tenant

from .mail_limit import may_mail
from .models import User
from .profiles import ask_for_address, edit
from .refusals import address_refusal, may_edit_profile
from .reset_links import mail_reset_link

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm

NEW_ADDRESS = _("A new address holds once its reader has opened the link that is mailed to it.")


class SignInForm(auth.LoginForm):
    """Wagtail's form, whose password field carries no translated label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"


class PasswordResetForm(auth.PasswordResetForm):
    """Mails a link to the admin host of the site that is asked, to its members alone.

    Some links an hour; beyond that the page says the same and nothing is sent. The request does
    the same for every address, known or not; the worker looks for the member.
    """

    def save(self, **kwargs: Any) -> None:
        email = self.cleaned_data["email"]
        if may_mail(email):
            mail_reset_link.enqueue(email, get_language() or settings.LANGUAGE_CODE)


class OwnProfileForm(UserForm):
    """Name and address on a person's own account page.

    A new address is mailed a link and holds once its reader has opened it.
    """

    class Meta:
        model = User
        fields = ("first_name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        self.fields["email"].help_text = NEW_ADDRESS
        self.new_email = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.new_email = take_address(data, self)
        return data

    def validate_unique(self) -> None:
        """An address may be asked for; whether it is free shows when its reader answers."""

    def save(self, commit: bool = True) -> User:
        """Save the name, and ask the reader of a new address."""
        user = User.everyone.get(pk=self.instance.pk)
        edit(user, required_tenant(), by=user, first_name=self.cleaned_data["first_name"])
        if self.new_email:
            ask_for_address(user, self.new_email, required_tenant(), by=user)
        return user


def take_address(data: dict[str, Any], form: "UserForm") -> str:
    """Put the present address back into ``data`` and return the one that was asked for, if any."""
    present: str = form.initial.get("email", "")
    wanted: str = data.get("email", present).lower()
    data["email"] = present
    return "" if wanted == present else wanted


class MemberForm(UserForm):
    """What an admin may say about a member: name, address, groups.

    The groups are those that the admin may give.
    """

    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.all(), widget=forms.CheckboxSelectMultiple, label=_("Roles")
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ("email", "first_name")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        choice: Any = self.fields["groups"]
        choice.queryset = groups_within(actor)


class NewMemberForm(MemberForm):
    """Asks somebody to join; whether an account has the address plays no part here."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email

    def validate_unique(self) -> None:
        """An account with this address is no error: its owner is asked."""


class ExistingMemberForm(MemberForm):
    """Changes a member.

    Name and address are for admins of the account's home site, the address for them only while the
    account works there alone; "platform admin" is for platform admins (Wagtail's own form lets
    whoever may add users make one, issue 14100).
    """

    new_link = forms.BooleanField(
        required=False,
        label=_("Mail a one-time link"),
        help_text=_("With it the person sets a new password; the old one holds until then."),
    )

    class Meta(MemberForm.Meta):
        fields = ("email", "first_name", "is_superuser")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.actor, self.new_email = actor, ""
        choice: Any = self.fields["groups"]
        held = Group.objects.filter(usergroup__user_id=self.instance.pk)
        choice.initial = held.filter(pk__in=choice.queryset)
        self.kept_groups = held.exclude(pk__in=choice.queryset)
        choice.required = not self.kept_groups.exists()
        if not actor.is_superuser or actor == self.instance:
            del self.fields["is_superuser"]
        if self.instance.is_superuser and not actor.is_superuser:
            choice.disabled = True
            choice.required = False
        if not actor.is_superuser:
            self.fields["email"].help_text = NEW_ADDRESS
        site = required_tenant()
        if not may_edit_profile(actor, self.instance, site):
            del self.fields["new_link"]
            self.fields["first_name"].disabled = True
            self.fields["first_name"].help_text = _("Only admins of the home site may change this.")
        refusal = address_refusal(actor, self.instance, site)
        if refusal:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = refusal

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.actor.is_superuser:
            self.new_email = take_address(data, self)
        return data

    def validate_unique(self) -> None:
        """Platform admins may know that an address is taken; see `OwnProfileForm` for others."""
        if self.actor.is_superuser:
            super().validate_unique()

    def wanted_groups(self) -> list[Group]:
        """Those that were chosen, and those which the actor may not take."""
        return [*self.cleaned_data["groups"], *self.kept_groups]


class NewAccountForm(SetPasswordForm):  # type: ignore[type-arg]
    """Name and password of whoever accepts an invitation without having an account."""

    name = forms.CharField(label=_("Full name"), max_length=100)
    field_order = ("name", "new_password1", "new_password2")


class RoleForm(forms.Form):
    """One role, to be added to several members."""

    role = forms.ModelChoiceField(queryset=Group.objects.all(), label=_("Role"))

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["role"]
        choice.queryset = groups_within(actor)


class SuspensionForm(forms.Form):
    """Suspends accounts, with a reason, or lets them in again."""

    suspend = forms.TypedChoiceField(
        choices=((True, _("Suspend")), (False, _("Let in again"))),
        label=_("What shall happen?"),
        widget=forms.RadioSelect,
        coerce=lambda value: value == "True",
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("suspend") and not data.get("reason", "").strip():
            self.add_error("reason", _("A suspension needs a reason."))
        return data


class RoleGroupForm(GroupForm):
    """The groups of the roles keep their names, by which the platform knows them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].disabled = self.instance.name in CODES
