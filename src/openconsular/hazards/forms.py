"""Forms of the pages of hazards and feeds."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _


class SourceForm(forms.Form):
    """A feed on the web to add; folders are added on the machine. What is wrong is said by the action."""

    name = forms.CharField(label=_("Name"), max_length=120)
    url = forms.URLField(label=_("Address"), max_length=1000, assume_scheme="https")
    countries = forms.CharField(
        label=_("Only for these countries"),
        help_text=_("Two-letter codes with commas, such as PH, JP. Whatever lies elsewhere is refused."),
        required=False,
        max_length=800,
    )
    allowed_hosts = forms.CharField(
        label=_("Other hosts it may link to"),
        help_text=_(
            "Host names with commas. Alerts are fetched from the feed's own host and from these only."
        ),
        required=False,
        max_length=800,
    )
    poll_seconds = forms.IntegerField(
        label=_("Ask every … seconds"), initial=60, min_value=5, max_value=86_400
    )
    is_drill = forms.BooleanField(label=_("For exercises only"), required=False)

    def clean_countries(self) -> list[str]:
        return [code.upper() for code in _listed(self.cleaned_data["countries"])]

    def clean_allowed_hosts(self) -> list[str]:
        return _listed(self.cleaned_data["allowed_hosts"])


def _listed(text: str) -> list[str]:
    return [one for one in re.split(r"[\s,，、;；]+", text) if one]


class EndForm(forms.Form):
    note = forms.CharField(
        label=_("Why is it over?"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
