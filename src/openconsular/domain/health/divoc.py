"""Reads DIVOC certificates (India, Philippines, Sri Lanka, Indonesia ...): W3C credentials in JSON-LD, often zipped.

Their signature is over the RDF that the credential's `@context` documents make of it (RsaSignature2018,
Ed25519Signature2018). Those documents are on the network and no part of what is signed, so nothing here fetches
them and the signature is not checked: such a certificate can be shown and read, and vouches for nothing by itself.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from openconsular.domain.health import jsontext
from openconsular.domain.health.carriers.zipped import unzip
from openconsular.domain.health.certificate import Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert.fields import is_date
from openconsular.domain.health.verdict import Layer, Unreadable

TEXT_MOST = 16 * 1024
INFLATED_MOST = 64 * 1024
EVIDENCE_MOST = 50
NOT_CHECKED = "signature-needs-remote-contexts"

_PREFIX = "B64:"
_TYPES = {
    "ProofOfVaccinationCredential": Kind.VACCINATION,
    "ProofOfTestCredential": Kind.TEST,
    "ProofOfRecoveryCredential": Kind.RECOVERY,
}
_EVIDENCE = {"Vaccination": Kind.VACCINATION, "Test": Kind.TEST, "Recovery": Kind.RECOVERY}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_BASIC_DAY = re.compile(r"\d{8}", re.ASCII)


@dataclass(frozen=True)
class Credential:
    """A credential as presented. It has no `seal` that could be checked here; `unchecked` says why."""

    claims: Mapping[str, Any]
    unchecked: str = NOT_CHECKED

    @property
    def format(self) -> Format:
        return Format.DIVOC

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(entry.kind for entry in self.certificate.entries)

    @cached_property
    def certificate(self) -> Certificate:
        return _certificate(self.claims)


def looks_like(text: str) -> bool:
    """Whether a text is a zip (as letters or as Base64) or JSON-LD; says nothing about the rest."""
    return text.startswith((_PREFIX, "PK\x03\x04")) or (
        text[:64].lstrip().startswith("{") and '"@context"' in text[:4096]
    )


def read(text: str) -> Credential:
    """A credential from the text of a QR code: a zip whose bytes became Latin-1 letters, "B64:" and its Base64, or JSON.

    Raises `Unreadable`. No address in it is ever followed.
    """
    if len(text) > TEXT_MOST:
        raise Unreadable(Layer.TEXT, "text-too-long", f"more than {TEXT_MOST} characters")
    line = text.removesuffix("\n").removesuffix("\r")
    if line.startswith(_PREFIX):
        content = unzip(_base64(line.removeprefix(_PREFIX)), most=INFLATED_MOST)
    elif text.startswith("PK\x03\x04"):
        content = unzip(_bytes(text), most=INFLATED_MOST)
    else:
        content = line.encode("utf-8", "replace")
    claims = jsontext.parse_object(content, most=INFLATED_MOST)
    if "@context" not in claims or not isinstance(claims.get("proof"), dict | list):
        raise Unreadable(Layer.JSON, "not-a-credential", "no signed credential")
    return Credential(claims)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(Layer.TEXT, "base64-malformed", str(error)) from error


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise Unreadable(Layer.TEXT, "bytes-expected", "an archive has letters that are no bytes") from error


def _certificate(claims: Mapping[str, Any]) -> Certificate:
    types = claims.get("type")
    names = types if isinstance(types, list) else [types]
    kinds = [_TYPES[name] for name in names if isinstance(name, str) and name in _TYPES]
    if "VerifiableCredential" not in names or len(kinds) != 1:
        raise Unreadable(Layer.SCHEMA, "credential-type-unknown", "a credential for something else")
    subject = _object(claims.get("credentialSubject"))
    evidence = claims.get("evidence")
    if not isinstance(evidence, list) or not 0 < len(evidence) <= EVIDENCE_MOST:
        raise Unreadable(Layer.SCHEMA, "evidence-absent", "the credential attests nothing")
    issuer = claims.get("issuer")
    issued = _moment(claims.get("issuanceDate"))
    return Certificate(
        format=Format.DIVOC,
        version=_version(claims.get("@context")),
        holder=_holder(subject),
        entries=tuple(_entry(_object(one), kinds[0]) for one in evidence),
        issuer=_text(_object(issuer).get("id") if isinstance(issuer, dict) else issuer),
        issued_at=issued,
        valid_from=issued,
        expires_at=_moment(claims.get("expirationDate")),
        claims=claims,
    )


def _version(context: object) -> str:
    """The last of the context's addresses tells one country's and year's fields from another's."""
    last = context[-1] if isinstance(context, list) and context else context
    return last if isinstance(last, str) else ""


def _holder(subject: Mapping[str, Any]) -> Holder:
    """`id` is a "did:" with the kind and number of a document. Most credentials give an age and no date of birth."""
    name = _text(subject.get("name"))
    if not name:
        raise Unreadable(Layer.SCHEMA, "name-absent", "the credential names nobody")
    kind, _, number = _text(subject.get("id")).removeprefix("did:").rpartition(":")
    born_on = _text(subject.get("dob") or subject.get("dateOfBirth"))
    return Holder(
        full_name=name,
        born_on=born_on if _MOMENT.fullmatch(born_on) else "",
        sex=_text(subject.get("gender") or subject.get("sex")),
        document_number=number,
        document_type=kind,
        nationality=_text(subject.get("nationality")),
    )


def _entry(evidence: Mapping[str, Any], kind: Kind) -> Entry:
    types = evidence.get("type")
    for name in types if isinstance(types, list) else [types]:
        kind = _EVIDENCE.get(name, kind) if isinstance(name, str) else kind
    facility = _object(evidence.get("facility"))
    return Entry(
        kind=kind,
        identifier=_text(evidence.get("certificateId")),
        disease=Coded(display=_text(evidence.get("disease"))),
        vaccine=_coded(evidence.get("icd11Code") or evidence.get("prophylaxis")),
        product=Coded(display=_text(evidence.get("vaccine"))),
        maker=Coded(display=_text(evidence.get("manufacturer"))),
        batch=_text(evidence.get("batch")),
        dose=_count(evidence.get("dose")),
        doses=_count(evidence.get("totalDoses")),
        happened_on=_day(evidence.get("date") or evidence.get("sampleCollectionTimestamp")),
        valid_from=_day(evidence.get("effectiveStart")),
        valid_until=_day(evidence.get("effectiveUntil")),
        country=_text(_object(facility.get("address")).get("addressCountry")),
        place=_text(facility.get("name")),
        clinician=_text(_object(evidence.get("verifier")).get("name")),
        test_type=_coded(evidence.get("testType")),
        result=_coded(evidence.get("testResult") or evidence.get("result")),
    )


def _coded(value: object) -> Coded:
    text = _text(value)
    return Coded(code=text) if text else Coded()


def _day(value: object) -> str:
    """A day or an instant; some issuers write a day in the basic format of ISO 8601."""
    text = _text(value)
    if _BASIC_DAY.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if text and not (_MOMENT.fullmatch(text) and is_date(text[:10])):
        raise Unreadable(Layer.SCHEMA, "date-malformed", "a date is none")
    return text


def _moment(value: object) -> datetime | None:
    text = _day(value)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(Layer.SCHEMA, "date-malformed", "a date is none") from error


def _count(value: object) -> int | None:
    """A number of doses; some issuers write texts. What is none is left out, since nothing here is vouched for."""
    if isinstance(value, str) and len(value) < 3 and value.isascii() and value.isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000 else None


def _object(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(Layer.SCHEMA, "object-expected", "an object is due")
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Unreadable(Layer.SCHEMA, "text-expected", "a text is due")
    return value
