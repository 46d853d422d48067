"""Forms of sign-in and staff."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import actions, queries
from openconsular.accounts.models import Mission, Officer
from openconsular.foundation.permissions import ANONYMOUS


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    """The one-time or recovery code after the password; a wrong one is audited."""

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except ValidationError:
            now = timezone.now()  # noqa: TID251 - allauth calls this and hands in no clock
            actions.record_refused_sign_in(username=self.user.username, by=ANONYMOUS, now=now)
            raise
        return code


class FirstPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    again = forms.CharField(
        label=_("Password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class MissionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A mission by its name in the reader's language."""

    def __init__(self) -> None:
        super().__init__(
            queryset=queries.missions(), required=False, label=_("Mission"), empty_label=_("The ministry")
        )

    def label_from_instance(self, obj: Mission) -> str:
        return str(obj)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Officer.Roles.choices)
    mission = MissionChoice()


class OfficerForm(RoleForm):
    username = forms.SlugField(
        label=_("User name"), max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    display_name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False)
    field_order = ("username", "display_name", "email", "role", "mission")


class StaffSearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=80)
    role = forms.ChoiceField(required=False, choices=[("", ""), *Officer.Roles.choices])
    active = forms.ChoiceField(required=False, choices=[("", ""), ("yes", ""), ("no", "")])
