"""The form by which a dose, a test or a recovery is written down: which fields, for which kind of certificate."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openconsular.accounts import queries as accounts
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.records.recording import DETECTED, NOT_DETECTED
from openconsular.domain.health.records.value_names import COVID_VACCINES
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput

ANOTHER = "another"
_HOLDER = (
    "family_name",
    "given_name",
    "standard_family_name",
    "standard_given_name",
    "born_on",
    "document_number",
)
_ICVP_HOLDER = ("sex", "nationality", "document_type", "guardian")
_EVENT: dict[tuple[Format, Kind], tuple[str, ...]] = {
    (Format.ICVP, Kind.VACCINATION): ("product", "batch", "happened_on", "country", "place", "clinician"),
    (Format.EU_DCC, Kind.VACCINATION): (
        "covid_product",
        "product_code",
        "vaccine_code",
        "maker_code",
        "dose",
        "doses",
        "happened_on",
        "country",
    ),
    (Format.EU_DCC, Kind.TEST): ("test_type", "result", "device", "happened_at", "place", "country"),
    (Format.EU_DCC, Kind.RECOVERY): ("happened_on", "valid_from", "valid_until", "country"),
    (Format.SMART, Kind.VACCINATION): ("cvx_product", "cvx_code", "batch", "happened_on", "place"),
}
# Names of `domain.health.recording.FIELDS` that have another name in the form.
_SHOWN_AS = {
    "vaccine": ("covid_product", "cvx_product"),
    "product": ("product", "covid_product", "device"),
    "maker": ("covid_product",),
    "happened_on": ("happened_on", "happened_at"),
}
_WHAT = {
    "happened_on": {
        Kind.VACCINATION: gettext_lazy("Day of the dose"),
        Kind.RECOVERY: gettext_lazy("Day of the first positive test"),
    }
}
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _text(label: Any, *, needed: bool = False, hint: Any = "", **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_PLAIN)
    return forms.CharField(
        label=label, required=needed, help_text=hint, max_length=more.pop("most", 100), widget=widget
    )


def _day(label: Any, hint: Any = "") -> forms.CharField:
    """A day stays text: the desk's rules, which a clinic's file passes as well, say what is wrong with it."""
    widget = forms.DateInput(attrs={"type": "date", "autocomplete": "off"})
    return forms.CharField(label=label, help_text=hint, max_length=10, widget=widget)


class RecordForm(forms.Form):
    """Every field there is; `__init__` keeps those of the kind of certificate, in their order."""

    family_name = _text(gettext_lazy("Surname"), hint=gettext_lazy("As in the passport."))
    given_name = _text(gettext_lazy("Given names"))
    standard_family_name = _text(
        gettext_lazy("Surname in the lowest lines of the passport"),
        hint=gettext_lazy("Needed when the name is not written in Latin letters above."),
    )
    standard_given_name = _text(gettext_lazy("Given names in the lowest lines of the passport"))
    born_on = _day(gettext_lazy("Date of birth"))
    document_number = _text(gettext_lazy("Number of the passport"))
    document_type = forms.ChoiceField(label=gettext_lazy("Kind of document"), required=False)
    sex = forms.ChoiceField(label=gettext_lazy("Sex"))
    nationality = _text(
        gettext_lazy("Nationality"), needed=True, hint=gettext_lazy("Two letters, such as CN."), most=3
    )
    guardian = _text(gettext_lazy("Parent or guardian"), hint=gettext_lazy("For a child. In Latin letters."))
    product = forms.ChoiceField(
        label=gettext_lazy("Product"),
        help_text=gettext_lazy(
            "From the catalogue of the WHO. Disease, manufacturer and validity follow from it."
        ),
    )
    covid_product = forms.ChoiceField(label=gettext_lazy("Product"))
    product_code = _text(
        gettext_lazy("Code of another product"), hint=gettext_lazy("Only when it is not in the list above.")
    )
    vaccine_code = _text(gettext_lazy("Code of its kind of vaccine"))
    maker_code = _text(gettext_lazy("Code of its manufacturer"))
    cvx_product = forms.ChoiceField(label=gettext_lazy("Vaccine"))
    cvx_code = _text(
        gettext_lazy("CVX code of another vaccine"),
        hint=gettext_lazy("Only when it is not in the list above."),
        most=10,
    )
    batch = _text(gettext_lazy("Batch number"), needed=True, hint=gettext_lazy("As printed on the vial."))
    dose = _text(gettext_lazy("Which dose it was"), needed=True, most=2)
    doses = _text(gettext_lazy("Of how many"), needed=True, most=2)
    test_type = forms.ChoiceField(label=gettext_lazy("Kind of test"))
    result = forms.ChoiceField(label=gettext_lazy("Result"))
    device = _text(
        gettext_lazy("Code of the test device"),
        hint=gettext_lazy("Of a rapid test, from the list of the EU's Joint Research Centre."),
    )
    happened_on = _day(gettext_lazy("Day of the dose"))
    happened_at = forms.CharField(
        label=gettext_lazy("When the sample was taken"),
        max_length=19,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "autocomplete": "off"}),
    )
    valid_from = _day(gettext_lazy("Valid from"))
    valid_until = _day(gettext_lazy("Valid until"))
    country = _text(
        gettext_lazy("Country where it was done"),
        needed=True,
        hint=gettext_lazy("Two letters, such as PH."),
        most=3,
    )
    place = _text(gettext_lazy("Clinic or centre"))
    clinician = _text(gettext_lazy("Clinician"), hint=gettext_lazy("In Latin letters."))
    mission = forms.ChoiceField(
        label=gettext_lazy("Mission"),
        required=False,
        help_text=gettext_lazy("Whose register it belongs to."),
    )

    def __init__(
        self,
        data: Any,
        *,
        certificate_format: Format,
        kind: Kind,
        zone: str,
        names_mission: bool,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.certificate_format, self.kind, self.zone = certificate_format, kind, zone
        self._keep(names_mission)
        self._offer()

    @property
    def about_holder(self) -> list[forms.BoundField]:
        return [self[name] for name in (*_HOLDER, *_ICVP_HOLDER) if name in self.fields]

    @property
    def about_event(self) -> list[forms.BoundField]:
        names = (*_EVENT[self.certificate_format, self.kind], "mission")
        return [self[name] for name in names if name in self.fields]

    def _keep(self, names_mission: bool) -> None:
        is_icvp = self.certificate_format is Format.ICVP
        wanted = [*_HOLDER, *(_ICVP_HOLDER if is_icvp else ()), *_EVENT[self.certificate_format, self.kind]]
        if names_mission:
            wanted.append("mission")
        self.fields = {name: self.fields[name] for name in wanted}
        if self.kind in _WHAT["happened_on"] and "happened_on" in self.fields:
            self.fields["happened_on"].label = _WHAT["happened_on"][self.kind]
        if "place" in self.fields:
            self.fields["place"].required = self.kind is Kind.TEST
        if "happened_at" in self.fields:
            hint = _("By the clocks of %(zone)s.") % {"zone": self.zone}
            self.fields["happened_at"].help_text = hint

    def _offer(self) -> None:
        choices: dict[str, list[Any]] = {
            "sex": [
                ("", _("Choose")),
                ("female", _("female")),
                ("male", _("male")),
                ("other", _("other")),
                ("unknown", _("unspecified")),
            ],
            "document_type": [("", "—"), ("PASSPORT", _("passport")), ("NATIONAL ID", _("identity card"))],
            "product": _catalogue() if "product" in self.fields else [],
            "covid_product": [
                ("", _("Choose")),
                *((one.product, f"{one.name} · {one.maker_name}") for one in COVID_VACCINES),
                (ANOTHER, _("another product")),
            ],
            "cvx_product": [
                ("", _("Choose")),
                *((one.cvx, f"{one.name} · {one.maker_name}") for one in COVID_VACCINES if one.cvx),
                (ANOTHER, _("another vaccine")),
            ],
            "test_type": [
                ("LP6464-4", _("nucleic acid test (PCR and the like)")),
                ("LP217198-3", _("rapid antigen test")),
            ],
            "result": [("", _("Choose")), (NOT_DETECTED, _("not detected")), (DETECTED, _("detected"))],
            "mission": [("", _("The ministry"))],
        }
        if "mission" in self.fields:
            choices["mission"] += [(str(one.pk), str(one)) for one in accounts.missions()]
        for name, offered in choices.items():
            if name in self.fields:
                self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        others = {
            "covid_product": ("product_code", "vaccine_code", "maker_code"),
            "cvx_product": ("cvx_code",),
        }
        for name, codes in others.items():
            if found.get(name) == ANOTHER:
                for code in codes:
                    if not found.get(code):
                        self.add_error(code, _("This is needed for a product that is not in the list."))
        if typed := found.get("happened_at"):
            try:
                found["instant"] = datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(self.zone))
            except ValueError:
                self.add_error("happened_at", _("Write day and time as 2026-05-17 14:30."))
        return found

    def written(self) -> dict[str, str]:
        """The fields as `domain.health.recording` names them."""
        typed = {name: str(value or "") for name, value in self.cleaned_data.items() if name != "instant"}
        found = {name: typed[name] for name in typed if name not in _OWN_NAMES}
        for name in ("nationality", "country"):
            if name in found:
                found[name] = found[name].strip().upper()
        return found | self._covid(typed) | self._sample(typed)

    def _covid(self, typed: Mapping[str, str]) -> dict[str, str]:
        if cvx := typed.get("cvx_product"):
            return {"vaccine": typed["cvx_code"] if cvx == ANOTHER else cvx}
        chosen = typed.get("covid_product")
        if chosen == ANOTHER:
            names = {"product": "product_code", "vaccine": "vaccine_code", "maker": "maker_code"}
            return {name: typed[code] for name, code in names.items()}
        one = next((one for one in COVID_VACCINES if one.product == chosen), None)
        return {"product": one.product, "vaccine": one.vaccine, "maker": one.maker} if one else {}

    def _sample(self, typed: Mapping[str, str]) -> dict[str, str]:
        instant = self.cleaned_data.get("instant")
        if instant is None:
            return {}
        return {"happened_on": instant.isoformat(timespec="seconds"), "product": typed.get("device", "")}

    def refuse(self, error: InvalidInput) -> None:
        """Show what the action refused at the fields it named, by their names in this form."""
        for name, text in error.fields.items():
            shown = next((one for one in _SHOWN_AS.get(name, (name,)) if one in self.fields), None)
            self.add_error(shown, text)
        if not error.fields:
            self.add_error(None, error.message)


_OWN_NAMES = frozenset(
    {
        "covid_product",
        "product_code",
        "vaccine_code",
        "maker_code",
        "cvx_product",
        "cvx_code",
        "device",
        "happened_at",
        "mission",
    }
)


def _catalogue() -> list[Any]:
    """Products by disease. Presentations of the same name and maker are told apart by the end of their code."""
    named: dict[tuple[str, str], int] = {}
    for one in catalogue().values():
        named[one.name, one.maker] = named.get((one.name, one.maker), 0) + 1
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in sorted(catalogue().values(), key=lambda one: (one.name.lower(), one.maker, one.code)):
        mark = f" · {one.code[-6:]}" if named[one.name, one.maker] > 1 else ""
        groups.setdefault(_(one.disease_name), []).append((one.code, f"{one.name} · {one.maker}{mark}"))
    return [("", _("Choose")), *groups.items()]


def zone_of(mission_id: int | None) -> str:
    """The zone by whose clocks a sample was taken: the mission's."""
    mission = accounts.missions().filter(pk=mission_id).first() if mission_id else None
    if mission is not None:
        return str(mission.timezone)
    return next((one.timezone for one in profile.current().missions if one.timezone), "UTC")
