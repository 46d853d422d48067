"""Keys for the vectors of SMART Health Cards: what their issuers would serve, and one to seal bare payloads with."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from openconsular.domain.health.conformance import content_of
from openconsular.domain.health.conformance.smart_expected import Case
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.smart_lists import read_smart_list
from openconsular.domain.health.smart.issue import base64url
from openconsular.domain.health.smart.read import read
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.jwks import IssuerKeys, read_jwks
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.domain.health.verdict import Unreadable

# The issuer of the specification's examples; its keys stand in the specification ("Generate keys").
EXAMPLES = "https://spec.smarthealth.cards/examples/issuer"
EXAMPLE_KEYS = (
    {
        "kty": "EC",
        "kid": "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s",
        "use": "sig",
        "alg": "ES256",
        "crv": "P-256",
        "x": "11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw",
        "y": "eZXwxvO1hvCY0KucrPfKo7yAyMT6Ajc3N7OkAB6VYy8",
    },
    {
        "kty": "EC",
        "kid": "EBKOr72QQDcTBUuVzAzkfBTGew0ZA16GuWty64nS-sw",
        "use": "sig",
        "alg": "ES256",
        "crv": "P-256",
        "x": "PQHApUWm94mflvswQgAnfHlETMwJFqjUVSs7WU6LQy4",
        "y": "7mj8IO-8V5VZjDbRVsJINC_Rq5ai5CDhFX18ceRsLWQ",
    },
)
# Whose keys a set is that a case brings along: not those of the card's issuer, which are known or served.
OTHER_ISSUER = "https://other.example/issuer"
# Signs payloads that come without a signature, for this process only.
_OWN = ec.derive_private_key(
    int.from_bytes(hashlib.sha256(b"vectors without a seal").digest()), ec.SECP256R1()
)


def sign(message: bytes) -> bytes:
    der = _OWN.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def own_jwk() -> dict[str, str]:
    numbers = _OWN.public_key().public_numbers()
    jwk = {
        "crv": "P-256",
        "kty": "EC",
        "x": base64url(numbers.x.to_bytes(32)),
        "y": base64url(numbers.y.to_bytes(32)),
    }
    print_of = hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest()
    return {**jwk, "kid": base64url(print_of), "use": "sig", "alg": "ES256"}


def own_key_id() -> str:
    return own_jwk()["kid"]


def store_for(case: Case, text: str, now: datetime) -> TrustStore:
    """The keys of the issuer a card names: those the case brings, or those of the specification's examples."""
    store = TrustStore(Environment.TEST)
    if "ISSUER_NOT_TRUSTED" in case.errors:
        return store
    try:
        issuer = read(text).claims["iss"]
    except Unreadable:
        return store
    keys = _keys(case, issuer, now)
    others = _read(content_of(case.folder.parent / case.key_set), OTHER_ISSUER, now) if case.key_set else None
    for one in (keys, others):
        store = store.with_list(one.keys) if one is not None else store
    return store


def _keys(case: Case, issuer: str, now: datetime) -> IssuerKeys | None:
    folder = _folder(case, issuer)
    if folder is not None:
        raw = content_of(folder / "jwks.json")
    elif issuer == EXAMPLES:
        raw = json.dumps({"keys": [*EXAMPLE_KEYS, own_jwk()]}).encode()
    else:
        return None
    return _read(raw, issuer, now)


def _read(raw: bytes, issuer: str, now: datetime) -> IssuerKeys | None:
    try:
        return read_jwks(
            raw,
            issuer=issuer,
            list_id=issuer,
            environment=Environment.TEST,
            fetched_at=now,
            from_issuer=True,
        )
    except TrustRefused:
        return None


def _folder(case: Case, issuer: str) -> Path | None:
    """Where the case keeps what its issuer would serve."""
    served = case.files[0].parent / ".well-known"
    inside = served.parent.relative_to(case.folder).as_posix()
    return served if inside != "." and issuer.endswith(f"/{inside}") and served.is_dir() else None


def list_fault(case: Case, text: str, now: datetime) -> str:
    """What is wrong with the list of revoked cards its issuer keeps for the card's key, where it keeps one."""
    card = read(text)
    issuer, key_id = card.claims["iss"], card.seal.key_ids[0]
    folder, keys = _folder(case, issuer), _keys(case, issuer, now)
    path = folder / "crl" / f"{key_id}.json" if folder else None
    if keys is None or path is None or not path.is_file():
        return ""
    try:
        found = read_smart_list(content_of(path), issuer=issuer, key_id=key_id, fetched_at=now)
    except RevocationRefused as fault:
        return fault.code
    if found.counter != keys.crl_versions.get((issuer, key_id), 0):
        return "list-other-version"
    return f"list-{found.problems[0]}" if found.problems else ""
