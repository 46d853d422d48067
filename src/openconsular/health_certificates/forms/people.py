"""Finding people: in the registry, and holders in the register of certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class PersonSearchForm(forms.Form):
    text = forms.CharField(
        label=_("Find a registered person"),
        help_text=_("By part of a name, or by a whole phone, e-mail or passport number."),
        max_length=120,
        widget=forms.TextInput(attrs=_PLAIN),
    )


class HolderSearchForm(forms.Form):
    """By a certificate's number, by a passport's, or by names with the day of birth: one of the three."""

    identifier = forms.CharField(
        label=_("Certificate number"), required=False, max_length=100, widget=forms.TextInput(attrs=_PLAIN)
    )
    document_number = forms.CharField(
        label=_("Number of the passport"), required=False, max_length=40, widget=forms.TextInput(attrs=_PLAIN)
    )
    family_name = forms.CharField(
        label=_("Surname"), required=False, max_length=100, widget=forms.TextInput(attrs=_PLAIN)
    )
    given_name = forms.CharField(
        label=_("Given names"), required=False, max_length=100, widget=forms.TextInput(attrs=_PLAIN)
    )
    born_on = forms.DateField(
        label=_("Date of birth"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        if not self.errors and not (found.get("identifier") or found.get("document_number")):
            if not (found.get("family_name") or found.get("given_name")):
                self.add_error(None, _("Enter a number, or a name and the date of birth."))
            elif not found.get("born_on"):
                self.add_error("born_on", _("A name is looked for together with the date of birth."))
        return found
