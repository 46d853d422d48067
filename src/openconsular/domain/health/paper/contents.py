"""Decides what a sheet says, as pairs of texts in two languages; nothing here knows about paper."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from openconsular.domain.health.certificate import Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.paper import words


@dataclass(frozen=True, slots=True)
class Language:
    """One of a sheet's two languages.

    `tag` is BCP 47 ("zh-Hans"), `translate` gives a text of `words` in it, `name` what a code of a value set is
    called in it ("" when nobody knows: the words in the certificate, else the code, are shown).
    """

    tag: str
    translate: Callable[[str], str]
    name: Callable[[Coded], str] = lambda _coded: ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn. `code` is the certificate as it is kept: the text of its QR code, or the JWS of a card of several.

    `authority` is who issues, in both languages; `verify_at` where anybody can verify, without "https://".
    `statement` replaces the words of the International Health Regulations' model on an ICVP, in both languages.
    `exercise` is written across a certificate that is not meant to be believed.
    """

    certificate: Certificate
    code: str
    languages: tuple[Language, Language]
    authority: tuple[str, str]
    verify_at: str = ""
    identifier: str = ""
    statement: tuple[str, str] | None = None
    exercise: str = ""


Pair = list[str]
Row = dict[str, Any]
_INSTANT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", re.ASCII)
_KIND_LABELS = {Kind.VACCINATION: "given_on", Kind.TEST: "tested_on", Kind.RECOVERY: "found_on"}


def contents(sheet: Sheet) -> dict[str, Any]:
    """Everything a sheet says. Texts that come in two languages are pairs; equal ones have an empty second."""
    certificate = sheet.certificate
    is_icvp = certificate.format is Format.ICVP
    statement = sheet.statement or (_pair(sheet, words.ICVP_STATEMENT) if is_icvp else ("", ""))
    return {
        "languages": [language.tag for language in sheet.languages],
        "yellow": is_icvp,
        "title": _pair(sheet, words.TITLES[_title(certificate)]),
        "digital": _pair(sheet, words.DIGITAL),
        "authority": _unlike(*sheet.authority),
        "country": certificate.issuer_country,
        "holder_heading": _pair(sheet, words.HOLDER),
        "name": _full_name(certificate.holder),
        "holder": list(_holder(sheet, certificate.holder)),
        "statement": _unlike(*statement),
        "entries": [
            {"heading": _pair(sheet, words.ENTRIES[entry.kind]), "rows": list(_entry(sheet, entry))}
            for entry in certificate.entries
        ],
        "front": list(_front(sheet, certificate)),
        "identifier": _row(sheet, "identifier", sheet.identifier or _identifier(certificate)),
        "dates": list(_dates(sheet, certificate)),
        "code_heading": _pair(sheet, words.CODE),
        "verify": _pair(sheet, words.VERIFY),
        "steps": [_pair(sheet, step) for step in words.STEPS],
        "verify_at": sheet.verify_at,
        "keep": _pair(sheet, words.KEEP),
        "exercise": sheet.exercise,
    }


def _title(certificate: Certificate) -> str:
    if certificate.format is Format.ICVP:
        return "icvp"
    kinds = {entry.kind.value for entry in certificate.entries}
    return kinds.pop() if len(kinds) == 1 else "several"


def _full_name(holder: Holder) -> str:
    return holder.full_name or " ".join(part for part in (holder.given_name, holder.family_name) if part)


def _holder(sheet: Sheet, holder: Holder) -> Iterator[Row]:
    standard = "<<".join(part for part in (holder.standard_family_name, holder.standard_given_name) if part)
    document = " ".join(part for part in (holder.document_type, holder.document_number) if part)
    if holder.family_name or holder.given_name:
        yield from _rows(sheet, ("family_name", holder.family_name), ("given_name", holder.given_name))
    yield from _rows(sheet, ("standard_name", standard), ("born_on", holder.born_on))
    sex = words.SEXES.get(holder.sex.lower())
    if sex:
        yield {"label": _pair(sheet, words.LABELS["sex"]), "value": _pair(sheet, sex)}
    yield from _rows(
        sheet,
        ("nationality", holder.nationality),
        ("document", document),
        ("guardian", holder.guardian),
    )


def _entry(sheet: Sheet, entry: Entry) -> Iterator[Row]:
    is_test = entry.kind is Kind.TEST
    dose = f"{entry.dose} / {entry.doses}" if entry.dose and entry.doses else str(entry.dose or "")
    yield from _coded_rows(sheet, ("disease", entry.disease), ("vaccine", entry.vaccine))
    yield from _coded_rows(sheet, ("product", entry.product), ("maker", entry.maker))
    yield from _rows(sheet, ("batch", entry.batch), ("dose", dose))
    yield from _coded_rows(sheet, ("test_type", entry.test_type), ("result", entry.result))
    yield from _rows(sheet, (_KIND_LABELS[entry.kind], entry.happened_on), ("valid_from", entry.valid_from))
    if entry.valid_until == "life":
        yield {"label": _pair(sheet, words.LABELS["valid_until"]), "value": _pair(sheet, words.FOR_LIFE)}
    else:
        yield from _rows(sheet, ("valid_until", entry.valid_until))
    yield from _rows(
        sheet,
        ("test_place" if is_test else "place", entry.place),
        ("clinician", entry.clinician),
        ("entry_issuer", entry.issuer),
        ("country", entry.country),
    )


def _front(sheet: Sheet, certificate: Certificate) -> Iterator[Row]:
    """What fits beside the code of a card: enough to know whose it is and what it attests."""
    yield from _rows(sheet, ("born_on", certificate.holder.born_on))
    for entry in certificate.entries[:1]:
        yield from _coded_rows(sheet, ("disease", entry.disease))
        yield from _rows(sheet, (_KIND_LABELS[entry.kind], entry.happened_on))
        yield from _coded_rows(sheet, ("result", entry.result))


def _dates(sheet: Sheet, certificate: Certificate) -> Iterator[Row]:
    issued, expires = certificate.issued_at or certificate.valid_from, certificate.expires_at
    yield from _rows(
        sheet,
        ("issued_on", issued.date().isoformat() if issued else ""),
        ("expires_on", expires.date().isoformat() if expires else ""),
    )


def _identifier(certificate: Certificate) -> str:
    return next((entry.identifier for entry in certificate.entries if entry.identifier), "")


def _rows(sheet: Sheet, *rows: tuple[str, str]) -> Iterator[Row]:
    for label, value in rows:
        if value:
            yield _row(sheet, label, value)


def _coded_rows(sheet: Sheet, *rows: tuple[str, Coded]) -> Iterator[Row]:
    for label, coded in rows:
        if coded.code or coded.display:
            value = [language.name(coded) or coded.display or coded.code for language in sheet.languages]
            yield {"label": _pair(sheet, words.LABELS[label]), "value": _unlike(*value)}


def _row(sheet: Sheet, label: str, value: str) -> Row:
    return {"label": _pair(sheet, words.LABELS[label]), "value": [_readable(value), ""]}


def _readable(value: str) -> str:
    """An instant with a blank where ISO 8601 has a T; every other text as it is."""
    return _INSTANT.sub(r"\1 \2", value).replace("Z", " UTC") if _INSTANT.match(value) else value


def _pair(sheet: Sheet, text: str) -> Pair:
    first, second = sheet.languages
    return _unlike(first.translate(text), second.translate(text))


def _unlike(first: str, second: str) -> Pair:
    """What is the same in both languages is said once."""
    return [first, "" if first == second else second]
