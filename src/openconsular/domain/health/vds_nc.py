"""Reads Visible Digital Seals for Non-Constrained environments: what ICAO members print for tests and vaccinations.

ICAO Technical Report "VDS-NC" 1.4: one JSON object of `data` and `sig`. What is signed is `data` in canonical form
(JCS, RFC 8785); `sig` brings the signer's certificate along, and only somebody else can say whether to believe it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rfc8785

from openconsular.domain.health import jsontext
from openconsular.domain.health.certificate import (
    Algorithm,
    Certificate,
    Coded,
    Entry,
    Format,
    Holder,
    Kind,
    Seal,
)
from openconsular.domain.health.hcert.fields import is_date, is_partial_date
from openconsular.domain.health.verdict import Layer, Unreadable

TEXT_MOST = 16 * 1024
CERTIFICATE_MOST = 8 * 1024
EVENTS_MOST = 100
ICD_11 = "http://id.who.int/icd/release/11/mms"

_KINDS = {"icao.test": Kind.TEST, "icao.vacc": Kind.VACCINATION}
_VERSIONS = frozenset({1})
# r and s are as long as the curve's order (RFC 7518 section 3.4).
_SIGNATURE_BYTES = {Algorithm.ES256: 64, Algorithm.ES384: 96}
# Doc 9303-3 section 5: ISO 3166-1 alpha-3 and the bodies named there, "D" being the one short code.
_COUNTRY = re.compile(r"[A-Z]{3}|D", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Doc 9303-3 section 4.8: what is not known of a date of birth is written XX.
_BORN = re.compile(r"\d{4}(-(\d\d|XX)(-(\d\d|XX))?)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}", re.ASCII)


@dataclass(frozen=True)
class VisibleSeal:
    """A seal as presented; see `Presented`. The key id is the first eight bytes of the certificate's SHA-256, in hex."""

    data: Mapping[str, Any]
    seal: Seal

    @property
    def format(self) -> Format:
        return Format.VDS_NC

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({_KINDS[self.data["hdr"]["t"]]})

    @cached_property
    def certificate(self) -> Certificate:
        return _certificate(self.data)


def looks_like(text: str) -> bool:
    """Whether a text is JSON with the two parts of a seal near its beginning; says nothing about the rest."""
    head = text[:4096].lstrip()
    return head.startswith("{") and '"hdr"' in head and '"data"' in head


def read(text: str) -> VisibleSeal:
    """A seal from the text of a QR code. A line break at the end is overlooked. Raises `Unreadable`."""
    line = text.removesuffix("\n").removesuffix("\r")
    whole = jsontext.parse_object(line, most=TEXT_MOST)
    data, signature = whole.get("data"), whole.get("sig")
    if not isinstance(data, dict) or not isinstance(signature, dict):
        raise Unreadable(Layer.JSON, "seal-parts-absent", "a seal has data and sig")
    issuer = _check_header(data.get("hdr"))
    if not isinstance(data.get("msg"), dict):
        raise Unreadable(Layer.SCHEMA, "message-absent", "a seal has a message")
    return VisibleSeal(data, _seal(data, signature, issuer))


def _check_header(header: object) -> str:
    if not isinstance(header, dict):
        raise Unreadable(Layer.SCHEMA, "header-absent", "a seal has a header")
    kind, version, issuer = header.get("t"), header.get("v"), header.get("is")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Unreadable(Layer.SCHEMA, "seal-type-unknown", "a seal for something else than health")
    if not isinstance(version, int) or isinstance(version, bool) or version not in _VERSIONS:
        raise Unreadable(Layer.SCHEMA, "seal-version-unknown", "a version of the seal not known here")
    if not isinstance(issuer, str) or not _COUNTRY.fullmatch(issuer):
        raise Unreadable(Layer.SCHEMA, "issuer-malformed", "the issuer is no three-letter code")
    return issuer


def _seal(data: Mapping[str, Any], signature: Mapping[str, Any], issuer: str) -> Seal:
    try:
        algorithm = Algorithm(signature.get("alg", ""))
        length = _SIGNATURE_BYTES[algorithm]
    except (ValueError, KeyError) as error:
        raise Unreadable(Layer.SIGNATURE, "algorithm-not-allowed", "a seal is signed with ECDSA") from error
    raw = _decode(signature.get("sigvl"), Layer.SIGNATURE, "signature-malformed")
    if len(raw) != length:
        raise Unreadable(Layer.SIGNATURE, "signature-length", f"{len(raw)} bytes where {length} are due")
    certificate = _decode(signature.get("cer"), Layer.SIGNATURE, "signer-certificate-absent")
    if len(certificate) > CERTIFICATE_MOST:
        raise Unreadable(Layer.SIGNATURE, "signer-certificate-too-long", "the certificate is too long")
    try:
        message = rfc8785.dumps(dict(data))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise Unreadable(Layer.JSON, "not-canonical", "the data have no canonical form") from error
    return Seal(
        algorithm=algorithm,
        message=message,
        signature=raw,
        key_ids=(hashlib.sha256(certificate).digest()[:8].hex(),),
        issuer=issuer,
        certificate=certificate,
    )


def _decode(value: object, layer: Layer, code: str) -> bytes:
    """Base64url; published seals come with padding, without, and mixed."""
    if not isinstance(value, str) or not _BASE64URL.fullmatch(value):
        raise Unreadable(layer, code, "a part of the signature is missing or not base64url")
    bare = value.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error as error:
        raise Unreadable(layer, code, str(error)) from error


def _certificate(data: Mapping[str, Any]) -> Certificate:
    header, message = data["hdr"], data["msg"]
    is_test = header["t"] == "icao.test"
    identifier = _text(message, "utci" if is_test else "uvci", required=True)
    person = _part(message, "pid")
    entries = (_test(message, identifier),) if is_test else _vaccinations(message, identifier)
    return Certificate(
        format=Format.VDS_NC,
        version=f"{header['t']}/{header['v']}",
        holder=_holder(person),
        entries=entries,
        issuer_country=header["is"],
        claims=data,
    )


def _holder(person: Mapping[str, Any]) -> Holder:
    """Two blanks part the primary identifier from the secondary ones, as "<<" does in Doc 9303-3 section 4.6."""
    name = _text(person, "n", required=True)
    primary, separator, secondary = name.partition("  ")
    number = _text(person, "i") or _text(person, "dn")
    born_on = _text(person, "dob")
    if born_on and not (_BORN.fullmatch(born_on) and is_partial_date(born_on.replace("XX", "01"))):
        raise Unreadable(Layer.SCHEMA, "date-malformed", "the date of birth is no date")
    if not born_on and not number and not _text(person, "ai"):
        raise Unreadable(Layer.SCHEMA, "holder-not-identified", "neither a date of birth nor a document")
    return Holder(
        family_name=primary if separator else "",
        given_name=secondary.strip() if separator else "",
        full_name=name,
        born_on=born_on.partition("-XX")[0],
        sex=_text(person, "sex"),
        document_number=number,
        document_type=_text(person, "dt"),
    )


def _vaccinations(message: Mapping[str, Any], identifier: str) -> tuple[Entry, ...]:
    entries = []
    for event in _parts(message, "ve"):
        vaccine = Coded(_text(event, "des", required=True), ICD_11)
        disease = Coded(_text(event, "dis"), ICD_11 if event.get("dis") else "")
        product = Coded(display=_text(event, "nam"))
        for dose in _parts(event, "vd"):
            entries.append(
                Entry(
                    kind=Kind.VACCINATION,
                    identifier=identifier,
                    disease=disease,
                    vaccine=vaccine,
                    product=product,
                    batch=_text(dose, "lot"),
                    dose=_sequence(dose.get("seq")),
                    happened_on=_date(dose, "dvc", _DAY),
                    country=_text(dose, "ctr", required=True),
                    place=_text(dose, "adm"),
                )
            )
    if len(entries) > EVENTS_MOST:
        raise Unreadable(Layer.SCHEMA, "too-many-doses", f"more than {EVENTS_MOST} doses")
    return tuple(entries)


def _test(message: Mapping[str, Any], identifier: str) -> Entry:
    provider, dates, result = _part(message, "sp"), _part(message, "dat"), _part(message, "tr")
    _date(dates, "ri", _MOMENT)
    return Entry(
        kind=Kind.TEST,
        identifier=identifier,
        happened_on=_date(dates, "sc", _MOMENT),
        country=_text(provider, "ctr", required=True),
        place=_text(provider, "spn", required=True),
        test_type=Coded(display=_text(result, "tc", required=True)),
        result=Coded(display=_text(result, "r", required=True)),
    )


def _part(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise Unreadable(Layer.SCHEMA, "part-absent", f"“{name}” is missing or no object")
    return value


def _parts(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = holder.get(name)
    if not isinstance(value, list) or not 0 < len(value) <= EVENTS_MOST:
        raise Unreadable(Layer.SCHEMA, "part-absent", f"“{name}” is missing or no list of 1 to {EVENTS_MOST}")
    if any(not isinstance(one, dict) for one in value):
        raise Unreadable(Layer.SCHEMA, "part-malformed", f"“{name}” holds something that is no object")
    return value


def _text(holder: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    value = holder.get(name, "")
    if not isinstance(value, str) or (required and not value):
        raise Unreadable(Layer.SCHEMA, "text-absent", f"“{name}” is missing or no text")
    return value


def _date(holder: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> str:
    value = _text(holder, name, required=True)
    if not shape.fullmatch(value) or not is_date(value[:10]):
        raise Unreadable(Layer.SCHEMA, "date-malformed", f"“{name}” is no date")
    return value


def _sequence(value: object) -> int | None:
    """The dose's number: an integer in every seal seen, a text of at most two digits in the report's table."""
    if value is None:
        return None
    if isinstance(value, str) and len(value) <= 2 and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 100:
        raise Unreadable(Layer.SCHEMA, "dose-malformed", "a dose has a number from 1 to 99")
    return value
