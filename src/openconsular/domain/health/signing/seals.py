"""Checking a seal with a public key, the same for every format.

The algorithm must be the key's: ES256 with P-256 and ES384 with P-384 only (RFC 7518 section 3.4), PS256 with RSA.
ECDSA signatures are raw r‖s of exactly the curve's length with both numbers in range; DER is refused where raw is due.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from openconsular.domain.health.certificate import Algorithm, Seal

PublicKey = EllipticCurvePublicKey | RSAPublicKey

_SHA256 = SHA256()
_PSS = PSS(mgf=MGF1(_SHA256), salt_length=_SHA256.digest_size)
# Orders of the groups (SEC 2 sections 2.4.2 and 2.5.1).
_P256_ORDER = bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
_P384_ORDER = bytes.fromhex(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
)
_CURVES: dict[Algorithm, tuple[type[EllipticCurve], bytes, ECDSA]] = {
    Algorithm.ES256: (SECP256R1, _P256_ORDER, ECDSA(_SHA256)),
    Algorithm.ES384: (SECP384R1, _P384_ORDER, ECDSA(SHA384())),
}


def fault(seal: Seal, key: PublicKey) -> str:
    """Why `seal` was not made with `key`; "" when it was.

    "algorithm-not-of-key", "curve-not-allowed", "signature-length", "signature-range" or "signature-wrong".
    """
    return fault_of_kind(seal, key) or made_with(seal, key)


def fault_of_kind(seal: Seal, key: PublicKey) -> str:
    """Why a key like this cannot make a seal like that: "algorithm-not-of-key", "curve-not-allowed" or ""."""
    if seal.algorithm is Algorithm.PS256:
        return "" if isinstance(key, RSAPublicKey) else "algorithm-not-of-key"
    if not isinstance(key, EllipticCurvePublicKey):
        return "algorithm-not-of-key"
    return "" if isinstance(key.curve, _CURVES[seal.algorithm][0]) else "curve-not-allowed"


def made_with(seal: Seal, key: PublicKey) -> str:
    """Why `seal` was not made with `key`, which is of its algorithm; "" when it was."""
    if seal.algorithm is Algorithm.PS256:
        return _rsa_fault(seal, key)  # type: ignore[arg-type]
    _, order, scheme = _CURVES[seal.algorithm]
    raw = seal.signature
    half = len(order)
    if len(raw) != 2 * half:
        return "signature-length"
    r, s = raw[:half], raw[half:]
    if r >= order or s >= order or not (any(r) and any(s)):
        return "signature-range"
    try:
        key.verify(to_der(r, s), seal.message, scheme)  # type: ignore[arg-type,call-arg]
    except InvalidSignature:
        return "signature-wrong"
    return ""


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
    plain = number.lstrip(b"\0") or b"\0"
    if plain[0] & 0x80:
        return bytes((2, len(plain) + 1, 0)) + plain
    return bytes((2, len(plain))) + plain
