"""Checking a seal with a public key, the same for every format.

The algorithm must be the key's: ES256 with P-256 and ES384 with P-384 only (RFC 7518 section 3.4), PS256 with RSA.
ECDSA signatures are raw r‖s of exactly the curve's length with both numbers in range; DER is refused where raw is due.
"""

from collections.abc import Callable
from hashlib import sha256, sha384
from typing import Any, NamedTuple

from awscrt.crypto import EC
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.certificate import Algorithm, Seal

PublicKey = EllipticCurvePublicKey | RSAPublicKey
# Tells why a seal was not made with the key it stands for; "" when it was.
Checker = Callable[[Seal], str]

_SHA256 = SHA256()
_PSS = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)


class _Curve(NamedTuple):
    kind: type[EllipticCurve]
    order: bytes
    digest: Callable[[bytes], Any]


# Orders of the groups (SEC 2 sections 2.4.2 and 2.5.1).
_CURVES = {
    Algorithm.ES256: _Curve(
        SECP256R1,
        bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        sha256,
    ),
    Algorithm.ES384: _Curve(
        SECP384R1,
        bytes.fromhex(
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        ),
        sha384,
    ),
}


def fault(seal: Seal, key: PublicKey) -> str:
    """Why `seal` was not made with `key`; "" when it was.

    "algorithm-not-of-key", "curve-not-allowed", "signature-length", "signature-range" or "signature-wrong".
    """
    return fault_of_kind(seal.algorithm, key) or checker(seal.algorithm, key)(seal)


def fault_of_kind(algorithm: Algorithm, key: PublicKey) -> str:
    """Why a key like this cannot sign with `algorithm`: "algorithm-not-of-key", "curve-not-allowed" or ""."""
    if algorithm is Algorithm.PS256:
        return "" if isinstance(key, RSAPublicKey) else "algorithm-not-of-key"
    if not isinstance(key, EllipticCurvePublicKey):
        return "algorithm-not-of-key"
    return "" if isinstance(key.curve, _CURVES[algorithm].kind) else "curve-not-allowed"


def checker(algorithm: Algorithm, key: PublicKey) -> Checker:
    """What looks at seals of `algorithm` made with `key`, which is of its kind: made once, asked for every seal."""
    if isinstance(key, RSAPublicKey):
        return lambda seal: _rsa_fault(seal, key)
    return _on_curve(_CURVES[algorithm], key)


def _on_curve(curve: _Curve, key: EllipticCurvePublicKey) -> Checker:
    _, order, digest = curve
    half = len(order)
    zero = bytes(half)
    verify = EC.new_key_from_der_data(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).verify

    def fault_of(seal: Seal) -> str:
        raw = seal.signature
        if len(raw) != 2 * half:
            return "signature-length"
        r, s = raw[:half], raw[half:]
        if not (zero < r < order and zero < s < order):
            return "signature-range"
        return "" if verify(digest(seal.message).digest(), to_der(r, s)) else "signature-wrong"

    return fault_of


def _rsa_fault(seal: Seal, key: RSAPublicKey) -> str:
    """RSASSA-PSS with SHA-256 and a salt as long as the hash (RFC 8230 section 2, RFC 7518 section 3.5)."""
    if len(seal.signature) != (key.key_size + 7) // 8:
        return "signature-length"
    try:
        key.verify(seal.signature, seal.message, _PSS, _SHA256)
    except InvalidSignature:
        return "signature-wrong"
    return ""


def to_der(r: bytes, s: bytes) -> bytes:
    """The ECDSA-Sig-Value (RFC 3279 section 2.2.3) of two numbers of at most 66 bytes each."""
    first, second = _integer(r), _integer(s)
    size = len(first) + len(second)
    head = bytes((0x30, size)) if size < 0x80 else bytes((0x30, 0x81, size))
    return head + first + second


def _integer(number: bytes) -> bytes:
    plain = number if number[0] else number.lstrip(b"\0") or b"\0"
    return _POSITIVE[len(plain)] + plain if plain[0] & 0x80 else _INTEGER[len(plain)] + plain


# How an integer of so many bytes begins, and one that a zero must keep from being negative.
_INTEGER = [bytes((2, size)) for size in range(67)]
_POSITIVE = [bytes((2, size + 1, 0)) for size in range(67)]
