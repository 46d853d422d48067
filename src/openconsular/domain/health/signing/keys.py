"""Signing with keys at hand; a token of PKCS #11 does the same behind the same callable."""

from collections.abc import Callable
from hashlib import sha256

from awscrt.crypto import EC
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from openconsular.domain.health.certificate import Algorithm

# Gives the signature over some bytes: raw r‖s for ECDSA, the PSS signature for RSA.
Sign = Callable[[bytes], bytes]

_SHA256 = SHA256()
_PSS = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)


def signing_with(key: EllipticCurvePrivateKey | RSAPrivateKey) -> tuple[Algorithm, Sign]:
    """The algorithm a key signs with, and the callable that does. Only P-256 and RSA may issue."""
    if isinstance(key, RSAPrivateKey):
        return Algorithm.PS256, lambda message: key.sign(message, _PSS, _SHA256)
    if not isinstance(key.curve, SECP256R1):
        raise ValueError("Certificates are signed with P-256 or RSA.")
    held = EC.new_key_from_der_data(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    return Algorithm.ES256, lambda message: from_der(held.sign(sha256(message).digest()), 32)


def from_der(signature: bytes, size: int) -> bytes:
    """Raw r‖s of `size` bytes each, from an ECDSA-Sig-Value below 128 bytes made by a library."""
    cut = 4 + signature[3]
    return _sized(signature[4:cut], size) + _sized(signature[cut + 2 :], size)


def _sized(number: bytes, size: int) -> bytes:
    return number if len(number) == size else number.lstrip(b"\0").rjust(size, b"\0")
