"""What a holder types: the code from the paper, and the day of birth that shows whose it is."""

from django import forms
from django.utils.translation import gettext_lazy as _


class BirthForm(forms.Form):
    born_on = forms.DateField(
        label=_("Date of birth"),
        help_text=_("Of the person the certificate is for, as in the passport."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}),
        input_formats=["%Y-%m-%d"],
    )


class ClaimForm(BirthForm):
    """`field_order` puts the code first: it is what people hold in their hand."""

    field_order = ("code", "born_on")
    code = forms.CharField(
        label=_("Code from the clinic"),
        help_text=_("The eleven letters and digits on the paper from the clinic, for example 4F7Q9-2MX8T-P."),
        max_length=30,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "oc-claim-code",
                "dir": "ltr",
            }
        ),
    )
