"""Signatures of authorities and list publishers, over certificates and CMS messages."""

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.limits import AUTHORITY_RSA_BITS_MOST
from openconsular.domain.health.trust.model import PublicKey
from openconsular.domain.health.trust.usage import rsa_fault
from openconsular.domain.health.trust.x509 import ASN1_FAULTS

Hash = SHA256 | SHA384 | SHA512
# Nothing with SHA-1 or MD5 (governance 4.1: "SHA-2 with an output length of at least 256 bit").
_HASHES: dict[str, type[Hash]] = {"sha256": SHA256, "sha384": SHA384, "sha512": SHA512}
_CURVE_BITS_LEAST = 250  # governance 4.1, requirements on CSCA and upload certificates


def verify(key: PublicKey, signature: bytes, message: bytes, algorithm: Any, digest: str = "") -> None:
    """Check a signature made with `algorithm` (asn1crypto's SignedDigestAlgorithm).

    `digest` is the hash named elsewhere, for algorithms that do not name one themselves (CMS). Raises KeyRefused:
    "signature-wrong", "signature-algorithm" when it is weak, unknown or not for this key.
    """
    try:
        scheme, name = _scheme(algorithm, digest)
        chosen = _HASHES[name]()
        if isinstance(key, EllipticCurvePublicKey):
            _demand(scheme == "ecdsa" and key.key_size >= _CURVE_BITS_LEAST)
            key.verify(signature, message, ec.ECDSA(chosen))
            return
        _demand(scheme in ("rsassa_pkcs1v15", "rsassa_pss") and not rsa_fault(key, AUTHORITY_RSA_BITS_MOST))
        key.verify(signature, message, _padding(scheme, algorithm, chosen), chosen)
    except InvalidSignature as cause:
        raise KeyRefused("signature-wrong", "The signature does not fit.") from cause
    except (*ASN1_FAULTS, UnsupportedAlgorithm) as cause:
        raise KeyRefused(
            "signature-algorithm", f"The signature algorithm is weak, unknown or malformed: {cause}"
        ) from cause


def _scheme(algorithm: Any, digest: str) -> tuple[str, str]:
    """asn1crypto's names for the scheme and the hash; "rsaEncryption" in CMS stands for PKCS #1 v1.5 (RFC 3370 3.2)."""
    if algorithm["algorithm"].native == "rsassa_pkcs1v15" or algorithm["algorithm"].native == "ecdsa":
        return algorithm["algorithm"].native, digest
    return algorithm.signature_algo, algorithm.hash_algo


def _padding(scheme: str, algorithm: Any, chosen: Hash) -> padding.AsymmetricPadding:
    if scheme == "rsassa_pkcs1v15":
        return padding.PKCS1v15()
    parameters = algorithm["parameters"]
    masked = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    return padding.PSS(padding.MGF1(_HASHES[masked]()), parameters["salt_length"].native)


def _demand(fits: bool) -> None:
    if not fits:
        raise ValueError("not for this key")
