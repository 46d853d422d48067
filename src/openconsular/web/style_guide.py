"""Made-up content for the style guide. Plainly synthetic: nobody and nothing in it exists."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"), help_text=_("As in the passport."))
    phone = forms.CharField(label=_("Telephone"), widget=forms.TextInput(attrs={"type": "tel"}))
    born_on = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[("work", _("Work")), ("study", _("Study"))])
    channels = forms.MultipleChoiceField(
        label=_("How may we reach you?"),
        choices=[("sms", _("Text message")), ("email", _("Email"))],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label=_("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label=_("I agree that this is used to protect me."))


def examples(now: datetime) -> dict[str, Any]:
    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    return {
        "form": ExampleForm({"name": "", "phone": "x", "purpose": "work"}),
        "events": [
            {"at": ago(2), "title": _("Needs help"), "text": "Example 1", "colour": "danger", "href": "#"},
            {"at": ago(9), "title": _("Safe"), "text": "412", "colour": "success"},
            {"at": ago(31), "title": _("Warning sent"), "text": "18,204"},
        ],
        "figures": [
            {"value": 18204, "label": _("People in the area")},
            {"value": 11377, "label": _("Safe"), "share": "62%", "colour": "success"},
            {"value": 143, "label": _("Need help"), "share": "1%", "colour": "danger", "href": "#"},
            {"value": 6684, "label": _("No answer yet"), "share": "37%"},
        ],
        "shares": [
            {"value": 11377, "label": _("Safe"), "colour": "success"},
            {"value": 143, "label": _("Need help"), "colour": "danger"},
            {"value": 6684, "label": _("No answer yet"), "colour": "neutral"},
        ],
        "steps": [_("You"), _("Where you are"), _("How to reach you"), _("Check")],
        "facts": [(_("Number"), "C-0173"), (_("Place"), "Exampletown"), (_("Reported"), now.date())],
        "groups": [
            {
                "name": "answer",
                "label": _("Answer"),
                "choices": [
                    {"value": "help", "label": _("Need help"), "count": 143, "checked": True},
                    {"value": "none", "label": _("No answer yet"), "count": 6684},
                ],
            },
            {
                "name": "level",
                "label": _("Level"),
                "choices": [
                    {"value": "red", "label": _("Red"), "colour": "red", "count": 2},
                    {"value": "orange", "label": _("Orange"), "colour": "orange", "count": 5},
                    {"value": "yellow", "label": _("Yellow"), "colour": "yellow", "count": 9},
                    {"value": "blue", "label": _("Blue"), "colour": "blue", "count": 1},
                ],
            },
        ],
        "search": {"name": "q", "label": _("Name, passport or number"), "value": ""},
        "cases": [
            ("C-0173", _("Needs help"), "danger", "Exampletown", ago(2)),
            ("C-0171", _("To be contacted"), "warning", "Sampleville", ago(9)),
            ("C-0168", _("In hand"), "info", "Testport", ago(21)),
            ("C-0160", _("Solved"), "success", "Exampletown", ago(60)),
        ],
        "now": now,
    }
