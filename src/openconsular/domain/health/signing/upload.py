"""What a participant uploads to the trust network: a signer's certificate inside a CMS message (RFC 5652) signed by the
participant's upload key (GDHCN certificate governance, "Integrity and authenticity of uploaded data").

The gateways of the EU and the WHO take it as `POST /signerCertificate` (base64 of the message, application/cms) and
`POST /trustedCertificate` (the same in JSON with a domain), and the same message to take the signer off again.
"""

import hashlib
from datetime import UTC, datetime

from asn1crypto import algos, cms, x509

from openconsular.domain.health.signing.key_certificates import Sign, raw_to_der

_SET_OF = b"\x31"


def signed_message(content: bytes, *, certificate: bytes, sign: Sign, at: datetime) -> bytes:
    """A CMS message in DER that carries `content`, signed with the key of `certificate` (DER), ECDSA with SHA-256.

    `at` (UTC) is the time of signing it tells. The certificate of the signer travels with it.
    """
    signer = x509.Certificate.load(certificate, strict=True)
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {
                "type": "signing_time",
                "values": [cms.Time({"utc_time": at.astimezone(UTC).replace(microsecond=0)})],
            },
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
        ]
    )
    # Signed as a SET OF, sent under a context tag (section 5.4).
    signature = raw_to_der(sign(_SET_OF + attributes.dump()[1:]))
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": signer.issuer, "serial_number": signer.serial_number}
                    )
                }
            ),
            "digest_algorithm": digest,
            "signed_attrs": attributes,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signature": signature,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data", "content": content},
            "certificates": [cms.CertificateChoices("certificate", signer)],
            "signer_infos": [info],
        }
    )
    message: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return message
