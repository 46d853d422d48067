"""Public keys written as JSON Web Keys (RFC 7517, RFC 7518 section 6), with the faults published ones have."""

import base64
import hashlib
from collections.abc import Mapping

import rfc8785
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.json_text import base64_bytes, long_text_in
from openconsular.domain.health.trust.limits import RSA_BITS_MOST
from openconsular.domain.health.trust.model import PublicKey

_CURVES: Mapping[str, type[ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


def key_of_jwk(jwk: object) -> PublicKey:
    """The key. Coordinates with a leading zero byte (half of the WHO's list) count as the number they are.

    Raises KeyRefused: "key-unreadable", "key-type-not-allowed", "key-private" when the secret part was published.
    """
    if not isinstance(jwk, Mapping):
        raise KeyRefused("key-unreadable", "The key is no JWK.")
    if _PRIVATE & jwk.keys():
        raise KeyRefused(
            "key-private", "The secret part of this key was published: nobody may trust it any more."
        )
    try:
        if jwk.get("kty") == "EC":
            curve = _CURVES.get(long_text_in(jwk, "crv"))
            if curve is None:
                raise KeyRefused("curve-not-allowed", "The key is on a curve that is not used here.")
            return ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), curve()).public_key()
        if jwk.get("kty") == "RSA":
            return rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key()
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise KeyRefused("key-unreadable", f"The key is no point or number of its kind: {cause}") from cause
    raise KeyRefused("key-type-not-allowed", "The key is neither an EC nor an RSA key.")


def same_key(jwk: object, key: PublicKey) -> bool:
    """Whether a JWK names the key its certificate holds. A JWK without readable numbers says nothing.

    Raises KeyRefused "key-private".
    """
    try:
        return key_of_jwk(jwk).public_numbers() == key.public_numbers()
    except KeyRefused as fault:
        if fault.code == "key-private":
            raise
        return True


def thumbprint(key: EllipticCurvePublicKey) -> str:
    """RFC 7638 thumbprint of a P-256 key: the key id SMART Health Cards prescribe."""
    numbers = key.public_numbers()
    members = {"crv": "P-256", "kty": "EC", "x": _text(numbers.x), "y": _text(numbers.y)}
    return base64.urlsafe_b64encode(hashlib.sha256(rfc8785.dumps(members)).digest()).decode().rstrip("=")


def _number(jwk: Mapping[str, object], name: str) -> int:
    raw = base64_bytes(long_text_in(jwk, name)[:RSA_BITS_MOST])
    if not raw:
        raise KeyRefused("key-unreadable", f"The key lacks its {name}.")
    return int.from_bytes(raw)


def _text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")
