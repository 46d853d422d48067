"""Detached CMS signatures (RFC 5652), as participants put them over what they upload to the EU and WHO gateways."""

import hashlib
from collections.abc import Sequence
from typing import Any

from asn1crypto import cms

from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.limits import CMS_BYTES_MOST
from openconsular.domain.health.trust.model import PublicKey
from openconsular.domain.health.trust.signatures import verify
from openconsular.domain.health.trust.x509 import ASN1_FAULTS, SigningCertificate, read_certificate

_DIGESTS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_SIGNERS_MOST = 4
_CERTIFICATES_MOST = 8
_SET_OF = b"\x31"


def verify_detached(signature: bytes, content: bytes, signer: SigningCertificate) -> None:
    """Check that `signer`'s key made `signature` over `content`.

    Which certificates and content the message itself carries does not matter: signer and content are those the caller
    expects. Raises
    KeyRefused: "cms-unreadable", "cms-other-content", "signature-wrong", "signature-algorithm".
    """
    if len(signature) > CMS_BYTES_MOST or len(content) > CMS_BYTES_MOST:
        raise KeyRefused("cms-unreadable", "The signature or what it covers is too large.")
    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]
        signers = list(signed["signer_infos"])
    except ASN1_FAULTS as cause:
        raise KeyRefused("cms-unreadable", f"The signature cannot be read: {cause}") from cause
    if not 1 <= len(signers) <= _SIGNERS_MOST:
        raise KeyRefused("cms-unreadable", "The message has no signature, or too many.")
    faults = [_fault(one, content, signer) for one in signers]
    if all(fault is not None for fault in faults):
        raise faults[0] or KeyRefused("signature-wrong", "The signature does not fit.")


def content_of(message: bytes) -> bytes:
    """What a CMS message that carries its content says. Raises KeyRefused "cms-unreadable"."""
    try:
        inner = cms.ContentInfo.load(message, strict=True)["content"]["encap_content_info"]["content"].native
    except ASN1_FAULTS as cause:
        raise KeyRefused("cms-unreadable", f"The message cannot be read: {cause}") from cause
    if not isinstance(inner, bytes):
        raise KeyRefused("cms-unreadable", "The message carries nothing.")
    return inner


def _fault(info: Any, content: bytes, signer: SigningCertificate) -> KeyRefused | None:
    try:
        digest = info["digest_algorithm"]["algorithm"].native
        message = _signed_attributes(info, content, digest)
        verify(
            signer.public_key,
            info["signature"].native,
            content if message is None else message,
            info["signature_algorithm"],
            digest,
        )
    except ASN1_FAULTS as cause:
        return KeyRefused("cms-unreadable", f"The signature cannot be read: {cause}")
    except KeyRefused as fault:
        return fault
    return None


def _signed_attributes(info: Any, content: bytes, digest: str) -> bytes | None:
    """The attributes as signed, once their digest fits the content; None when the content itself is signed (5.4)."""
    attributes = info["signed_attrs"]
    if not attributes:
        return None
    digests = [one["values"] for one in attributes if one["type"].native == "message_digest"]
    if (
        len(digests) != 1
        or len(digests[0]) != 1
        or digests[0][0].native != _DIGESTS[digest](content).digest()
    ):
        raise KeyRefused("cms-other-content", "The signature covers something else.")
    # Signed with the tag of a SET OF in place of the context tag the message has there, byte for byte otherwise.
    return _SET_OF + bytes(attributes.dump())[1:]


def certificates_of(message: bytes) -> list[bytes]:
    """The certificates a CMS message carries (DER), that of its signer first. Raises KeyRefused "cms-unreadable"."""
    try:
        signed = cms.ContentInfo.load(message, strict=True)["content"]
        carried = [one.chosen for one in signed["certificates"] or () if one.name == "certificate"]
        signer = signed["signer_infos"][0]["sid"]
        first = [one for one in carried if _is_named(one, signer)]
        return [one.dump() for one in (*first, *(one for one in carried if one not in first))]
    except ASN1_FAULTS as cause:
        raise KeyRefused(
            "cms-unreadable", f"The certificates of the signature cannot be read: {cause}"
        ) from cause


def _is_named(certificate: Any, signer: Any) -> bool:
    """Whether a signer is named by this certificate's issuer and number, or by its key identifier (5.3)."""
    if signer.name == "issuer_and_serial_number":
        body, named = certificate["tbs_certificate"], signer.chosen
        return bool(
            body["issuer"].dump() == named["issuer"].dump()
            and body["serial_number"].native == named["serial_number"].native
        )
    return bool(certificate.key_identifier == signer.native)


def signing_certificate(carried: Sequence[bytes], key: PublicKey | None) -> SigningCertificate:
    """The signer's certificate: the first, or that of a pinned key. Raises KeyRefused "cms-unreadable"."""
    for der in carried[:_CERTIFICATES_MOST]:
        read = read_certificate(der)
        if key is None or read.public_key.public_numbers() == key.public_numbers():
            return read
    raise KeyRefused("cms-unreadable", "The signature does not carry the certificate of its signer.")
