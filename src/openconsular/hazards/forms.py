"""Forms of the pages of hazards and feeds."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.hazards.models import Source


class SourceForm(forms.Form):
    """A feed to add. What is wrong with its content is said by the action."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[one for one in Source.Kind.choices if one[0] != Source.Kind.FILES]
    )
    url = forms.CharField(label=_("Address, or path of the folder"), max_length=1000)
    countries = forms.CharField(
        label=_("Only for these countries"),
        help_text=_("Two-letter codes with commas, such as PH, JP. Whatever lies elsewhere is refused."),
        required=False,
        max_length=800,
    )
    poll_seconds = forms.IntegerField(
        label=_("Ask every … seconds"), initial=60, min_value=5, max_value=86_400
    )
    is_drill = forms.BooleanField(label=_("For exercises only"), required=False)

    def clean_countries(self) -> list[str]:
        return [code.upper() for code in re.split(r"[\s,，、;；]+", self.cleaned_data["countries"]) if code]


class EndForm(forms.Form):
    note = forms.CharField(
        label=_("Why is it over?"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
