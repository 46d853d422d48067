"""The profile: everything that belongs to one country, as data (`profiles/<code>/`).

Nothing in code asks which country it is; it asks the profile. `docs/how-to/profile.md` shows how to write one.
"""

import csv
import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from openconsular.foundation.errors import InvalidInput

FOLDER = Path(__file__).parents[1] / "profiles"


@dataclass(frozen=True)
class Grade:
    """One step of the country's own warning scale. `shape` and `colour` are drawn beside the word, never instead."""

    code: str
    rank: int
    names: dict[str, str]
    colour: str
    shape: str
    severities: tuple[str, ...]

    @property
    def name(self) -> str:
        return in_language(self.names)


@dataclass(frozen=True)
class MissionFacts:
    """One embassy, consulate or other post. `district` holds ISO 3166-1 codes, or code-admin1 as "PH-07"."""

    code: str
    kind: str
    names: dict[str, str]
    city: dict[str, str]
    country: str
    lat: float
    lon: float
    timezone: str
    district: tuple[str, ...]
    phone: str


@dataclass(frozen=True)
class Profile:
    code: str
    country: str
    languages: tuple[str, ...]
    names: dict[str, str]
    service_names: dict[str, str]
    hotline: str
    hotline_dial: str
    sms_words: dict[str, dict[str, tuple[str, ...]]]
    approval_above: int
    grades: tuple[Grade, ...]
    missions: tuple[MissionFacts, ...]
    texts: dict[str, dict[str, dict[str, str]]]
    event_keywords: dict[str, dict[str, tuple[str, ...]]]

    @property
    def default_language(self) -> str:
        return self.languages[0]

    @property
    def name(self) -> str:
        return in_language(self.names)

    @property
    def service_name(self) -> str:
        return in_language(self.service_names)

    def grade_for(self, severity: str) -> Grade:
        """The grade proposed for a CAP severity; the officer may choose another."""
        return next((g for g in self.grades if severity in g.severities), self.grades[0])

    def language_for(self, spoken: list[str]) -> str:
        """The first of a person's languages in which texts exist ("en" serves "en-GB"), else the country's own."""
        for wanted in spoken:
            near = [one for one in self.texts if one.split("-")[0].lower() == wanted.split("-")[0].lower()]
            if near:
                return wanted if wanted in near else near[0]
        return self.default_language


def in_language(texts: dict[str, str], language: str = "") -> str:
    """The text in `language` (default: the reader's), or in the first language there is.

    Issuers write "en-US" or "zh-CN" where a reader asks for "en" or "zh-hans": the same tongue goes before the first.
    """
    wanted = (language or get_language() or "").lower()
    by_code = {code.lower(): text for code, text in texts.items()}
    tongue = wanted.split("-")[0]
    regional = "zh-tw" if wanted == "zh-hant" else "zh-cn"
    alike = next((text for code, text in by_code.items() if code.split("-")[0] == tongue), "")
    return (
        by_code.get(wanted)
        or by_code.get(tongue)
        or by_code.get(regional if tongue == "zh" else "")
        or alike
        or next(iter(texts.values()))
    )


def current() -> Profile:
    return load(settings.PROFILE)


@functools.cache
def load(code: str) -> Profile:
    folder = FOLDER / code
    if not code.isalnum() or not (folder / "profile.toml").exists():
        known = ", ".join(sorted(p.parent.name for p in FOLDER.glob("*/profile.toml")))
        raise InvalidInput(f"There is no profile “{code}”. Known profiles: {known}.")
    raw = tomllib.loads((folder / "profile.toml").read_text("utf-8"))
    return Profile(
        code=code,
        country=raw["country"],
        languages=tuple(raw["languages"]),
        names=raw["name"],
        service_names=raw["service_name"],
        hotline=raw["hotline"],
        hotline_dial=raw["hotline_dial"],
        sms_words={lang: {k: tuple(v) for k, v in w.items()} for lang, w in raw["sms_words"].items()},
        approval_above=raw["approval_above"],
        grades=tuple(_grade(rank, one) for rank, one in enumerate(raw["grades"], start=1)),
        missions=tuple(_missions(folder / "missions.csv", raw["languages"])),
        texts={
            p.stem: tomllib.loads(p.read_text("utf-8")) for p in sorted((folder / "texts").glob("*.toml"))
        },
        event_keywords=_event_keywords(),
    )


@functools.cache
def _event_keywords() -> dict[str, dict[str, tuple[str, ...]]]:
    """How events are recognised: {type: {"codes": (...), "words": (...)}}; one table for all countries."""
    raw = tomllib.loads((FOLDER / "events.toml").read_text("utf-8"))
    return {name: {key: tuple(values) for key, values in one.items()} for name, one in raw.items()}


def _grade(rank: int, raw: dict[str, Any]) -> Grade:
    return Grade(raw["code"], rank, raw["name"], raw["colour"], raw["shape"], tuple(raw["severities"]))


def _missions(path: Path, languages: list[str]) -> list[MissionFacts]:
    with path.open(encoding="utf-8", newline="") as file:
        return [_mission(row, languages) for row in csv.DictReader(file)]


def _mission(row: dict[str, str], languages: list[str]) -> MissionFacts:
    def texts(column: str) -> dict[str, str]:
        return {lang: row[f"{column}_{lang}"] for lang in languages if row.get(f"{column}_{lang}")}

    return MissionFacts(
        code=row["code"],
        kind=row["kind"],
        names=texts("name"),
        city=texts("city"),
        country=row["country"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        timezone=row["timezone"],
        district=tuple(row["district"].split()),
        phone=row["phone"],
    )
