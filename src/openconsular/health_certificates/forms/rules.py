"""Forms of entry rules: lists, looking for a rule, and the arrival a certificate is tried for."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from openconsular.citizens.queries import country_name
from openconsular.domain.health.rules.limits import LIST_BYTES_MOST
from openconsular.domain.health.rules.outcome import Arrival
from openconsular.domain.health.trust.countries import may_stand, same_country
from openconsular.health_certificates.forms.checking import CheckForm
from openconsular.health_certificates.models import RuleSource

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class RuleSourceForm(forms.Form):
    name = forms.SlugField(
        label=_("Name of the list"),
        max_length=50,
        help_text=_("Letters, digits and hyphens."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=RuleSource.Kind.choices)
    url = forms.URLField(
        label=_("Address"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("https only. Empty for a list that comes as a file."),
    )
    signers = forms.CharField(
        label=_("Certificates that sign its rules (PEM)"),
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "oc-wide", **_PLAIN}),
        help_text=_("Each names its country. With them, a rule that its country has not signed is refused."),
    )
    stale_after_hours = forms.IntegerField(
        label=_("Stale after … hours"), initial=48, min_value=1, max_value=8760
    )


class RuleImportForm(forms.Form):
    file = forms.FileField(
        label=_("List as a file"), widget=forms.FileInput(attrs={"accept": ".json,application/json"})
    )
    may_shrink = forms.BooleanField(
        label=_("More than half of its rules may go"),
        required=False,
        help_text=_("Only after a look at the list: otherwise such a list is refused."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LIST_BYTES_MOST:
            raise forms.ValidationError(_("This file is too large."))
        return file


def _country_field(label: Any, help_text: Any, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=3,
        help_text=help_text,
        widget=forms.TextInput(attrs={**_PLAIN, "class": "oc-code", "size": 4}),
    )


class ArrivalCheckForm(CheckForm):
    """What is presented, and if one likes the arrival it is presented for."""

    arriving = _country_field(_("Arriving in"), _("Two letters, such as CN."))
    region = forms.CharField(
        label=_("Region there"),
        required=False,
        max_length=60,
        help_text=_("As the country’s rules name it."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    departing = _country_field(_("Coming from"), _("Two letters: the country where the journey began."))
    on = forms.DateField(
        label=_("Day of arrival"),
        required=False,
        help_text=_("Empty: now."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean_arriving(self) -> str:
        return self._country("arriving")

    def clean_departing(self) -> str:
        return self._country("departing")

    def _country(self, name: str) -> str:
        code = str(self.cleaned_data.get(name, "")).strip()
        if code and not may_stand(code, for_tests=settings.CERTIFICATES != "live"):
            raise forms.ValidationError(_("Write the two letters of a country."))
        return same_country(code)

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        is_asked = any(found.get(name) for name in ("departing", "region", "on"))
        if is_asked and not found.get("arriving") and "arriving" not in self.errors:
            self.add_error("arriving", _("Say where somebody arrives."))
        return found

    def arrival(self, now: datetime) -> Arrival | None:
        """The arrival that is asked about, None where none is. Without a day it is now."""
        if not self.cleaned_data.get("arriving"):
            return None
        on: date | None = self.cleaned_data.get("on")
        return Arrival(
            country=self.cleaned_data["arriving"],
            on=on or timezone.localdate(now),
            region=self.cleaned_data.get("region", ""),
            at=None if on else now,
            departed_from=self.cleaned_data.get("departing", ""),
        )


class RuleSearchForm(forms.Form):
    q = forms.CharField(
        label=_("Find a rule by its name or words"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", **_PLAIN}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    kind = forms.ChoiceField(label=_("Kind of certificate"), required=False)

    def __init__(self, *args: Any, countries: list[str], kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        named = sorted(
            ((code, f"{country_name(code, language)} ({code})") for code in countries), key=lambda one: one[1]
        )
        self.fields["country"].choices = [("", _("All")), *named]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]
