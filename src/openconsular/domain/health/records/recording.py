"""A dose, a test or a recovery as somebody writes it down, checked before anybody is asked to approve it.

Fields are texts by the names below, from a form or a line of a file. What a format demands is demanded here, at the
desk where it can still be asked for, and not when it is signed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from openconsular.domain.health.certificate import Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert.latin import is_latin
from openconsular.domain.health.records.products import product as catalogued
from openconsular.domain.health.records.standard_names import is_standard, standard_name
from openconsular.domain.health.trust.countries import may_stand

FIELDS = (
    "key",
    "family_name",
    "given_name",
    "standard_family_name",
    "standard_given_name",
    "born_on",
    "sex",
    "nationality",
    "document_number",
    "document_type",
    "guardian",
    "disease",
    "vaccine",
    "product",
    "maker",
    "batch",
    "dose",
    "doses",
    "happened_on",
    "valid_from",
    "valid_until",
    "country",
    "place",
    "clinician",
    "test_type",
    "result",
)
LONGEST = 100
# SNOMED CT, as the EU's value sets have it.
COVID_19 = "840539006"
DETECTED, NOT_DETECTED = "260373001", "260415000"
_SNOMED, _CVX = "http://snomed.info/sct", "http://hl7.org/fhir/sid/cvx"
_NUCLEIC_ACID, _ANTIGEN = "LP6464-4", "LP217198-3"
_EARLIEST = date(1900, 1, 1)
# Format and control signs that could disguise what is read (bidi overrides, line breaks).
_UNFIT = re.compile("[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/-]*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2,3}", re.ASCII)


class Refused(Exception):
    """What was written cannot become a certificate: which field, and a stable code of why."""

    def __init__(self, field: str, code: str) -> None:
        self.field = field
        self.code = code
        super().__init__(f"{field}: {code}")


@dataclass(frozen=True, slots=True)
class Written:
    """What is attested, and of whom."""

    holder: Holder
    entry: Entry


def write_down(
    fields: Mapping[str, str],
    *,
    certificate_format: Format,
    kind: Kind,
    country: str,
    issuer: str,
    today: date,
    for_tests: bool = False,
) -> Written:
    """Checks the fields of one record. Raises `Refused`, with the first field that is wrong.

    `country` (alpha-2) and `issuer` are the issuing country's; a record may name another country of the dose.
    `for_tests` lets the holder be of an invented country.
    """
    if kind not in OFFERED[certificate_format]:
        raise Refused("kind", "not-in-this-format")
    _check_texts(fields)
    attested = _ATTESTED[kind](fields, certificate_format, today)
    holder = _holder(fields, certificate_format, today)
    if certificate_format is Format.ICVP and not may_stand(holder.nationality, for_tests=for_tests):
        raise Refused("nationality", "not-a-country")
    if attested["happened_on"][:10] < holder.born_on:
        raise Refused("happened_on", "before-birth")
    where = fields.get("country") or country
    if not _COUNTRY.fullmatch(where):
        raise Refused("country", "not-a-country")
    entry = Entry(
        kind=kind,
        country=where,
        issuer=issuer,
        place=fields.get("place", ""),
        clinician=fields.get("clinician", ""),
        **attested,
    )
    return Written(holder, entry)


def _check_texts(fields: Mapping[str, str]) -> None:
    if len(max(fields.values(), key=len, default="")) <= LONGEST and not _UNFIT.search(
        " ".join(fields.values())
    ):
        return
    for name, value in fields.items():
        if len(value) > LONGEST:
            raise Refused(name, "too-long")
        if _UNFIT.search(value):
            raise Refused(name, "unfit-signs")


def _holder(fields: Mapping[str, str], certificate_format: Format, today: date) -> Holder:
    family, given = fields.get("family_name", ""), fields.get("given_name", "")
    if not family and not given:
        raise Refused("family_name", "missing")
    standard_family = _standard(fields, "family_name", family)
    standard_given = _standard(fields, "given_name", given)
    born_on = fields.get("born_on", "")
    born = _day("born_on", born_on)
    if born > today:
        raise Refused("born_on", "in-the-future")
    sex = fields.get("sex", "")
    if sex not in ("", "male", "female", "other", "unknown"):
        raise Refused("sex", "unknown-code")
    if certificate_format is Format.ICVP:
        _check_yellow_card_holder(fields)
    nationality = fields.get("nationality", "")
    if nationality and not _COUNTRY.fullmatch(nationality):
        raise Refused("nationality", "not-a-country")
    full_name = " ".join(part for part in (given, family) if part)
    if certificate_format is Format.ICVP and not is_latin(full_name):
        # REQ-CC-04: completed in English or French, so a name in another script stands as in the passport's lines.
        full_name = " ".join(
            part.replace("<", " ") for part in (standard_given, standard_family) if part
        ).title()
    return Holder(
        family_name=family,
        given_name=given,
        full_name=full_name,
        standard_family_name=standard_family,
        standard_given_name=standard_given,
        born_on=born_on,
        sex=sex,
        document_number=fields.get("document_number", ""),
        document_type=fields.get("document_type", ""),
        nationality=nationality,
        guardian=fields.get("guardian", ""),
    )


def _check_yellow_card_holder(fields: Mapping[str, str]) -> None:
    """What the digital ICVP demands of whom it is about, and the language it is completed in (REQ-CC-04)."""
    for name in ("sex", "nationality"):
        if not fields.get(name):
            raise Refused(name, "missing")
    for name in ("guardian", "clinician"):
        if not is_latin(fields.get(name, "")):
            raise Refused(name, "not-latin")


def _standard(fields: Mapping[str, str], name: str, spelt: str) -> str:
    """As in the passport: as written down from it, or made of Latin letters; never guessed from another script."""
    told = fields.get(f"standard_{name}", "")
    if told:
        if not is_standard(told):
            raise Refused(f"standard_{name}", "not-standard")
        return told
    made = standard_name(spelt) if spelt else ""
    if spelt and not made:
        raise Refused(f"standard_{name}", "needed-for-script")
    return made


def _vaccination(fields: Mapping[str, str], certificate_format: Format, today: date) -> dict[str, Any]:
    happened_on = _past_day(fields, "happened_on", today)
    if certificate_format is Format.ICVP:
        return _yellow_card(fields, happened_on)
    is_smart = certificate_format is Format.SMART
    dose, doses = _number(fields, "dose"), _number(fields, "doses")
    if not is_smart:
        for name in ("product", "maker", "dose", "doses"):
            if not fields.get(name):
                raise Refused(name, "missing")
    return {
        "disease": Coded(_code(fields, "disease", COVID_19), _SNOMED if is_smart else ""),
        "vaccine": Coded(_code(fields, "vaccine", is_needed=True), _CVX if is_smart else ""),
        "product": Coded(_code(fields, "product")),
        "maker": Coded(_code(fields, "maker")),
        "batch": fields.get("batch", ""),
        "dose": dose,
        "doses": doses,
        "happened_on": happened_on,
    }


def _yellow_card(fields: Mapping[str, str], happened_on: str) -> dict[str, Any]:
    """What REQ-CC and REQ-DE of the digital ICVP demand: the product says disease, maker and validity."""
    found = catalogued(fields.get("product", ""))
    if found is None:
        raise Refused("product", "not-in-catalogue")
    if not fields.get("batch"):
        raise Refused("batch", "missing")
    if fields.get("valid_until"):
        raise Refused("valid_until", "computed")
    return {
        "disease": Coded(found.disease, display=found.disease_name),
        "vaccine": Coded(found.vaccine),
        "product": Coded(found.code, display=found.name),
        "maker": Coded(display=found.maker),
        "batch": fields["batch"],
        "happened_on": happened_on,
    }


def _test(fields: Mapping[str, str], certificate_format: Format, today: date) -> dict[str, Any]:
    taken = fields.get("happened_on", "")
    try:
        instant = datetime.fromisoformat(taken)
    except ValueError:
        raise Refused("happened_on", "not-an-instant") from None
    if not _INSTANT.fullmatch(taken):
        raise Refused("happened_on", "without-zone")
    try:
        is_past = _EARLIEST <= instant.astimezone(UTC).date() <= today
    except OverflowError:
        is_past = False
    if not is_past:
        raise Refused("happened_on", "in-the-future")
    for name, codes in (("test_type", (_NUCLEIC_ACID, _ANTIGEN)), ("result", (DETECTED, NOT_DETECTED))):
        if fields.get(name, "") not in codes:
            raise Refused(name, "unknown-code")
    if not fields.get("place"):
        raise Refused("place", "missing")
    return {
        "disease": Coded(_code(fields, "disease", COVID_19)),
        "product": Coded(_code(fields, "product")),
        "maker": Coded(_code(fields, "maker")),
        "happened_on": taken,
        "test_type": Coded(fields["test_type"]),
        "result": Coded(fields["result"]),
    }


def _recovery(fields: Mapping[str, str], certificate_format: Format, today: date) -> dict[str, Any]:
    first = _past_day(fields, "happened_on", today)
    since, until = fields.get("valid_from", ""), fields.get("valid_until", "")
    if not first <= _day("valid_from", since).isoformat() <= _day("valid_until", until).isoformat():
        raise Refused("valid_until", "out-of-order")
    return {
        "disease": Coded(_code(fields, "disease", COVID_19)),
        "happened_on": first,
        "valid_from": since,
        "valid_until": until,
    }


_ATTESTED: dict[Kind, Callable[[Mapping[str, str], Format, date], dict[str, Any]]] = {
    Kind.VACCINATION: _vaccination,
    Kind.TEST: _test,
    Kind.RECOVERY: _recovery,
}
# What a format can say.
OFFERED = {
    Format.EU_DCC: frozenset(Kind),
    Format.ICVP: frozenset({Kind.VACCINATION}),
    Format.SMART: frozenset({Kind.VACCINATION}),
}


def _code(fields: Mapping[str, str], name: str, otherwise: str = "", *, is_needed: bool = False) -> str:
    code = fields.get(name, "") or otherwise
    if not code and is_needed:
        raise Refused(name, "missing")
    if code and not _CODE.fullmatch(code):
        raise Refused(name, "not-a-code")
    return code


def _number(fields: Mapping[str, str], name: str) -> int | None:
    value = fields.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= 2 and int(value)):
        raise Refused(name, "not-a-number")
    return int(value)


def _past_day(fields: Mapping[str, str], name: str, today: date) -> str:
    value = fields.get(name, "")
    if _day(name, value) > today:
        raise Refused(name, "in-the-future")
    return value


def _day(name: str, value: str) -> date:
    if not value:
        raise Refused(name, "missing")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Refused(name, "not-a-day") from None
    # Weeks ("2026-W22-6") are ISO 8601 as well, and no certificate has them.
    if not _DAY.fullmatch(value) or found < _EARLIEST:
        raise Refused(name, "not-a-day")
    return found
