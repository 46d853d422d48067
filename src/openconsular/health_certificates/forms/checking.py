"""What somebody presents: the text of a code, a picture, a PDF."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.domain.health.carriers.pictures import BYTES_MOST


class CheckForm(forms.Form):
    file = forms.FileField(
        label=_("Picture or PDF"),
        required=False,
        help_text=_("A photo, a screenshot or the document itself. It is not kept."),
        # No HEIC among them: then an iPhone hands its photos over as JPEG.
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
    )
    text = forms.CharField(
        label=_("Or the text of the code"),
        required=False,
        max_length=40_000,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 4, "class": "oc-wide", "autocomplete": "off", "spellcheck": "false"}
        ),
        help_text=_("As a scanner types it, such as HC1:… or shc:/…"),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        file = found.get("file")
        if file is not None and file.size > BYTES_MOST:
            self.add_error("file", _("This file is too large."))
        elif file is None and not (found.get("text") or "").strip() and not self.errors:
            self.add_error(None, _("Choose a file or paste the text."))
        return found
