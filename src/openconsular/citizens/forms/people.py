"""Forms about persons and how to reach them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from openconsular.citizens.entries import ContactFacts, PersonFacts, phone_or_email
from openconsular.citizens.forms.places import PlaceForm, day_field
from openconsular.citizens.models import Person
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput

SPOKEN = ("zh-Hans", "en", "fr", "es", "ar", "ru", "pt", "de", "ja", "ko", "bo", "ug", "mn")


def languages() -> list[tuple[str, str]]:
    """Languages to choose from: those of the profile first, each by its own name."""
    codes = dict.fromkeys((*profile.current().languages, *(code for code, _name in settings.LANGUAGES)))
    ours = {code.lower(): code for code in profile.current().languages}
    tags = dict.fromkeys(ours.get(code.lower(), code) for code in codes)
    return [(tag, str(get_language_info(tag.lower())["name_local"])) for tag in tags]


def refuse(form: forms.Form, error: InvalidInput) -> None:
    """Show what an action refused at the fields it named."""
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.message)


class ContactForm(forms.Form):
    """A phone or an e-mail in one field. After `is_valid`, `given` is it, normalised."""

    contact = forms.CharField(
        label=_("Phone or e-mail"),
        help_text=_("A phone with its country code, for example +63 917 123 4567, or an e-mail address."),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given: ContactFacts | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if typed := cleaned.get("contact"):
            try:
                self.given = phone_or_email(typed, profile.current().country)
            except InvalidInput as error:
                refuse(self, error)
        return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits. They are valid for 10 minutes."),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "size": "8", "autofocus": True}
        ),
    )


class CompanionForm(forms.Form):
    """Somebody who is reached through the person who registered."""

    native_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    latin_name = forms.CharField(
        label=_("Name in Latin letters"), help_text=_("As in the passport."), max_length=120, required=False
    )
    born_on = day_field(_("Date of birth"), required=False)
    document_number = forms.CharField(
        label=_("Passport number"),
        help_text=_("It helps if papers are lost. It is kept sealed."),
        max_length=20,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    relation = forms.ChoiceField(label=_("Who is it?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("relation")
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "—"), *RELATIONS]

    def facts(self) -> PersonFacts:
        data = self.cleaned_data
        return PersonFacts(
            native_name=data["native_name"],
            latin_name=data["latin_name"],
            born_on=data["born_on"],
            document_number=data["document_number"],
            languages=tuple(data.get("languages") or ()),
            relation=data.get("relation", ""),
        )


RELATIONS = [
    ("spouse", _("Spouse or partner")),
    ("child", _("Child")),
    ("parent", _("Parent")),
    ("relative", _("Other relative")),
    ("friend", _("Friend")),
    ("colleague", _("Colleague")),
]


class PersonForm(CompanionForm):
    """The person who registers."""

    languages = forms.MultipleChoiceField(
        label=_("Languages you read"),
        help_text=_("Warnings come in the first of them that we have."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    relation = None  # type: ignore[assignment]  # a companion's only

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["languages"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = languages()


class RegistrationForm(PersonForm):
    consent = forms.BooleanField(
        label=_("I agree that my data is kept to warn me and to help me in an emergency."),
        help_text=_(
            "You can take this back at any time. The privacy page says what is kept and for how long."
        ),
        required=False,
    )


class TrustedForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    contact = forms.CharField(
        label=_("Phone or e-mail of this person"),
        help_text=_("Tell this person that you have named them. We write to them only if you do not answer."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )


class CrisisForm(ContactForm, PlaceForm):
    """Three fields: name, how to reach you, where you are."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order: tuple[str, ...] = ("name", "contact", "place", "choice")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].label = _("Where you are")


def initial_of(person: Person) -> dict[str, Any]:
    """What the form shows of a person who is to be changed."""
    return {
        "native_name": person.native_name,
        "latin_name": person.latin_name,
        "born_on": person.born_on,
        "document_number": person.document_number or "",
        "languages": person.languages,
        "relation": person.relation,
    }
