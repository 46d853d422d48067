"""The words of a warning in every language of the profile, proposed for an officer to read and change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openconsular.domain.texts.errors import TextError
from openconsular.domain.texts.events import OTHER
from openconsular.domain.texts.fill import LINK, fill

KINDS = ("warning", "update", "all_clear", "retraction", "reminder")
SLOTS = ("sms", "subject", "body")
PHRASES = ("until_open", "issued_unknown", "time_format", "local_time", "utc", "months", "issuer_words")
MOST_ISSUER_CHARACTERS = 80


class GradeName(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def names(self) -> Mapping[str, str]: ...


class Wording(Protocol):
    """The part of a profile the words are made of; `foundation.profile.Profile` is one."""

    @property
    def names(self) -> Mapping[str, str]: ...
    @property
    def hotline_dial(self) -> str: ...
    @property
    def grades(self) -> Sequence[GradeName]: ...
    @property
    def texts(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]: ...


@dataclass(frozen=True)
class Facts:
    """What a warning speaks of.

    `event` is a type from `event_type`; `event_words` the issuer's own words by language, kept beside ours.
    `places` names the area by language, at least once. `until` and `issued` are aware instants or None, shown as
    wall time in `timezone` (IANA), that of the place.
    """

    event: str
    grade: str
    places: Mapping[str, str]
    event_words: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None
    issued: datetime | None = None
    timezone: str = "UTC"


def propose_texts(
    profile: Wording, kind: str, facts: Facts, languages: Iterable[str] = ()
) -> dict[str, dict[str, str]]:
    """Texts by language, each {"sms", "subject", "body"}, filled but for "{link}".

    `languages` empty means every language the profile has texts for. Raises TextError: unknown-kind,
    unknown-grade, unknown-language, missing-text, or what `fill` raises for a faulty template.
    """
    if kind not in KINDS:
        raise TextError("unknown-kind", f"There is no kind of message “{kind}”.")
    return {
        language: _texts(profile, kind, facts, language) for language in languages or sorted(profile.texts)
    }


def event_name(profile: Wording, event: str, language: str) -> str:
    """What the profile calls a type of event in a language."""
    names = _section(profile, language, "events")
    return names.get(event) or _entry(names, OTHER, language, "events")


def _texts(profile: Wording, kind: str, facts: Facts, language: str) -> dict[str, str]:
    templates = _section(profile, language, kind)
    fields = _fields(profile, facts, language)
    texts = {}
    for slot in SLOTS:
        short = slot == "sms"
        fields["event"] = _event(profile, facts, language, with_issuer=slot == "body")
        fields["instruction"] = _instruction(profile, facts.event, language, short=short)
        texts[slot] = fill(_entry(templates, slot, language, kind), fields).strip()
    return texts


def _fields(profile: Wording, facts: Facts, language: str) -> dict[str, str]:
    phrases = {
        name: _entry(_section(profile, language, "phrases"), name, language, "phrases") for name in PHRASES
    }
    return {
        "grade": _grade(profile, facts.grade, language),
        "place": in_language(facts.places, language),
        "until": _wall_time(facts.until, facts.timezone, phrases, "until_open"),
        "issued": _wall_time(facts.issued, facts.timezone, phrases, "issued_unknown"),
        "hotline": profile.hotline_dial,
        "sender": in_language(profile.names, language),
        "link": LINK,
    }


def _event(profile: Wording, facts: Facts, language: str, *, with_issuer: bool) -> str:
    """Our name of the event where the type is known, else the issuer's words; in the body both."""
    ours = event_name(profile, facts.event, language)
    theirs = _one_line(in_language(facts.event_words, language))
    if not theirs or theirs.casefold() == ours.casefold():
        return ours
    if facts.event == OTHER:
        return theirs
    quoted = _entry(_section(profile, language, "phrases"), "issuer_words", language, "phrases")
    return ours + quoted.replace("{words}", theirs) if with_issuer else ours


def _one_line(words: str) -> str:
    """Outside words made fit for a text: one line, no field brackets, not endless."""
    plain = " ".join(words.replace("{", "(").replace("}", ")").split())
    return (
        plain if len(plain) <= MOST_ISSUER_CHARACTERS else plain[: MOST_ISSUER_CHARACTERS - 1].rstrip() + "…"
    )


def _instruction(profile: Wording, event: str, language: str, *, short: bool) -> str:
    section = "sms_instructions" if short else "instructions"
    known = _section(profile, language, section)
    return known.get(event) or _entry(known, OTHER, language, section)


def _grade(profile: Wording, code: str, language: str) -> str:
    grade = next((one for one in profile.grades if one.code == code), None)
    if grade is None:
        raise TextError("unknown-grade", f"The profile has no grade “{code}”.")
    return in_language(grade.names, language)


def _wall_time(at: datetime | None, timezone: str, phrases: Mapping[str, str], without: str) -> str:
    """The instant as wall time at the place; `time_format` of the profile says how it is written."""
    if at is None:
        return phrases[without]
    try:
        local = at.astimezone(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError):
        local = at.astimezone(ZoneInfo("UTC"))
        timezone = "UTC"
    parts = {
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "time": f"{local:%H:%M}",
        "month_name": phrases["months"].split()[(local.month - 1) % len(phrases["months"].split())],
        "zone": phrases["utc"] if timezone == "UTC" else phrases["local_time"],
    }
    text = phrases["time_format"]
    for name, value in parts.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in the language, or in its base language ("en" for "en-GB"), or in English, or the first there is."""
    for wanted in (language.lower(), language.lower().split("-")[0], "en"):
        for code, text in texts.items():
            if code.lower() == wanted or code.lower().split("-")[0] == wanted:
                return text
    return next(iter(texts.values()), "")


def _section(profile: Wording, language: str, name: str) -> Mapping[str, str]:
    if language not in profile.texts:
        raise TextError("unknown-language", f"The profile has no texts in “{language}”.")
    if name not in profile.texts[language]:
        raise TextError("missing-text", f"The texts in “{language}” lack the section [{name}].")
    return profile.texts[language][name]


def _entry(section: Mapping[str, str], name: str, language: str, of: str) -> str:
    if not section.get(name):
        raise TextError("missing-text", f"The texts in “{language}” lack “{name}” in [{of}].")
    return section[name]
