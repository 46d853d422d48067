"""X.509 certificates of signers and authorities, as tolerantly as real ones need.

Read with asn1crypto, which takes what stricter readers refuse although the key in it is sound: an encoded default, an
empty extended key usage, trailing data in an algorithm. What a strict reader says becomes a note.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import x509 as asn1
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import (
    DuplicateExtension,
    InvalidVersion,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
)

from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.limits import CERTIFICATE_BYTES_MOST
from openconsular.domain.health.trust.model import PublicKey

# What asn1crypto raises on malformed input, depending on where the fault is.
ASN1_FAULTS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_KEY_ID_BYTES = 8  # HCERT specification 3.3.1


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """What the rest needs of a certificate.

    `extended_key_usage` is None when absent, empty when present and empty; `key_usage` likewise. Instants are UTC.
    `subject` and `issuer` are DER; `country` is the subject's C as written. `parsed` is asn1crypto's, for the
    signature, which is only looked at when a chain is checked.
    """

    der: bytes
    fingerprint: str
    key_id: str
    subject: bytes
    issuer: bytes
    subject_words: str
    serial: int
    country: str
    not_before: datetime
    not_after: datetime
    public_key: PublicKey
    key_usage: frozenset[str] | None
    extended_key_usage: tuple[str, ...] | None
    is_authority: bool
    path_length: int | None
    key_identifier: bytes
    authority_key_identifier: bytes
    notes: tuple[str, ...]
    parsed: Any


def read_certificate(der: bytes) -> SigningCertificate:
    """The certificate in `der`. Raises KeyRefused: "certificate-too-large", "certificate-unreadable", "key-unreadable"."""
    if len(der) > CERTIFICATE_BYTES_MOST:
        raise KeyRefused("certificate-too-large", f"The certificate has {len(der)} bytes.")
    try:
        parsed = asn1.Certificate.load(der, strict=True)
        return _facts(der, parsed, parsed["tbs_certificate"])
    except ASN1_FAULTS as cause:
        raise KeyRefused("certificate-unreadable", f"The certificate cannot be read: {cause}") from cause


def key_id_of(der: bytes) -> str:
    """The first 8 bytes of the certificate's SHA-256 in hex (HCERT specification 3.3.1)."""
    return hashlib.sha256(der).digest()[:_KEY_ID_BYTES].hex()


def read_public_key(spki: bytes) -> PublicKey:
    """A SubjectPublicKeyInfo. Raises KeyRefused when it is no EC or RSA key that can be used."""
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise KeyRefused("key-unreadable", f"The public key cannot be read: {cause}") from cause
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        raise KeyRefused("key-type-not-allowed", "The public key is neither an EC nor an RSA key.")
    return key


def _facts(der: bytes, parsed: Any, body: Any) -> SigningCertificate:
    extensions = _extensions(body)
    basic = extensions.get("basic_constraints")
    usage = extensions.get("key_usage")
    purposes = extensions.get("extended_key_usage")
    named = extensions.get("authority_key_identifier")
    own = extensions.get("key_identifier")
    return SigningCertificate(
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        key_id=key_id_of(der),
        subject=body["subject"].dump(),
        issuer=body["issuer"].dump(),
        subject_words=str(body["subject"].human_friendly)[:200],
        serial=int(body["serial_number"].native),
        country=_country(body["subject"]),
        not_before=_instant(body["validity"]["not_before"].native),
        not_after=_instant(body["validity"]["not_after"].native),
        public_key=read_public_key(body["subject_public_key_info"].dump()),
        key_usage=None if usage is None else frozenset(usage.native),
        extended_key_usage=None if purposes is None else tuple(one.dotted for one in purposes),
        is_authority=basic is not None and bool(basic["ca"].native),
        path_length=None if basic is None else basic["path_len_constraint"].native,
        key_identifier=b"" if own is None else own.native,
        authority_key_identifier=b"" if named is None else named["key_identifier"].native or b"",
        notes=() if _is_strict(der) else ("certificate-malformed",),
        parsed=parsed,
    )


def _extensions(body: Any) -> dict[str, Any]:
    """Parsed extensions by name. A second one of the same name would be a way to say two things at once."""
    found: dict[str, Any] = {}
    for extension in body["extensions"] or ():
        name = extension["extn_id"].native
        if name in found:
            raise ValueError(f"the extension {name} occurs twice")
        found[name] = extension["extn_value"].parsed
    return found


def _country(subject: Any) -> str:
    named = subject.native.get("country_name", "")
    return str(named[0] if isinstance(named, list) else named)[:16]


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError("a validity date is missing")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# A UserWarning is raised where warnings are errors; three of pyca's own errors are no ValueError.
_FAULTS = (
    *(ValueError, UnsupportedAlgorithm, UserWarning),
    *(InvalidVersion, DuplicateExtension, UnsupportedGeneralNameType),
)


def _is_strict(der: bytes) -> bool:
    try:
        load_der_x509_certificate(der).extensions  # noqa: B018 - reading them is what finds the faults
    except _FAULTS:
        return False
    return True
