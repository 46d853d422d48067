"""Forms of the duty room's desk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openconsular.alerts.models import Answer, WarningText
from openconsular.foundation import profile


class TextForm(forms.Form):
    """The words of one language; its prefix is the language, as in the names of `wording.check`'s faults."""

    sms = forms.CharField(label=_("Text message"), widget=forms.Textarea(attrs={"rows": 5}), max_length=1000)
    subject = forms.CharField(label=_("Subject of the e-mail"), max_length=200)
    body = forms.CharField(
        label=_("Body of the e-mail"), widget=forms.Textarea(attrs={"rows": 9}), max_length=6000
    )

    @staticmethod
    def of(text: WarningText, data: Any = None) -> "TextForm":
        initial = {"sms": text.sms, "subject": text.subject, "body": text.body}
        form = TextForm(data, prefix=text.language, initial=initial)
        for field in form.fields.values():
            field.widget.attrs["lang"] = text.language
            field.widget.attrs["data-oc-check"] = text.language
        return form


class GradeForm(forms.Form):
    grade = forms.ChoiceField(label=_("Grade"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["grade"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.code, one.name) for one in profile.current().grades]


class ReadBackForm(forms.Form):
    """The number of people, read and typed again. Spaces and separators in it do not matter."""

    typed = forms.CharField(label=_("Type the number of people"), max_length=20)

    def __init__(self, *args: Any, expected: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        attrs = {
            "autocomplete": "off",
            "inputmode": "numeric",
            "spellcheck": "false",
            "data-short": True,
            "data-oc-expected": str(expected),
        }
        self.fields["typed"].widget.attrs.update(attrs)

    def clean_typed(self) -> int:
        digits = "".join(one for one in self.cleaned_data["typed"] if not (one.isspace() or one in ",，.'’"))
        if not digits.isdecimal():
            raise forms.ValidationError(_("Type the number in digits."))
        typed = int(digits)
        if typed != self.expected:
            raise forms.ValidationError(_("This is not the number shown. Read it again before you go on."))
        return typed


class SendBackForm(forms.Form):
    reason = forms.CharField(
        label=_("What has to change?"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class AnswerForm(forms.Form):
    """What somebody said on the phone or through others, noted for them by an officer."""

    value = forms.ChoiceField(label=_("What did they say?"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("How do you know?"),
        help_text=_("Who said so, when, over which way. It stays with the answer."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    place = forms.CharField(label=_("Where are they now?"), required=False, max_length=200)
    for_party = forms.BooleanField(label=_("It counts for everyone travelling with them"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["value"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (Answer.Value.SAFE.value, _("They are safe")),
            (Answer.Value.HELP.value, _("They need help: a case is opened")),
            (Answer.Value.ELSEWHERE.value, _("They are elsewhere")),
        ]
        if not others:
            del self.fields["for_party"]
