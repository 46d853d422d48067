"""What a certificate says, line by line in the reader's language: the words of the printed sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from openconsular.domain.health.certificate import Certificate, Coded
from openconsular.domain.health.paper.contents import Language, Sheet, contents
from openconsular.domain.health.records.value_names import name_of
from openconsular.foundation import profile
from openconsular.health_certificates import rules

Row = tuple[str, str]


@dataclass(frozen=True)
class Said:
    """A heading, and what stands below it."""

    heading: str
    rows: Sequence[Row]


def language(tag: str = "") -> Language:
    """A language for sheets and pages; the reader's own when none is named."""
    wanted = (tag or get_language() or "en").lower()

    def translate(text: str) -> str:
        with override(wanted):
            return _(text)

    def name(coded: Coded) -> str:
        found = name_of(coded)
        return translate(found) if found else ""

    return Language(tag or wanted, translate, name)


def said(certificate: Certificate) -> list[Said]:
    """Everything a certificate says of its holder and of what is attested."""
    reader = language()
    told = contents(Sheet(certificate, "", (reader, reader), authority=("", "")))
    holder = [("", _full_name(certificate)), *_rows(told["holder"])]
    groups = [Said(told["holder_heading"][0], holder)]
    groups += [Said(one["heading"][0], _rows(one["rows"])) for one in told["entries"]]
    dates = _rows(told["dates"])
    return [*groups, Said(_("The certificate"), dates)] if dates else groups


def _full_name(certificate: Certificate) -> str:
    holder = certificate.holder
    return holder.full_name or " ".join(one for one in (holder.given_name, holder.family_name) if one)


def _rows(rows: Sequence[dict[str, Any]]) -> list[Row]:
    return [(row["label"][0], row["value"][0]) for row in rows]


def sheet_of(certificate: Certificate, text: str, identifier: str, verify_at: str, exercise: str) -> Sheet:
    """A sheet in the languages of this country: its own first, English beside it."""
    ours = profile.current()
    first = ours.languages[0]
    second = next((one for one in ours.languages if one.lower().startswith("en") and one != first), "en")
    both = (language(first), language(second))
    named = [profile.in_language(ours.names, one.tag) for one in both]
    authority = (named[0], rules.current().issuer or named[1])
    return Sheet(
        certificate,
        text,
        both,
        authority=authority,
        verify_at=verify_at,
        identifier=identifier,
        exercise=exercise,
    )


def compared(before: Certificate, after: Certificate) -> list[tuple[str, str, str]]:
    """Lines in which two certificates differ: (what, before, after)."""
    lines = [
        {(one.heading, label): value for one in said(each) for label, value in one.rows}
        for each in (before, after)
    ]
    places = dict.fromkeys([*lines[0], *lines[1]])
    differing = [place for place in places if lines[0].get(place, "") != lines[1].get(place, "")]
    return [
        (label or heading, lines[0].get((heading, label), ""), lines[1].get((heading, label), ""))
        for heading, label in differing
    ]
