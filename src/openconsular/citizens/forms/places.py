"""Entering a place without a script: type, send, choose from the list that comes back."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from openconsular.citizens import places
from openconsular.citizens.entries import StayFacts
from openconsular.citizens.models import Stay
from openconsular.citizens.queries.labels import described
from openconsular.domain.people.places import Place, distance_m, folded

# A pin farther than this from the place that was typed is a slip of one or the other.
FARTHEST_PIN_M = 100_000
MOST_SHOWN = 8


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=widget, input_formats=["%Y-%m-%d"]
    )


class _Choice(forms.ChoiceField):
    """One of the places found. A choice left over from a name typed before is ignored, not refused."""

    def valid_value(self, value: Any) -> bool:
        return True


class PlaceForm(forms.Form):
    """A place by name, or a pin. After `is_valid`, `chosen` is the place and `pin` (lat, lon) or None."""

    place = forms.CharField(
        label=_("Place"),
        help_text=_("A city or a country, in Chinese, English or its own language."),
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                # What the list of suggestions asks, where it puts the answer, and what it says to a screen reader.
                "data-oc-suggest": reverse_lazy("places"),
                "data-choice": "choice",
                "data-list": _("Places"),
                "data-some": _("Places found: {n}. Use the arrow keys to choose one."),
                "data-none": _("No place found yet."),
            }
        ),
    )
    choice = _Choice(label=_("Which one do you mean?"), required=False, widget=forms.RadioSelect)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen: Place | None = None
        self.pin: tuple[float, float] | None = None
        # A pin says where without a word.
        self.fields["place"].required = not (self.data.get(self.add_prefix("lat")) if self.is_bound else "")
        typed = str(self.data.get(self.add_prefix("place"), "")) if self.is_bound else ""
        self.found = (
            places.search(typed, language=get_language() or "", limit=MOST_SHOWN) if typed.strip() else []
        )
        choice = self.fields["choice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = _told_apart(self.found)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lat, lon, typed = cleaned.get("lat"), cleaned.get("lon"), (cleaned.get("place") or "").strip()
        pin = (round(lat, 5), round(lon, 5)) if lat is not None and lon is not None else None
        if typed:
            self._take_typed(typed, str(cleaned.get("choice") or ""), pin)
        elif "place" not in self.errors:
            self._take_pin(pin)
        return cleaned

    @property
    def asks_choice(self) -> bool:
        """Whether the list of places is to be shown: after a name that several places have."""
        is_asked = self.is_bound and (
            bool(self.errors.get("choice")) or bool(self.cleaned_data.get("choice"))
        )
        self.fields["choice"].required = is_asked
        return is_asked

    def _take_pin(self, pin: tuple[float, float] | None) -> None:
        if pin is None:
            self.add_error("place", _("Enter the place where you are or will be."))
            return
        self.chosen, _distance = places.gazetteer().nearest(*pin)
        self.pin = pin

    def _take_typed(self, typed: str, choice: str, pin: tuple[float, float] | None) -> None:
        if not self.found:
            self.add_error(
                "place", _("We do not know this place. Try the next larger town, or only the country.")
            )
            return
        same = [one for one in self.found if folded(typed) in (folded(one.name), folded(one.chinese))]
        by_choice = [one for one in self.found if str(one.id) == choice]
        clear = by_choice or (self.found if len(self.found) == 1 else same if len(same) == 1 else [])
        if not clear:
            self.add_error("choice", _("Choose the place you mean."))
            return
        self.chosen = clear[0]
        if pin is not None:
            self._take_near_pin(self.chosen, pin)

    def _take_near_pin(self, place: Place, pin: tuple[float, float]) -> None:
        if distance_m(place, *pin) > max(FARTHEST_PIN_M, place.uncertainty_m * 2):
            self.add_error("place", _("The point on the map is far from this place. Remove one of the two."))
            return
        self.pin = pin

    def facts(self, first: Any, last: Any = None) -> StayFacts:
        """The stay as the actions take it; only after `is_valid`."""
        assert self.chosen is not None
        lat, lon = self.pin or (None, None)
        label = self.chosen.name_in(get_language() or "")
        return StayFacts(self.chosen, first, last, lat=lat, lon=lon, label=label)


def _told_apart(found: list[Place]) -> list[tuple[str, str]]:
    """Places as choices; those that read alike with the code of their subdivision, and then their population."""
    names = [described(place) for place in found]
    choices = []
    for place, name in zip(found, names, strict=True):
        region = place.region.partition("-")[2] or place.region
        more = f" · {region} · {place.population:,}" if names.count(name) > 1 else ""
        choices.append((str(place.id), name + more))
    return choices


class LegForm(PlaceForm):
    """One place of a trip, with its days."""

    first = day_field(_("First day there"))
    last = day_field(_("Last day there"), help_text=_("By the calendar of that place."))
    field_order: tuple[str, ...] = ("place", "choice", "first", "last")

    def stay(self) -> StayFacts:
        return self.facts(self.cleaned_data["first"], self.cleaned_data["last"])


class TripForm(LegForm):
    title = forms.CharField(label=_("Name of the trip"), max_length=120, required=False)
    field_order: tuple[str, ...] = ("place", "choice", "first", "last", "title")


class ResidenceForm(PlaceForm):
    """Where somebody lives, without an end."""

    first = day_field(_("Since"))
    field_order: tuple[str, ...] = ("place", "choice", "first")

    def stay(self) -> StayFacts:
        return self.facts(self.cleaned_data["first"])


def initial_of(stay: Stay, facts: StayFacts | None) -> dict[str, Any]:
    """What a form shows of a stay that is to be changed."""
    if facts is None:
        return {"place": stay.label}
    return {
        "place": described(facts.place),
        "choice": str(facts.place.id),
        "first": facts.first,
        "last": facts.last,
        "lat": facts.lat,
        "lon": facts.lon,
    }
