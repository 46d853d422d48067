"""Issues a SMART Health Card: the smallest FHIR bundle that says it, deflated, signed, as digits for QR codes."""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openconsular.domain.health.certificate import Certificate, Coded, Entry, Holder, Kind
from openconsular.domain.health.smart import fhir, jws, numeric, read
from openconsular.domain.health.verdict import Unreadable

_SEXES = frozenset({"male", "female", "other", "unknown"})
_HOLDER = "resource:0"
_TYPES = {Kind.VACCINATION: "immunization", Kind.TEST: "laboratory"}


class NotIssuable(Exception):
    """A certificate that no health card can say. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A signed card: `jws` is the card, `codes` what its QR codes say (one whenever it fits)."""

    jws: str
    codes: tuple[str, ...]

    @property
    def file(self) -> bytes:
        return file_of(self.jws)

    @property
    def text(self) -> str:
        """The card as it is kept and verified: what its one code says, or the JWS of one that needs several."""
        return self.codes[0] if len(self.codes) == 1 else self.jws


def issue_smart(
    certificate: Certificate, *, key_id: str, sign: Callable[[bytes], bytes], revocation_id: str = ""
) -> IssuedCard:
    """Signs holder, entries, issuer and times of `certificate` as a health card.

    `sign` takes the message and returns raw r‖s (64 bytes) of ES256 with the key whose RFC 7638 thumbprint is
    `key_id`. Raises `NotIssuable`; whatever is returned reads back.
    """
    card = sealed(_json(claims_of(certificate, revocation_id)), key_id=key_id, sign=sign)
    try:
        _ = read.read(card).certificate
        codes = numeric.codes(card)
    except Unreadable as error:
        raise NotIssuable(error.code, error.message) from error
    except ValueError as error:
        raise NotIssuable("card-too-long", str(error)) from error
    return IssuedCard(card, codes)


def file_of(text: str) -> bytes:
    """The `.smart-health-card` file of a card, from its JWS or what its code says. Raises `Unreadable`."""
    card = numeric.join([text]) if text.startswith(numeric.SCHEME) else text
    return _json({"verifiableCredential": [card]})


def sealed(payload: bytes, *, key_id: str, sign: Callable[[bytes], bytes]) -> str:
    """The compact JWS of a payload, deflated; whether the payload is a card is not looked at."""
    machine = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    deflated = machine.compress(payload) + machine.flush()
    header = {"zip": "DEF", "alg": "ES256", "kid": key_id}
    message = f"{base64url(_json(header))}.{base64url(deflated)}"
    signature = sign(message.encode())
    if len(signature) != jws.SIGNATURE_BYTES:
        raise NotIssuable("signature-length", "the signature is not raw r and s of P-256")
    return f"{message}.{base64url(signature)}"


def claims_of(certificate: Certificate, revocation_id: str = "") -> dict[str, Any]:
    """The payload of a card, before it is minified."""
    since = certificate.valid_from or certificate.issued_at
    if since is None:
        raise NotIssuable("date-absent", "a card says from when it is valid")
    credential: dict[str, Any] = {
        "type": _types(certificate.entries),
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": _bundle(certificate)},
    }
    if revocation_id:
        credential["rid"] = revocation_id
    claims: dict[str, Any] = {"iss": certificate.issuer, "nbf": _seconds(since)}
    if certificate.expires_at is not None:
        claims["exp"] = _seconds(certificate.expires_at)
    return {**claims, "vc": credential}


def _types(entries: tuple[Entry, ...]) -> list[str]:
    kinds = sorted({_TYPES[entry.kind] for entry in entries if entry.kind in _TYPES})
    types = [read.HEALTH_CARD, *(f"https://smarthealth.cards#{kind}" for kind in kinds)]
    return [*types, read.COVID_CARD] if _is_covid(entries) else types


def _is_covid(entries: tuple[Entry, ...]) -> bool:
    diseases = {(entry.disease.system, entry.disease.code) for entry in entries}
    return diseases == {(fhir.COVID_19.system, fhir.COVID_19.code)}


def _bundle(certificate: Certificate) -> dict[str, Any]:
    about_covid = _is_covid(certificate.entries)
    resources = [
        _patient(certificate.holder),
        *(_resource(entry, about_covid=about_covid) for entry in certificate.entries),
    ]
    if len(resources) < 2:
        raise NotIssuable("nothing-attested", "a card without entries says nothing")
    entries = [{"fullUrl": f"resource:{at}", "resource": resource} for at, resource in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _patient(holder: Holder) -> dict[str, Any]:
    name = _given(
        {
            "family": holder.family_name,
            "given": [holder.given_name] if holder.given_name else [],
            "text": "" if holder.family_name else holder.full_name,
        }
    )
    if not name:
        raise NotIssuable("name-absent", "a card names its holder")
    sex = holder.sex if holder.sex in _SEXES else ""
    return _given({"resourceType": "Patient", "name": [name], "birthDate": holder.born_on, "gender": sex})


def _resource(entry: Entry, *, about_covid: bool) -> dict[str, Any]:
    if entry.kind is Kind.VACCINATION:
        return _immunization(entry, about_covid=about_covid)
    return _observation(entry) if entry.kind is Kind.TEST else _condition(entry)


def _immunization(entry: Entry, *, about_covid: bool) -> dict[str, Any]:
    maker = _given({"system": entry.maker.system, "value": entry.maker.code})
    applied = _given({"doseNumberPositiveInt": entry.dose, "seriesDosesPositiveInt": entry.doses})
    if entry.disease.code and not about_covid:
        applied["targetDisease"] = [_concept(entry.disease)]
    if applied and "doseNumberPositiveInt" not in applied:
        # FHIR R4 demands a number or a text wherever protocolApplied stands.
        applied["doseNumberString"] = "not stated"
    return _given(
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": _concept(entry.vaccine, entry.product),
            "patient": {"reference": _HOLDER},
            "occurrenceDateTime": _date(entry),
            "manufacturer": {"identifier": maker} if entry.maker.code else {},
            "lotNumber": entry.batch,
            "performer": [{"actor": {"display": entry.place}}] if entry.place else [],
            "protocolApplied": [applied] if applied else [],
        }
    )


def _observation(entry: Entry) -> dict[str, Any]:
    result: dict[str, Any] = (
        {"valueCodeableConcept": _concept(entry.result)}
        if entry.result.code
        else {"valueString": entry.result.display}
    )
    return _given(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": _concept(entry.test_type),
            "subject": {"reference": _HOLDER},
            "effectiveDateTime": _date(entry),
            "performer": [{"display": entry.place}] if entry.place else [],
            **result,
        }
    )


def _condition(entry: Entry) -> dict[str, Any]:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {
        "resourceType": "Condition",
        "clinicalStatus": _concept(Coded("resolved", clinical)),
        "code": _concept(entry.disease),
        "subject": {"reference": _HOLDER},
        "onsetDateTime": _date(entry),
    }


def _concept(*codes: Coded) -> dict[str, Any]:
    """Codes without their words: the profiles ask issuers to leave `display` out."""
    coding = [_given({"system": one.system, "code": one.code}) for one in codes if one.code]
    if not coding:
        raise NotIssuable("code-absent", "an entry needs a code")
    return {"coding": coding}


def _date(entry: Entry) -> str:
    if not entry.happened_on:
        raise NotIssuable("date-absent", "an entry needs a date")
    return entry.happened_on


def _seconds(instant: datetime) -> int | float:
    seconds = instant.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: FHIR has no empty elements."""
    return {name: value for name, value in fields.items() if value not in ("", [], {}, None)}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def base64url(data: bytes) -> str:
    """Base64url without padding, as everywhere in JOSE (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
