"""Where a holder is written to that a certificate waits for them."""

from typing import Any

from django import forms
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _


class MailForm(forms.Form):
    """`registered` is the address of the holder's registration as far as it is shown, "" where there is none."""

    address = forms.CharField(
        label=gettext_lazy("E-mail address of the holder"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "dir": "ltr"}
        ),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of the e-mail"))
    agreed = forms.BooleanField(label=gettext_lazy("The holder asked for it and read the address out"))

    def __init__(self, data: Any = None, *, languages: list[str], registered: str = "") -> None:
        super().__init__(data, auto_id="mail_%s")
        language = self.fields["language"]
        language.choices = [  # type: ignore[attr-defined]
            (tag, get_language_info(tag.lower())["name_local"]) for tag in languages
        ]
        if registered:
            self.fields["address"].help_text = _(
                "Leave it empty to write to the address of their registration: %(address)s"
            ) % {"address": registered}
        else:
            self.fields["address"].required = True
