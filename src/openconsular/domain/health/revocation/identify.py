"""By what a certificate is named in revocation lists.

EU DCC revocation (dgc-gateway, RevocationHashTypeDto): SHA-256, first 128 bits, over the certificate's identifier,
over country code and identifier, or over the signature. An ECDSA signature can be changed by anyone into another valid
one by negating s, so only r is hashed. SMART Health Cards carry a revocation id (`rid`) instead.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from openconsular.domain.health.certificate import Algorithm, Format, Presented, Seal

HASH_BYTES = 16


class HashType(StrEnum):
    """The names the gateway gives them."""

    UCI = "UCI"
    COUNTRY_UCI = "COUNTRYCODEUCI"
    SIGNATURE = "SIGNATURE"


_UCI, _SIGNATURE = HashType.UCI, HashType.SIGNATURE


def hash_of(text: str) -> bytes:
    """The 128 bits of an identifier."""
    return hashlib.sha256(text.encode()).digest()[:HASH_BYTES]


def hash_of_signature(seal: Seal) -> bytes:
    """The 128 bits of a signature: of r alone where it is r‖s, of all of it otherwise."""
    signature = seal.signature
    if seal.algorithm is not Algorithm.PS256:
        signature = signature[: len(signature) // 2]
    return hashlib.sha256(signature).digest()[:HASH_BYTES]


def hashes_for(identifier: str, country: str, seal: Seal | None = None) -> dict[HashType, bytes]:
    """What an issuer publishes to revoke a certificate it keeps a record of. `country` as in the token's `iss`."""
    found = {HashType.UCI: hash_of(identifier), HashType.COUNTRY_UCI: hash_of(country + identifier)}
    if seal is not None:
        found[HashType.SIGNATURE] = hash_of_signature(seal)
    return found


class Identity:
    """The names of a presented certificate, each worked out when a list asks for it.

    Raises `Unreadable` where the claims cannot be read.
    """

    __slots__ = ("_country", "_presented", "_signature", "_uci")

    def __init__(self, presented: Presented) -> None:
        self._presented = presented
        self._uci: tuple[bytes, ...] | None = None
        self._country: tuple[bytes, ...] | None = None
        self._signature: tuple[bytes, ...] | None = None

    def hashes(self, hash_type: HashType) -> tuple[bytes, ...]:
        """One per entry; for the country both the signer's and the entry's own where they differ."""
        # Told apart by identity: the hash of an enumeration's member costs more than the look-up it is for.
        if hash_type is _SIGNATURE:
            if self._signature is None:
                self._signature = (hash_of_signature(self._presented.seal),)
            return self._signature
        if hash_type is _UCI:
            if self._uci is None:
                self._uci = self._of_identifiers()
            return self._uci
        if self._country is None:
            self._country = self._of_countries()
        return self._country

    @property
    def smart_id(self) -> tuple[str, float]:
        """The revocation id of a SMART Health Card ("" without one) and its `nbf` in seconds since 1970."""
        if self._presented.format is not Format.SMART:
            return "", 0.0
        certificate = self._presented.certificate
        credential: Any = certificate.claims.get("vc")
        held = credential.get("rid", "") if isinstance(credential, Mapping) else ""
        valid_from = certificate.valid_from
        return held if isinstance(held, str) else "", valid_from.timestamp() if valid_from else 0.0

    def _of_identifiers(self) -> tuple[bytes, ...]:
        entries = self._presented.certificate.entries
        return tuple([hash_of(one) for one in dict.fromkeys([entry.identifier for entry in entries]) if one])

    def _of_countries(self) -> tuple[bytes, ...]:
        certificate = self._presented.certificate
        signed_in = certificate.issuer_country
        texts: dict[str, None] = {}
        for entry in certificate.entries:
            for country in (signed_in, entry.country):
                if country and entry.identifier:
                    texts[country + entry.identifier] = None
        return tuple([hash_of(text) for text in texts])


def identify(presented: Presented) -> Mapping[HashType, tuple[bytes, ...]]:
    """All names of a certificate at once. Raises `Unreadable`."""
    identity = Identity(presented)
    return {hash_type: identity.hashes(hash_type) for hash_type in HashType}
