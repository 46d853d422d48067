"""Forms of the case list and of a case page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import queries as accounts
from openconsular.accounts.queries import Officer
from openconsular.casework.models import Case
from openconsular.casework.queries import CaseFilter, possible_owners
from openconsular.foundation.permissions import ANONYMOUS

LONGEST_NOTE = 4000


class FilterForm(forms.Form):
    """The filters as they stand in the address. A value that cannot be is left out, never an error page."""

    q = forms.CharField(required=False, max_length=120)
    state = forms.MultipleChoiceField(required=False, choices=Case.State.choices)
    urgency = forms.TypedMultipleChoiceField(required=False, choices=Case.Urgency.choices, coerce=int)
    owner = forms.ChoiceField(required=False, choices=[("me", ""), ("none", "")])
    mission = forms.TypedMultipleChoiceField(required=False, coerce=int)
    hazard = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, data: Any, missions: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["mission"].choices = missions  # type: ignore[attr-defined]

    def wanted(self) -> CaseFilter:
        self.is_valid()
        found = self.cleaned_data
        return CaseFilter(
            text=found.get("q", ""),
            states=tuple(found.get("state", ())),
            urgencies=tuple(found.get("urgency", ())),
            missions=tuple(found.get("mission", ())),
            hazard_id=found.get("hazard"),
            owner=found.get("owner", ""),
        )


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3, "class": "oc-wide"})
    )
    is_public = forms.BooleanField(
        label=_("The person concerned reads it too"),
        required=False,
        help_text=_("Otherwise it stays among colleagues."),
    )


class CloseForm(forms.Form):
    reason = forms.CharField(
        label=_("How it ended"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "class": "oc-wide"}),
        help_text=_("The person concerned reads it too."),
    )


class OfficerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Officer) -> str:
        return f"{obj.display_name} · {obj.mission}" if obj.mission else obj.display_name


class HandOverForm(forms.Form):
    to = OfficerChoice(queryset=accounts.find_staff(ANONYMOUS), label=_("Hand over to"))

    def __init__(self, case: Case, data: Any = None) -> None:
        super().__init__(data)
        self.fields["to"].queryset = possible_owners(case).select_related("mission")  # type: ignore[attr-defined]


class UrgencyForm(forms.Form):
    urgency = forms.TypedChoiceField(label=_("Urgency"), choices=Case.Urgency.choices, coerce=int)


class MissionForm(forms.Form):
    mission = forms.ModelChoiceField(
        queryset=accounts.missions(), required=False, label=_("Mission"), empty_label=_("The ministry")
    )
