"""What officers fill in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PeopleSearchForm(forms.Form):
    text = forms.CharField(
        label=_("Name, passport number, phone or e-mail"),
        help_text=_("Part of a name is enough; the others must be whole. Every search is on record."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search", "data-oc-search": ""}),
    )
