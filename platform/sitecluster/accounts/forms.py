"""Forms of sign-in, of a person's own account, and of a site's members."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import auth
from wagtail.users.forms import GroupForm

from sitecluster.rights.roles import CODES
from sitecluster.tenancy import required_tenant

from .membership import may_edit_profile
from .models import User

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm


class SignInForm(auth.LoginForm):
    """Wagtail's form, whose password field carries no translated label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"


class PasswordResetForm(auth.PasswordResetForm):
    """Mails a link to the admin host of the site that is asked, to its members alone."""

    def save(self, **kwargs: Any) -> None:
        where = urlsplit(required_tenant().admin_url)
        super().save(
            **{**kwargs, "domain_override": where.netloc, "use_https": where.scheme == "https"}
        )


class OwnProfileForm(UserForm):
    """Name and address on a person's own account page."""

    class Meta:
        model = User
        fields = ("first_name", "email")


class MemberForm(UserForm):
    """What an admin may say about a member: name, address, groups.

    Name and address are for admins of the account's home site; "platform admin" is for platform
    admins (Wagtail's own form lets whoever may add users make one, issue 14100).
    """

    groups = forms.ModelMultipleChoiceField(
        queryset=Group.objects.all(), widget=forms.CheckboxSelectMultiple, label=_("Roles")
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ("email", "first_name", "is_superuser")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        if not actor.is_superuser or actor == self.instance:
            del self.fields["is_superuser"]


class NewMemberForm(MemberForm):
    """Adds a member; the account may exist already, on whatever site."""

    class Meta(MemberForm.Meta):
        fields = ("email", "first_name")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        UserForm.__init__(self, *args, **kwargs)
        self.fields["first_name"].required = True

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.everyone.filter(email=email, is_active=False).exists():
            raise forms.ValidationError(_("This email address can't be used."))
        return email

    def validate_unique(self) -> None:
        """An account with this address is no error: it becomes a member."""


class ExistingMemberForm(MemberForm):
    """Changes a member."""

    new_link = forms.BooleanField(
        required=False,
        label=_("Make a one-time link"),
        help_text=_("With it the person sets a new password; the old one holds until then."),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["groups"].initial = Group.objects.filter(usergroup__user_id=self.instance.pk)
        if not may_edit_profile(actor, self.instance, required_tenant()):
            del self.fields["new_link"]
            for name in ("email", "first_name"):
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Only admins of the home site may change this.")


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
