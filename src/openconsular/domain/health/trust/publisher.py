"""Who signs a list as a whole: a key that was pinned, or a certificate of a given name below a pinned authority."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from openconsular.domain.health.trust.chain import is_signed_by
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.limits import AUTHORITY_RSA_BITS_MOST, CHAIN_MOST
from openconsular.domain.health.trust.model import PublicKey
from openconsular.domain.health.trust.usage import rsa_fault
from openconsular.domain.health.trust.x509 import ASN1_FAULTS, SigningCertificate, read_certificate

# RFC 7518 section 3.1; nothing with SHA-1, no secret keys, no "none".
_CURVES = {
    "ES256": ("secp256r1", SHA256),
    "ES384": ("secp384r1", SHA384),
    "ES512": ("secp521r1", SHA512),
}
_NAMES_MOST = 32


@dataclass(frozen=True, slots=True)
class Publisher:
    """`key` signs, or a certificate whose common or DNS name is `name` and that `authority` or one below it signed."""

    key: PublicKey | None = None
    authority: SigningCertificate | None = None
    name: str = ""

    @classmethod
    def of_certificate(cls, der: bytes, name: str = "") -> "Publisher":
        """An authority where the certificate is one, else the key in it. Raises KeyRefused, TrustRefused.

        Below an authority many may sign, so it vouches for nobody without a name.
        """
        read = read_certificate(der)
        if not read.is_authority:
            return cls(key=read.public_key)
        if not name:
            raise TrustRefused(
                "publisher-unnamed", "Of an authority one must say whose certificate below it signs the list."
            )
        return cls(authority=read, name=name)

    def key_for(self, carried: Sequence[bytes], at: datetime) -> PublicKey:
        """The key that must have made the signature, of the certificates (DER, the signer's first) a list carries.

        Raises TrustRefused: "proof-chain", "proof-other-signer".
        """
        if self.key is not None:
            return self.key
        if self.authority is None or not carried:
            raise TrustRefused("proof-chain", "The list does not carry the certificate that signs it.")
        try:
            chain = [read_certificate(der) for der in carried[: CHAIN_MOST + 1]]
        except KeyRefused as fault:
            raise TrustRefused("proof-chain", fault.message) from fault
        leaf = chain[0]
        if self.name.lower() not in _names(leaf):
            raise TrustRefused("proof-other-signer", f"The list is signed by “{leaf.subject_words}”.")
        _demand_path(leaf, chain[1:], self.authority, at)
        return leaf.public_key


def _names(one: SigningCertificate) -> set[str]:
    """Its common and DNS names in small letters."""
    try:
        common = one.parsed.subject.native.get("common_name", [])
        found = [common] if isinstance(common, str) else list(common)
        found += [name.native for name in one.parsed.subject_alt_name_value or () if name.name == "dns_name"]
    except ASN1_FAULTS:
        return set()
    return {str(name).lower() for name in found[:_NAMES_MOST]}


def _demand_path(
    leaf: SigningCertificate,
    others: Sequence[SigningCertificate],
    authority: SigningCertificate,
    at: datetime,
) -> None:
    if leaf.key_usage is not None and not leaf.key_usage & {"digital_signature", "non_repudiation"}:
        raise TrustRefused("proof-chain", f"“{leaf.subject_words}” may not sign.")
    current = leaf
    for _ in range(CHAIN_MOST + 1):
        _demand_valid(current, at)
        if current.issuer == authority.subject and is_signed_by(current, authority.public_key):
            _demand_valid(authority, at)
            return
        above = [one for one in others if _may_certify(one) and one.subject == current.issuer]
        found = next((one for one in above if is_signed_by(current, one.public_key)), None)
        if found is None or found is current:
            break
        current = found
    raise TrustRefused("proof-chain", "The certificate that signs the list does not lead to the authority.")


def _may_certify(one: SigningCertificate) -> bool:
    return one.is_authority and (one.key_usage is None or "key_cert_sign" in one.key_usage)


def _demand_valid(one: SigningCertificate, at: datetime) -> None:
    if not one.not_before <= at <= one.not_after:
        raise TrustRefused("proof-chain", f"“{one.subject_words}” was not valid at {at:%Y-%m-%d}.")


def verify_with(key: PublicKey, algorithm: str, signature: bytes, message: bytes) -> None:
    """Check a signature by its name in JOSE. ECDSA as r‖s or in DER. Raises TrustRefused: "proof-algorithm", "proof-wrong"."""
    try:
        if isinstance(key, EllipticCurvePublicKey):
            curve, hashed = _CURVES.get(algorithm, ("", SHA256))
            if key.curve.name != curve:
                raise TrustRefused("proof-algorithm", f"“{algorithm[:20]}” is not for this key.")
            key.verify(_der(signature, (key.key_size + 7) // 8), message, ec.ECDSA(hashed()))
            return
        _verify_rsa(key, algorithm, signature, message)
    except InvalidSignature as cause:
        raise TrustRefused("proof-wrong", "The signature of the list does not fit.") from cause


def _verify_rsa(key: RSAPublicKey, algorithm: str, signature: bytes, message: bytes) -> None:
    schemes: dict[str, padding.AsymmetricPadding] = {
        "RS256": padding.PKCS1v15(),
        "PS256": padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size),
    }
    if algorithm not in schemes or rsa_fault(key, AUTHORITY_RSA_BITS_MOST):
        raise TrustRefused("proof-algorithm", f"“{algorithm[:20]}” is not for this key.")
    key.verify(signature, message, schemes[algorithm], SHA256())


def _der(signature: bytes, size: int) -> bytes:
    if len(signature) == 2 * size:
        return encode_dss_signature(int.from_bytes(signature[:size]), int.from_bytes(signature[size:]))
    return signature
