"""X.509 requests and certificates for a country's own keys (RFC 2986, RFC 5280), whoever holds the private half.

Profiles after the certificate governance of the WHO's trust network (GDHCN) and the EU's before it: P-256 with
SHA-256; an authority (SCA) that may sign signers and nothing below them; signers (DSC) that may be limited to
vaccinations, tests or recoveries by extended key usage.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from asn1crypto import algos, csr, keys, x509
from asn1crypto import pem as pem_form

from openconsular.domain.health.certificate import Kind

Sign = Callable[[bytes], bytes]
"""Takes a message, returns an ECDSA signature with SHA-256 as raw r‖s (64 bytes)."""

# Extended key usages (EU certificate governance, annex; also GDHCN): what a signer may attest.
USAGES = {
    Kind.TEST: "1.3.6.1.4.1.1847.2021.1.1",
    Kind.VACCINATION: "1.3.6.1.4.1.1847.2021.1.2",
    Kind.RECOVERY: "1.3.6.1.4.1.1847.2021.1.3",
}
_KINDS = {oid: kind for kind, oid in USAGES.items()}
_KEY_USAGES = {
    "sca": {"key_cert_sign", "crl_sign"},
    "dsc": {"digital_signature"},
    "up": {"digital_signature"},
    "tls": {"digital_signature"},
    "list": {"digital_signature"},
}


class Purpose(StrEnum):
    """What a key is for: authority, document signer, upload, TLS client, lists for verifiers."""

    SCA = "sca"
    DSC = "dsc"
    UP = "up"
    TLS = "tls"
    LIST = "list"


class CertificateRefused(Exception):
    """A certificate that does not fit its key or purpose. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose key it is: ISO 3166-1 alpha-2 country, organisation, and a name unique among the country's keys."""

    country: str
    organisation: str
    name: str


def request(subject: Subject, public_key: bytes, purpose: Purpose, kinds: Iterable[Kind], sign: Sign) -> str:
    """A certificate signing request in PEM. `public_key` is a DER SubjectPublicKeyInfo."""
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": _name(subject),
            "subject_pk_info": keys.PublicKeyInfo.load(public_key),
            "attributes": [
                {"type": "extension_request", "values": [x509.Extensions(_usage(purpose, kinds))]}
            ],
        }
    )
    done = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": _algorithm(),
            "signature": _der(sign(info.dump())),
        }
    )
    pem: bytes = pem_form.armor("CERTIFICATE REQUEST", done.dump())
    return pem.decode("ascii")


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when a certificate is valid (UTC, whole seconds), its serial number, and until when its key signs.

    `signs_until` goes into the certificate as the usage period of the private key (RFC 3280 section 4.2.1.4; ICAO Doc
    9303-12 and the network's governance keep it), None where it signs as long as it is valid. `crl_address` is where the
    authority says which of its signers were revoked.
    """

    not_before: datetime
    not_after: datetime
    serial: int
    signs_until: datetime | None = None
    crl_address: str = ""


def certify(
    subject: Subject,
    public_key: bytes,
    purpose: Purpose,
    kinds: Iterable[Kind],
    term: Term,
    sign: Sign,
    authority: bytes | None = None,
) -> bytes:
    """A certificate (DER) signed by `authority` (DER), or by the key itself where there is none."""
    issuer = x509.Certificate.load(authority) if authority is not None else None
    extensions = _usage(purpose, kinds)
    extensions.append(_extension("key_identifier", key_identifier(public_key)))
    if term.signs_until is not None:
        period = {
            "not_before": term.not_before.replace(microsecond=0),
            "not_after": term.signs_until.replace(microsecond=0),
        }
        extensions.append(_extension("private_key_usage_period", period))
    if term.crl_address:
        named = x509.GeneralName("uniform_resource_identifier", term.crl_address)
        point = x509.DistributionPoint(
            {"distribution_point": x509.DistributionPointName("full_name", [named])}
        )
        extensions.append(_extension("crl_distribution_points", [point]))
    if issuer is not None:
        by = {"key_identifier": key_identifier(issuer.public_key.dump())}
        extensions.append(_extension("authority_key_identifier", by))
    to_be_signed = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": term.serial,
            "signature": _algorithm(),
            "issuer": issuer.subject if issuer is not None else _name(subject),
            "validity": {"not_before": instant(term.not_before), "not_after": instant(term.not_after)},
            "subject": _name(subject),
            "subject_public_key_info": keys.PublicKeyInfo.load(public_key),
            "extensions": extensions,
        }
    )
    made = x509.Certificate(
        {
            "tbs_certificate": to_be_signed,
            "signature_algorithm": _algorithm(),
            "signature_value": _der(sign(to_be_signed.dump())),
        }
    )
    der: bytes = made.dump()
    return der


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate says of its key. `kinds` is empty where every kind may be signed.

    `signs_until` is the end of the usage period of the private key, None where it says none.
    """

    der: bytes
    kid: bytes
    public_key: bytes
    country: str
    not_before: datetime
    not_after: datetime
    kinds: frozenset[Kind]
    is_authority: bool
    signs_until: datetime | None = None


def read(certificate: bytes) -> Facts:
    """Takes a certificate, DER or PEM, apart. Raises `CertificateRefused` where it is none."""
    try:
        der = pem_form.unarmor(certificate)[2] if pem_form.detect(certificate) else certificate
        parsed = x509.Certificate.load(der, strict=True)
        usages = parsed.extended_key_usage_value
        named = [one.dotted for one in usages] if usages is not None else []
        constraints = parsed.basic_constraints_value
        period = parsed.private_key_usage_period_value
        return Facts(
            der=der,
            kid=hashlib.sha256(der).digest()[:8],
            public_key=parsed.public_key.dump(),
            country=str(parsed.subject.native.get("country_name", "")).upper(),
            not_before=parsed.not_valid_before,
            not_after=parsed.not_valid_after,
            kinds=frozenset(_KINDS[oid] for oid in named if oid in _KINDS),
            is_authority=bool(constraints is not None and constraints["ca"].native),
            signs_until=period["not_after"].native if period is not None else None,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise CertificateRefused("not-a-certificate", "This is not an X.509 certificate.") from error


def key_identifier(public_key: bytes) -> bytes:
    """SHA-1 of the key bits, as RFC 5280 section 4.2.1.2 names keys. It identifies; it protects nothing."""
    digest: bytes = keys.PublicKeyInfo.load(public_key).sha1
    return digest


def jwk(public_key: bytes) -> dict[str, str]:
    """A P-256 public key as the members a JWK must have (RFC 7518 section 6.2.1)."""
    point = keys.PublicKeyInfo.load(public_key)["public_key"].native
    x, y = point[1:33], point[33:65]
    return {"crv": "P-256", "kty": "EC", "x": _base64url(x), "y": _base64url(y)}


def thumbprint(public_key: bytes) -> str:
    """The RFC 7638 thumbprint by which SMART Health Cards name a key."""
    canonical = json.dumps(jwk(public_key), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def raw_to_der(signature: bytes) -> bytes:
    """ECDSA raw r‖s as the DER SEQUENCE that X.509 and CMS use."""
    return _der(signature)


def _der(raw: bytes) -> bytes:
    half = len(raw) // 2
    pair = algos.DSASignature(
        {"r": int.from_bytes(raw[:half], "big"), "s": int.from_bytes(raw[half:], "big")}
    )
    der: bytes = pair.dump()
    return der


def _algorithm() -> algos.SignedDigestAlgorithm:
    return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})


def _name(subject: Subject) -> x509.Name:
    return x509.Name.build(
        {
            "country_name": subject.country,
            "organization_name": subject.organisation,
            "common_name": subject.name,
        }
    )


def _usage(purpose: Purpose, kinds: Iterable[Kind]) -> list[dict[str, Any]]:
    found = [_extension("key_usage", _KEY_USAGES[purpose], critical=True)]
    if purpose is Purpose.SCA:
        limits = {"ca": True, "path_len_constraint": 0}
        found.append(_extension("basic_constraints", limits, critical=True))
    if purpose is Purpose.TLS:
        found.append(_extension("extended_key_usage", ["client_auth"]))
    named = [USAGES[kind] for kind in sorted(kinds)]
    if purpose is Purpose.DSC and named:
        found.append(_extension("extended_key_usage", named))
    return found


def _extension(name: str, value: Any, *, critical: bool = False) -> dict[str, Any]:
    return {"extn_id": name, "critical": critical, "extn_value": value}


def instant(at: datetime) -> x509.Time:
    """An instant (UTC) as certificates and their lists write it."""
    # RFC 5280 section 4.1.2.5: UTCTime until 2049.
    form = "utc_time" if at.year < 2050 else "general_time"
    return x509.Time({form: at.replace(microsecond=0)})
