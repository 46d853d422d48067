"""From area codes to areas by the registries that are loaded."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from openconsular.domain.cap.geocodes import Candidates, Geocode, codes_of
from openconsular.domain.cap.model import NamedValue
from openconsular.domain.cap.reasons import Remark, remark
from openconsular.domain.geo import Area

# Where a place is named in several registries, the finer and better kept one is believed.
_PREFERENCE = ("EMMA_ID", "UGC", "NUTS3", "WARNCELLID", "SAME", "FIPS", "NUTS2", "ISO3166-2")


class Registries(Protocol):
    """Area codes and their areas."""

    def loaded(self) -> Collection[str]:
        """The names of the registries that are loaded."""

    def find(self, codes: Collection[Geocode]) -> Mapping[Geocode, Area]:
        """The areas of those codes that are known."""


class NoRegistries:
    """Nothing is loaded: every code is unresolved."""

    def loaded(self) -> Collection[str]:
        return ()

    def find(self, codes: Collection[Geocode]) -> Mapping[Geocode, Area]:
        return {}


class Resolution:
    """The codes of one message. `ask` for each area, then read `areas`, `missing` and `remarks`."""

    def __init__(self, registries: Registries) -> None:
        self.missing: list[str] = []
        self.remarks: list[Remark] = []
        self.unknown_registries: list[str] = []
        self.tried_loaded = False
        self._registries = registries
        self._asked: list[list[tuple[str, list[Candidates]]]] = []

    def ask(self, geocodes: Sequence[NamedValue]) -> None:
        """One area that is given by these codes, each registry naming the whole of it."""
        places = [place for code in geocodes for place in codes_of(code)]
        places.sort(key=lambda place: _rank(place.codes[0].registry))
        self._asked.append(
            [(name, list(group)) for name, group in groupby(places, key=lambda p: p.codes[0].registry)]
        )

    def areas(self) -> list[Area]:
        """The areas found, each code once."""
        loaded = set(self._registries.loaded())
        codes = {
            code
            for area in self._asked
            for name, places in area
            if name in loaded
            for place in places
            for code in place.codes
        }
        self.tried_loaded = bool(codes)
        known = self._registries.find(codes) if codes else {}
        taken: dict[Geocode, Area] = {}
        for area in self._asked:
            taken.update(self._resolve(area, known, loaded))
        self.missing = list(dict.fromkeys(self.missing))
        return list(taken.values())

    def _resolve(
        self, area: list[tuple[str, list[Candidates]]], known: Mapping[Geocode, Area], loaded: set[str]
    ) -> dict[Geocode, Area]:
        """By the first registry that knows every code, else by all that know some, and the rest is missing."""
        best: list[Candidates] | None = None
        found: dict[Geocode, Area] = {}
        for name, places in area:
            resolved = {place: code for place in places if (code := _first_known(place, known))}
            if len(resolved) == len(places):
                return self._take(resolved, known)
            found |= self._take(resolved, known)
            unresolved = [place for place in places if place not in resolved]
            if name in loaded and (best is None or len(unresolved) < len(best)):
                best = unresolved
            if name not in loaded and name not in self.unknown_registries:
                self.unknown_registries.append(name)
        if best is None:
            best = [place for _, places in area for place in places]
        self.missing += [f"{place.codes[0].registry} {place.as_written}" for place in best]
        return found

    def _take(
        self, resolved: dict[Candidates, Geocode], known: Mapping[Geocode, Area]
    ) -> dict[Geocode, Area]:
        for place, code in resolved.items():
            if code != place.codes[0]:
                widened = remark("geocode-widened", code=place.as_written, taken=code.code)
                if widened not in self.remarks:
                    self.remarks.append(widened)
        return {code: known[code] for code in resolved.values()}


def _first_known(place: Candidates, known: Mapping[Geocode, Area]) -> Geocode | None:
    return next((code for code in place.codes if code in known), None)


def _rank(registry: str) -> tuple[int, str]:
    return (_PREFERENCE.index(registry) if registry in _PREFERENCE else len(_PREFERENCE), registry)
