"""Where private keys are, and signing with them. A private key is never in a log, an answer or an error.

A key lies either sealed in the database (AES-GCM, the field keys of the installation) or in a PKCS#11 token, which
it never leaves. Signatures are ES256 as raw r‖s. Those of sealed keys are deterministic (RFC 6979): the same words
signed twice, as after a crash, are the same certificate.
"""

import functools
import hashlib
import threading
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings
from django.utils.translation import gettext as _

from openconsular.foundation.errors import OpenConsularError
from openconsular.health_certificates.models import SigningKey

Sign = Callable[[bytes], bytes]

_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


class KeyUnavailable(OpenConsularError):
    """A signing key cannot be used now."""

    code = "key-unavailable"
    http_status = 503


def make_sealed() -> tuple[str, bytes]:
    """A new P-256 key: its PKCS#8 PEM, to be stored sealed and nowhere else, and its public half (DER)."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode("ascii"), _public(private.public_key())


def make_in_token(label: str) -> bytes:
    """A new P-256 key inside the configured token, not extractable. Returns its public half (DER)."""
    import pkcs11
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

    session = _session()
    with _TOKEN_LOCK:
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC,
            {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
            local=True,
        )
        public, _private = parameters.generate_keypair(
            store=True,
            label=label,
            id=hashlib.sha256(label.encode()).digest()[:16],
            private_template={pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False},
        )
        der: bytes = encode_ec_public_key(public)
    return der


def signer_of(key: SigningKey) -> Sign:
    """Signing with a key, wherever it lies. Raises KeyUnavailable."""
    if key.token_label:
        return functools.partial(_sign_in_token, key.token_label)
    if not key.private_key:
        raise KeyUnavailable(_("The private half of this key was destroyed."))
    private = serialization.load_pem_private_key(key.private_key.encode(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or _public(private.public_key()) != bytes(
        key.public_key
    ):
        raise KeyUnavailable(_("This is not the private half of the key."))
    return signer_with(private)


def signer_with(private: ec.EllipticCurvePrivateKey) -> Sign:
    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(message, _ES256))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def _public(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


# A token's session is one conversation: one at a time.
_TOKEN_LOCK = threading.Lock()


def _sign_in_token(label: str, message: bytes) -> bytes:
    import pkcs11

    session = _session()
    try:
        with _TOKEN_LOCK:
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
            digest = hashlib.sha256(message).digest()
            signature: bytes = key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
    except pkcs11.PKCS11Error as error:
        raise KeyUnavailable(_("The token does not sign with this key.")) from error
    return signature


def destroy_in_token(label: str) -> bool:
    """Take a key out of the token. False where the token cannot be reached, or lets nobody do that."""
    import pkcs11

    try:
        session = _session()
        with _TOKEN_LOCK:
            for one in list(session.get_objects({pkcs11.Attribute.LABEL: label})):
                one.destroy()
    except (KeyUnavailable, pkcs11.PKCS11Error):
        return False
    return True


def _session() -> Any:
    if not settings.PKCS11_MODULE:
        raise KeyUnavailable(_("No token is configured."))
    return _open_session(settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN)


@functools.cache
def _open_session(module: str, token: str, pin: str) -> Any:
    import pkcs11

    try:
        return pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin, rw=True)
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise KeyUnavailable(_("The token cannot be opened.")) from error
