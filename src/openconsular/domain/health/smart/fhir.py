"""FHIR R4 resources of a health card, as entries: immunizations, laboratory results, conditions that are over.

Specification: "Health Cards are Small" and the vaccination and testing profiles (hl7.org/fhir/uv/shc-vaccination).
What the base FHIR R4 definition forbids is refused; what only the profiles ask for is a note, as in the validator
of the specification's authors.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from openconsular.domain.health.certificate import Coded, Entry, Kind
from openconsular.domain.health.hcert.fields import is_partial_date
from openconsular.domain.health.verdict import Layer, Unreadable

CVX = "http://hl7.org/fhir/sid/cvx"
SNOMED = "http://snomed.info/sct"
ICD_11 = "http://id.who.int/icd/release/11/mms"
LOINC = "http://loinc.org"
COVID_19 = Coded("840539006", SNOMED, "COVID-19")

# A code that says most comes first; the order is that of the profiles' value sets.
_BEST_FIRST = (CVX, SNOMED, ICD_11, LOINC)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII)
_CODING = frozenset({"id", "extension", "system", "version", "code", "display", "userSelected"})
# hl7.org/fhir/R4/valueset-immunization-status.html and valueset-observation-status.html
_IMMUNIZATION_STATUS = frozenset({"completed", "entered-in-error", "not-done"})
_OBSERVATION_STATUS = frozenset(
    {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
)
# hl7.org/fhir/uv/ips: how a summary says that no immunization is known.
_NOTHING_KNOWN = "/absent-unknown-uv-ips"
_SETTLED = frozenset({"final", "amended", "corrected"})
_OVER = frozenset({"inactive", "remission", "resolved"})

Resource = dict[str, Any]


def refuse(code: str, message: str) -> Unreadable:
    """What to raise for a resource that FHIR does not allow."""
    return Unreadable(Layer.SCHEMA, code, message)


def entry_of(resource: Resource, *, about: Coded, issuer: str, notes: set[str]) -> Entry | None:
    """The entry a resource makes, or None for one that attests nothing. Adds codes to `notes`.

    `about` is the disease the whole card is about, where it says so.
    """
    reader = READERS.get(resource["resourceType"])
    if reader is None:
        return None
    _check_meta(resource, notes)
    _check_nothing_empty(resource)
    return reader(resource, about, issuer, notes)


def _immunization(resource: Resource, about: Coded, issuer: str, notes: set[str]) -> Entry | None:
    status = _text(resource.get("status"))
    if status not in _IMMUNIZATION_STATUS:
        raise refuse("status-unknown", "the status of an immunization is none that FHIR knows")
    happened_on = _occurrence(resource, "occurrence", notes)
    codings = _codings(resource.get("vaccineCode"), required=True)
    if status != "completed" or codings[0].system.endswith(_NOTHING_KNOWN):
        notes.add("dose-not-given")
        return None
    applied = _first(resource.get("protocolApplied"))
    targeted = _codings(_first(applied.get("targetDisease")))
    maker = _object(_object(resource.get("manufacturer")).get("identifier"))
    return Entry(
        kind=Kind.VACCINATION,
        disease=targeted[0] if targeted else about,
        vaccine=codings[0],
        product=codings[1] if len(codings) > 1 else Coded(),
        maker=Coded(_text(maker.get("value")), _text(maker.get("system"))),
        batch=_text(resource.get("lotNumber")),
        dose=_count(applied.get("doseNumberPositiveInt")),
        doses=_count(applied.get("seriesDosesPositiveInt")),
        happened_on=happened_on,
        issuer=issuer,
        place=_text(_object(_first(resource.get("performer")).get("actor")).get("display")),
    )


def _observation(resource: Resource, about: Coded, issuer: str, notes: set[str]) -> Entry | None:
    status = _text(resource.get("status"))
    if status not in _OBSERVATION_STATUS:
        raise refuse("status-unknown", "the status of an observation is none that FHIR knows")
    codings = _codings(resource.get("code"), required=True)
    happened_on = _occurrence(resource, "effective", notes)
    if status not in _SETTLED:
        notes.add("result-not-final")
        return None
    return Entry(
        kind=Kind.TEST,
        disease=about,
        test_type=codings[0],
        result=_result(resource, notes),
        happened_on=happened_on,
        issuer=issuer,
        place=_text(_first(resource.get("performer")).get("display")),
    )


def _condition(resource: Resource, about: Coded, issuer: str, notes: set[str]) -> Entry | None:
    """A condition somebody had and is over; one that lasts is the holder's business and no entry."""
    codings = _codings(resource.get("code"))
    states = {coding.code for coding in _codings(resource.get("clinicalStatus"))}
    sure = {coding.code for coding in _codings(resource.get("verificationStatus"))} - {"confirmed"}
    if not codings or not states & _OVER or sure:
        return None
    return Entry(
        kind=Kind.RECOVERY,
        disease=codings[0],
        happened_on=_occurrence(resource, "onset", notes),
        issuer=issuer,
    )


READERS: dict[str, Callable[[Resource, Coded, str, set[str]], Entry | None]] = {
    "Immunization": _immunization,
    "Observation": _observation,
    "Condition": _condition,
}


def date_text(value: object, what: str) -> str:
    """A FHIR date or dateTime as written. Raises `Unreadable` for any other text."""
    if not isinstance(value, str) or not _DATE.fullmatch(value) or not is_partial_date(value[:10]):
        raise refuse("date-malformed", f"{what} is not a FHIR date")
    return value


def _occurrence(resource: Resource, stem: str, notes: set[str]) -> str:
    """The one of FHIR's `stem[x]`: none or two of them is an error for an immunization (cardinality 1..1).

    An extension of it ("_occurrenceDateTime") may stand there alone and say why there is no date.
    """
    given = sorted(name for name in resource if name.startswith(stem) and name[len(stem) :][:1].isupper())
    if not given and any(name.startswith(f"_{stem}") for name in resource):
        notes.add("date-absent")
        return ""
    if len(given) > 1 or (not given and stem == "occurrence"):
        raise refuse("occurrence-not-one", f"{len(given)} of {stem}[x] where one is due")
    if not given:
        notes.add("date-absent")
        return ""
    value = resource[given[0]]
    if given[0] == f"{stem}DateTime":
        return date_text(value, given[0])
    if given[0] == f"{stem}Period":
        return date_text(_object(value).get("start"), given[0])
    notes.add("date-not-exact")
    return ""


def _result(resource: Resource, notes: set[str]) -> Coded:
    codings = _codings(resource.get("valueCodeableConcept"))
    if codings:
        return codings[0]
    quantity = _object(resource.get("valueQuantity"))
    if quantity:
        words = f"{quantity.get('value', '')} {_text(quantity.get('unit') or quantity.get('code'))}"
        return Coded(display=words.strip())
    words = _text(resource.get("valueString"))
    if not words:
        notes.add("result-absent")
    return Coded(display=words)


def _codings(concept: object, *, required: bool = False) -> list[Coded]:
    """The codes of a CodeableConcept, best first; the words alone where it has no code."""
    found = [
        Coded(_text(one.get("code")), _text(one.get("system")), _text(one.get("display")))
        for one in _objects(_object(concept).get("coding"))
    ]
    said = _text(_object(concept).get("text")) or next((one.display for one in found if one.display), "")
    codes = [coding for coding in found if coding.code]
    if required and not codes and not said:
        raise refuse("code-absent", "a code is due and none is given")
    rank = {system: at for at, system in enumerate(_BEST_FIRST)}
    codes.sort(key=lambda coding: rank.get(coding.system, len(rank)))
    return codes or ([Coded(display=said)] if said else [])


def _check_meta(resource: Resource, notes: set[str]) -> None:
    """`meta` may hold only `security`, the identity assurance level; whatever else is a note."""
    meta = resource.get("meta")
    if meta is None:
        return
    if not isinstance(meta, dict):
        raise refuse("meta-malformed", "meta is not an object")
    if set(meta) - {"security"}:
        notes.add("meta-not-minimal")
    labels = meta.get("security", [])
    if not isinstance(labels, list) or any(
        not isinstance(one, dict) or set(one) - _CODING or "code" not in one for one in labels
    ):
        raise refuse("meta-malformed", "a security label is no coding")


def _check_nothing_empty(value: object) -> None:
    """FHIR has no empty texts, lists or objects (hl7.org/fhir/R4/json.html)."""
    stack = [value]
    while stack:
        one = stack.pop()
        if one in ("", [], {}) or one is None:
            raise refuse("value-empty", "an element is there and empty")
        if isinstance(one, dict):
            # Lists of primitives and of their extensions are padded with null to the same length.
            stack += [
                part
                for name, part in one.items()
                if not name.startswith("_") and not (isinstance(part, list) and f"_{name}" in one)
            ]
        elif isinstance(one, list):
            stack += one


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse("text-expected", "a text is due")
    return value


def _count(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise refuse("count-malformed", "a dose is counted from 1")
    return value


def _object(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refuse("object-expected", "an object is due")
    return value


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if value is None:
        return
    if not isinstance(value, list):
        raise refuse("list-expected", "a list is due")
    for one in value:
        yield _object(one)


def _first(value: object) -> dict[str, Any]:
    return next(_objects(value), {})
