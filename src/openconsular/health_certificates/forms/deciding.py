"""Forms by which something is decided: a reason, a number read back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models import Revocation


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "oc-wide"}),
        help_text=_("Whoever wrote it down reads this."),
    )


class RevokeForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("", _("Choose")),
            *(
                (value, label)
                for value, label in Revocation.Reason.choices
                if value not in ("corrected", "key")
            ),
        ],
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class RevokeSeveralForm(RevokeForm):
    identifiers = forms.CharField(
        label=_("Certificate numbers"),
        help_text=_("One a line. More than one waits until a second person agrees."),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "oc-wide", "spellcheck": "false"}),
    )
    field_order = ("identifiers", "reason", "note")

    def clean_identifiers(self) -> list[str]:
        return list(dict.fromkeys(self.cleaned_data["identifiers"].split()))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class SettleForm(forms.Form):
    note = forms.CharField(
        label=_("What you found"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    allow = forms.IntegerField(
        label=_("Right in this hour: up to"),
        min_value=0,
        max_value=1_000_000,
        help_text=_("More than this raises the alarm again."),
    )


def read_count(text: str) -> int:
    """A number as it is shown, "1,369" and wide digits included; -1 for what is none."""
    digits = "".join(one for one in text if not (one.isspace() or one in ",，.'’"))
    return int(digits) if digits.isdecimal() and len(digits) < 10 else -1
