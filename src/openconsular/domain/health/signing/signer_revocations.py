"""The list of signers an authority of ours takes back (RFC 5280 section 5), for whoever looks at lists of that kind.

The network's governance asks authorities to provide one beside taking a signer off the network's list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl, x509

from openconsular.domain.health.signing import key_certificates
from openconsular.domain.health.signing.key_certificates import Sign


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A certificate (DER) that counts no more, since when (UTC), and whether its key was lost."""

    certificate: bytes
    at: datetime
    is_compromised: bool


def make_crl(
    taken_back: Iterable[TakenBack],
    *,
    authority: bytes,
    sign: Sign,
    number: int,
    made_at: datetime,
    next_at: datetime,
) -> bytes:
    """A complete list in DER, signed by `authority` (DER). `number` must be larger than that of the one before."""
    issuer = x509.Certificate.load(authority, strict=True)
    entries = [_entry(one) for one in taken_back]
    identifier = {"key_identifier": key_certificates.key_identifier(issuer.public_key.dump())}
    body = crl.TbsCertList(
        {
            "version": "v2",
            "signature": {"algorithm": "sha256_ecdsa"},
            "issuer": issuer.subject,
            "this_update": key_certificates.instant(made_at),
            "next_update": key_certificates.instant(next_at),
            "crl_extensions": [
                {"extn_id": "authority_key_identifier", "critical": False, "extn_value": identifier},
                {"extn_id": "crl_number", "critical": False, "extn_value": number},
            ],
            # The field is left out where there is none (section 5.1.2.6).
            **({"revoked_certificates": entries} if entries else {}),
        }
    )
    made = crl.CertificateList(
        {
            "tbs_cert_list": body,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": key_certificates.raw_to_der(sign(body.dump())),
        }
    )
    der: bytes = made.dump()
    return der


def _entry(one: TakenBack) -> crl.RevokedCertificate:
    reason = "key_compromise" if one.is_compromised else "cessation_of_operation"
    return crl.RevokedCertificate(
        {
            "user_certificate": x509.Certificate.load(one.certificate, strict=True).serial_number,
            "revocation_date": key_certificates.instant(one.at),
            "crl_entry_extensions": [{"extn_id": "crl_reason", "critical": False, "extn_value": reason}],
        }
    )
