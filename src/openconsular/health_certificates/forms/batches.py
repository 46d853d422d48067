"""Sending a clinic's file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import queries as accounts
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.recording import OFFERED
from openconsular.health_certificates.models import Record

MEGABYTE = 1024 * 1024
# A million rows with every column filled have some 300 MB.
FILE_MOST = 512 * MEGABYTE


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in UTF-8, at most a million rows. The first line names the columns."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > FILE_MOST:
            sizes = {"size": file.size // MEGABYTE, "most": FILE_MOST // MEGABYTE}
            told = _("This file has %(size)d MB; at most %(most)d MB are taken. Split it into several files.")
            raise forms.ValidationError(told, params=sizes)
        return file


class BatchForm(FileForm):
    name = forms.CharField(
        label=_("What it is"), max_length=120, help_text=_("Such as the clinic and the month.")
    )
    what = forms.ChoiceField(label=_("Certificate"))
    mission = forms.ChoiceField(label=_("Mission"), required=False)
    field_order = ("name", "what", "mission", "file")

    def __init__(self, *args: Any, offered: list[str], names_mission: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        formats, kinds = dict(Record.Format.choices), dict(Record.Kind.choices)
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            (f"{one.value}/{kind.value}", f"{formats[one.value]} · {kinds[kind.value]}")
            for one in OFFERED
            if one.value in offered
            for kind in Kind
            if kind in OFFERED[one]
        ]
        if names_mission:
            missions = [(str(one.pk), str(one)) for one in accounts.missions()]
            self.fields["mission"].choices = [("", _("The ministry")), *missions]  # type: ignore[attr-defined]
        else:
            del self.fields["mission"]

    def wanted(self) -> tuple[Format, Kind]:
        form, _slash, kind = self.cleaned_data["what"].partition("/")
        return Format(form), Kind(kind)
