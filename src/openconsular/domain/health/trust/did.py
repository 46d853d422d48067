"""The WHO's trust lists: DID documents of the Global Digital Health Certification Network, versions 1 and 2.

Version 2 names every key by a path, <list>:<domain>:<participant>:<usage>#<key id> (smart-trust, GDHCN Trustlists),
version 1 by <list>:<participant>#<key id>. What a key is for is taken from that name, which is signed; the properties
of the same meaning beside it are signed only in lists since 2026, and may only narrow it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from openconsular.domain.health.trust.did_proof import DidAnchor, signed_at, verify_proof
from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import (
    base64_bytes,
    key_id_hex,
    long_text_in,
    read_json,
    text_in,
)
from openconsular.domain.health.trust.jwk import key_of_jwk, same_key
from openconsular.domain.health.trust.limits import CHAIN_MOST, ENTRIES_MOST, REFERENCES_MOST, TEXT_MOST
from openconsular.domain.health.trust.model import Environment, Family, Proof, TrustList
from openconsular.domain.health.trust.x509 import read_certificate

_LISTS = ("trustlist", "trustlist-ref")
_AUTHORITY_USAGES = frozenset({"SCA", "CSCA"})
_SIGNER_USAGES = frozenset({"DSC"})
# Keys of participants that sign no certificates: encryption, uploads, connections (GDHCN, key usages).
_OTHER_USAGES = frozenset({"DECA", "DESC", "UP", "TLS"})
_ANY = frozenset({"", "-"})
_TEST_MARKS = ("-dev", "-uat")
_CLOCKS_APART = timedelta(days=1)
_KEY_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class DidDocument:
    """One document as fetched or imported. `references` are the DIDs it leaves to other documents."""

    did: str
    as_of: datetime
    proof: Proof
    proof_reason: str
    methods: tuple[Mapping[str, Any], ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DidName:
    """What the name of a key says. Empty where it says nothing."""

    domain: str
    participant: str
    usage: str
    fragment: str


def read_document(
    raw: bytes,
    *,
    environment: Environment,
    fetched_at: datetime,
    anchor: DidAnchor | None,
    confirmed: str = "",
) -> DidDocument:
    """One DID document, its proof checked against `anchor`.

    `confirmed` is the SHA-256 (hex) of the file that a person compared with the publisher's; it stands in for a
    missing anchor. Raises TrustRefused, also "list-from-the-future" and "other-environment".
    """
    document = read_json(raw)
    if not isinstance(document, dict) or not isinstance(document.get("verificationMethod"), list):
        raise TrustRefused("list-unreadable", "This is no DID document with keys.")
    did = text_in(document, "id")
    if environment is Environment.LIVE and any(
        mark in part for part in did.split(":") for mark in _TEST_MARKS
    ):
        raise TrustRefused("other-environment", f"“{did}” is a list for tests.")
    proof, reason = _vouched(document, raw, anchor, confirmed)
    as_of = signed_at(document) if proof is Proof.VERIFIED else fetched_at
    if as_of > fetched_at + _CLOCKS_APART:
        raise TrustRefused("list-from-the-future", f"“{did}” says it was signed at {as_of:%Y-%m-%d %H:%M}.")
    methods = document["verificationMethod"]
    if len(methods) > ENTRIES_MOST:
        raise TrustRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")
    references = tuple(method for method in methods if isinstance(method, str))
    if len(references) > REFERENCES_MOST:
        raise TrustRefused("list-too-long", f"The list refers to more than {REFERENCES_MOST} documents.")
    found = tuple(method for method in methods if isinstance(method, dict))
    return DidDocument(did, as_of, proof, reason, found, references)


def read_did(documents: Sequence[DidDocument], *, list_id: str, environment: Environment) -> TrustList:
    """One list out of a document and those it refers to (one document, where it holds the keys itself).

    It is as old as its oldest document and as vouched for as the least of them. Its sequence is the newest's time of
    signing; no document may be replaced by an older one later (`TrustList.parts`). Raises TrustRefused
    "references-missing" when one of them leaves keys to a document that is not among them.
    """
    if not documents:
        raise TrustRefused("list-unreadable", "There is no document.")
    missing = missing_references(documents)
    if missing:
        raise TrustRefused(
            "references-missing",
            f"{len(missing)} documents it refers to are missing, such as “{missing[0]}”.",
        )
    weakest = next((one for one in documents if one.proof is Proof.NOT_CHECKED), documents[0])
    origin = Origin(list_id, environment, min(one.as_of for one in documents))
    draft = Draft(origin, Family.HCERT)
    for document in documents:
        for method in document.methods:
            _take(draft, method)
    sequences = {one.did: int(one.as_of.astimezone(UTC).timestamp()) for one in documents}
    return draft.finish(
        weakest.proof,
        weakest.proof_reason,
        sequence=max(sequences.values()),
        parts=sequences,
        is_dated=all(one.proof is Proof.VERIFIED for one in documents),
    )


def missing_references(documents: Sequence[DidDocument]) -> list[str]:
    """The DIDs that documents leave keys to and that are not among them, in the order they are named."""
    held = {one.did for one in documents}
    named = (reference.partition("#")[0] for one in documents for reference in one.references)
    return [did for did in dict.fromkeys(named) if did not in held]


def did_address(did: str) -> str:
    """Where a did:web document is served (W3C CCG did:web, section 3.2). Raises TrustRefused "reference-unusable"."""
    name = did.partition("#")[0].removeprefix("did:web:")
    host, *path = name.split(":")
    host = unquote(host).lower()
    parts = [unquote(part) for part in path]
    if not did.startswith("did:web:") or not host or any(mark in host for mark in "/?#@\\ "):
        raise TrustRefused("reference-unusable", f"“{did[:200]}” is no did:web name.")
    if any(part in ("", ".", "..") or set(part) & set("/?#\\%") for part in parts):
        raise TrustRefused("reference-unusable", f"“{did[:200]}” leads out of its own path.")
    return f"https://{host}/{'/'.join(parts or ['.well-known'])}/did.json"


def name_of(method_id: str) -> DidName:
    """The parts of a key's name; the last "trustlist" in it is where the path begins."""
    path, _, fragment = method_id.partition("#")
    segments = path.split(":")
    starts = [index for index, segment in enumerate(segments) if segment in _LISTS]
    if not starts:
        return DidName("", "", "", fragment)
    said = segments[starts[-1] + 1 :]
    if len(said) == 1 and not segments[starts[-1] - 1].startswith("v2"):
        return DidName("", said[0].upper(), "", fragment)
    domain, participant, usage = (*(part.upper() for part in said), "", "", "")[:3]
    return DidName(domain, participant, usage, fragment)


def _vouched(
    document: dict[str, Any], raw: bytes, anchor: DidAnchor | None, confirmed: str
) -> tuple[Proof, str]:
    if anchor is not None:
        verify_proof(document, anchor)
        return Proof.VERIFIED, ""
    if confirmed:
        if hashlib.sha256(raw).hexdigest() != confirmed.strip().replace(":", "").lower():
            raise TrustRefused(
                "fingerprint-wrong", "The file is not the one whose fingerprint was confirmed."
            )
        return Proof.CONFIRMED, ""
    return (
        Proof.NOT_CHECKED,
        "no signing key is configured for this list, and nobody confirmed its fingerprint.",
    )


def _take(draft: Draft, method: Mapping[str, Any]) -> None:
    name = name_of(text_in(method, "id"))
    try:
        if name.usage in _AUTHORITY_USAGES | _SIGNER_USAGES | _ANY:
            _add(draft, method, name)
        elif name.usage not in _OTHER_USAGES:
            raise KeyRefused("usage-unknown", f"A key of an unknown usage, “{name.usage[:20]}”.")
    except KeyRefused as fault:
        draft.refuse(text_in(method, "id"), fault)


def _add(draft: Draft, method: Mapping[str, Any], name: DidName) -> None:
    jwk = method.get("publicKeyJwk")
    chain = _chain(jwk)
    listed = Listed(
        entry=text_in(method, "id"),
        key_id=_key_id(jwk, name.fragment),
        country="" if name.participant in _ANY else name.participant,
        domain=_domain(name, method),
    )
    if not chain:
        if not _is_authority(name, method, is_authority=False):
            draft.add_key(key_of_jwk(jwk), listed)
        return
    first = read_certificate(chain[0])
    if not same_key(jwk, first.public_key):
        raise KeyRefused("key-conflict", "The key and the certificate of one entry differ.")
    if _is_authority(name, method, is_authority=first.is_authority):
        draft.add_authority(chain[0], listed)
        return
    for above in chain[1:]:
        if above != chain[0]:
            draft.add_authority(above, listed)
    draft.add_certificate(first, listed)


def _is_authority(name: DidName, method: Mapping[str, Any], *, is_authority: bool) -> bool:
    """What the signed name says, and without it what the certificate is. The property beside it may object, not decide."""
    signed = is_authority if name.usage in _ANY else name.usage in _AUTHORITY_USAGES
    beside = _property(method, "keyusage")
    if beside not in _ANY and beside not in (_AUTHORITY_USAGES if signed else _SIGNER_USAGES):
        raise KeyRefused(
            "usage-conflict", f"The entry says “{beside[:20]}” beside another usage in its name."
        )
    return signed


def _chain(jwk: object) -> list[bytes]:
    texts = jwk.get("x5c", []) if isinstance(jwk, dict) else []
    if (
        not isinstance(texts, list)
        or len(texts) > CHAIN_MOST
        or not all(isinstance(text, str) for text in texts)
    ):
        raise KeyRefused("certificate-unreadable", "The certificates of the entry are no list.")
    return [base64_bytes(text) for text in texts]


def _domain(name: DidName, method: Mapping[str, Any]) -> str:
    return _property(method, "domain") if name.domain in _ANY else name.domain


def _property(method: Mapping[str, Any], name: str) -> str:
    """A property of a key in capitals: "DSC", or {"code": "#DSC"} in lists since 2026. "?" where it is neither."""
    value = method.get(name, "")
    if isinstance(value, dict):
        value = text_in(value, "code").removeprefix("#") or "?"
    return value.upper()[:TEXT_MOST] if isinstance(value, str) else "?"


def _key_id(jwk: object, fragment: str) -> str:
    """The key id in hex: the JWK's, else the fragment's. The lists of 2024 (v2.0.0) encode the fragment twice."""
    text = long_text_in(jwk, "kid") or unquote(fragment)
    if not text:
        return ""
    raw = base64_bytes(text)
    if len(raw) != _KEY_ID_BYTES and raw.isascii():
        inner = base64_bytes(raw.decode("ascii"))
        if len(inner) == _KEY_ID_BYTES:
            return inner.hex()
    return key_id_hex(text)
