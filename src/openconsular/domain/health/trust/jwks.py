"""Keys of SMART Health Card issuers: a JWK set per issuer, and the directories that collect them.

SMART Health Cards Framework 1.3, "Determining keys associated with an issuer" and "Revocation"; the directory is the
VCI's daily snapshot.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import long_text_in, read_json, text_in
from openconsular.domain.health.trust.jwk import key_of_jwk, thumbprint
from openconsular.domain.health.trust.limits import ENTRIES_MOST, REFERENCES_MOST
from openconsular.domain.health.trust.model import Environment, Family, Proof, TrustList

_UNSIGNED = (
    "JWK sets bear no signature; nobody confirmed this one, and it was not fetched from the issuer itself."
)


@dataclass(frozen=True, slots=True)
class IssuerKeys:
    """A directory or set as read: the keys, the version of each key's revocation list, and the lists a directory carries.

    `crl_versions` is by issuer and key id (0 where the issuer keeps no list). `revocations` are as
    `revocation.smart_lists.read_smart_list` takes them, by issuer.
    """

    keys: TrustList
    crl_versions: Mapping[tuple[str, str], int]
    revocations: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def read_jwks(
    raw: bytes,
    *,
    issuer: str,
    list_id: str,
    environment: Environment,
    fetched_at: datetime,
    confirmed: str = "",
    from_issuer: bool = False,
) -> IssuerKeys:
    """The keys of one issuer.

    `from_issuer` says that the bytes came over TLS from the issuer's own address, which is all the standard offers as
    proof. Raises TrustRefused.
    """
    document = read_json(raw)
    draft = Draft(Origin(list_id, environment, fetched_at), Family.SMART)
    versions: dict[tuple[str, str], int] = {}
    _take_set(draft, document, issuer, versions)
    proof = Proof.VERIFIED if from_issuer else _confirmed(raw, confirmed)
    return IssuerKeys(draft.finish(proof, "" if proof is not Proof.NOT_CHECKED else _UNSIGNED), versions)


def read_directory(
    raw: bytes,
    *,
    list_id: str,
    environment: Environment,
    fetched_at: datetime,
    confirmed: str = "",
    from_publisher: bool = False,
) -> IssuerKeys:
    """All issuers of a directory: {"time", "issuerInfo": [{"issuer": {"iss", "name"}, "keys", "crls"}]}.

    `from_publisher` says that the bytes came over TLS from the address configured for it.
    """
    document = read_json(raw)
    infos = document.get("issuerInfo") if isinstance(document, dict) else None
    if not isinstance(infos, list):
        raise TrustRefused("list-unreadable", "This is no directory of issuers.")
    if len(infos) > REFERENCES_MOST:
        raise TrustRefused("list-too-long", f"The directory has more than {REFERENCES_MOST} issuers.")
    draft = Draft(Origin(list_id, environment, fetched_at), Family.SMART)
    versions: dict[tuple[str, str], int] = {}
    lists: list[tuple[str, Mapping[str, Any]]] = []
    for info in infos:
        issuer = text_in(info.get("issuer"), "iss") if isinstance(info, dict) else ""
        if not issuer:
            draft.refuse(
                "an issuer without a name", KeyRefused("issuer-unusable", "The entry names no issuer.")
            )
            continue
        _take_set(draft, info, issuer, versions)
        held = info.get("crls", [])
        lists += [(issuer, one) for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    proof = Proof.VERIFIED if from_publisher else _confirmed(raw, confirmed)
    keys = draft.finish(proof, "" if proof is not Proof.NOT_CHECKED else _UNSIGNED)
    return IssuerKeys(keys, versions, tuple(lists[:ENTRIES_MOST]))


def _take_set(draft: Draft, document: object, issuer: str, versions: dict[tuple[str, str], int]) -> None:
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not keys:
        draft.refuse(issuer, KeyRefused("list-unreadable", "The issuer publishes no set of keys."))
        return
    if not issuer.startswith("https://") or issuer.endswith("/"):
        draft.refuse(
            issuer, KeyRefused("issuer-unusable", "An issuer is an https address without a slash at its end.")
        )
        return
    if len(keys) > ENTRIES_MOST:
        raise TrustRefused("list-too-long", f"The set has more than {ENTRIES_MOST} keys.")
    for jwk in keys:
        name = text_in(jwk, "kid")
        try:
            draft.add_key(_signing_key(jwk), Listed(entry=f"{issuer} {name}", key_id=name, issuer=issuer))
            versions[issuer, name] = _version(jwk)
        except KeyRefused as fault:
            draft.refuse(f"{issuer} {name}", fault)


def _signing_key(jwk: object) -> EllipticCurvePublicKey:
    """The framework allows P-256 for signing only, named by its thumbprint."""
    key = key_of_jwk(jwk)
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise KeyRefused("curve-not-allowed", "SMART Health Cards are signed with P-256 keys.")
    if long_text_in(jwk, "use") != "sig" or long_text_in(jwk, "alg") != "ES256":
        raise KeyRefused("key-usage-not-signing", "The key is not marked for signing with ES256.")
    if long_text_in(jwk, "kid") != thumbprint(key):
        raise KeyRefused("key-id-not-of-key", "The key id is not the thumbprint of the key.")
    return key


def _version(jwk: object) -> int:
    value = jwk.get("crlVersion", 0) if isinstance(jwk, Mapping) else 0
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _confirmed(raw: bytes, confirmed: str) -> Proof:
    if not confirmed:
        return Proof.NOT_CHECKED
    if hashlib.sha256(raw).hexdigest() != confirmed.strip().replace(":", "").lower():
        raise TrustRefused("fingerprint-wrong", "The file is not the one whose fingerprint was confirmed.")
    return Proof.CONFIRMED


def keys_address(issuer: str) -> str:
    """Where an issuer serves its keys. Only for issuers an operator configured: a card's own word is never followed."""
    return f"{issuer}/.well-known/jwks.json"


def revocations_address(issuer: str, key_id: str) -> str:
    """Where an issuer serves the revocation list of a key."""
    return f"{issuer}/.well-known/crl/{key_id}.json"
