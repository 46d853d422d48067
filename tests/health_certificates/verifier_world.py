"""The signers of one world, all certificates they are shown, and what was revoked."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, hash_of, hash_of_signature
from openconsular.domain.health.revocation.lists import RevocationList, list_of
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.slices import SliceType, publish, read_publication
from openconsular.domain.health.revocation.smart_lists import SmartList
from openconsular.domain.health.trust.model import Environment, Family, TrustStore
from openconsular.domain.health.trust.revoked_signers import SignerRevocations
from openconsular.domain.health.trust.revoking import with_revoked
from openconsular.domain.health.trust.x509 import read_certificate
from tests.domain.health.trust_world import Held, listed, make
from tests.health_certificates.verifier_claims import (
    DAY,
    ISSUER,
    NOW,
    TEST_OID,
    Signer,
    Vector,
    dcc,
    seal,
    sealed,
    text_of,
    token,
    vds,
)
from tests.health_certificates.verifier_hcerts import HcertVectors
from tests.health_certificates.verifier_others import OtherVectors


@dataclass(frozen=True)
class World:
    trust: TrustStore
    revocations: Revocations
    vectors: tuple[Vector, ...]


class Maker(HcertVectors, OtherVectors):
    """The signers of one world and what they sign."""

    def __init__(self) -> None:
        numbers = random.Random(20261122)
        key = lambda: ec.derive_private_key(numbers.getrandbits(250), ec.SECP256R1())  # noqa: E731
        self.authority = make("authority", authority=True, key=key())
        self.good = Signer(make("good", by=self.authority, key=key()))
        self.rsa = Signer(make("rsa", key=rsa.generate_private_key(65537, 2048)))
        self.tests_only = Signer(make("tests", key=key(), purposes=(TEST_OID,)))
        self.expired = Signer(make("expired", key=key(), end=NOW - DAY))
        self.future = Signer(make("future", key=key(), start=NOW + DAY))
        self.stranger = Signer(make("stranger", key=key()))
        self.icvp_only = Signer(make("icvp", key=key()))
        self.wide = Signer(make("wide", key=ec.generate_private_key(ec.SECP384R1())))
        self.seals = make("ICAO authority", country="PT", authority=True, key=key())
        self.sealer = make("sealer", by=self.seals, key=key(), purposes=("2.23.136.1.1.14.2",))
        self.unlisted_sealer = make("unlisted", by=self.seals, key=key(), purposes=("2.23.136.1.1.14.2",))
        self.stray_sealer = make("stray", key=key(), purposes=("2.23.136.1.1.14.2",))
        self.cards = key()
        self.revoked = Signer(make("revoked", by=self.authority, key=key()))
        self.revoked_sealer = make(
            "revoked sealer", by=self.seals, key=key(), purposes=("2.23.136.1.1.14.2",)
        )

    def trust(self) -> TrustStore:
        national = listed(
            self.good.held, self.rsa.held, self.tests_only.held, self.expired.held, self.future.held, self.wide.held,
            self.revoked.held, authorities=(self.authority,),
        )  # fmt: skip
        limited = listed(self.icvp_only.held, list_id="limited", domain="ICVP", as_of=NOW - 3 * DAY)
        sealers = listed(self.sealer, list_id="seals", family=Family.VDS_NC, authorities=(self.seals,))
        numbers = self.cards.public_key()
        card_key = replace(
            sealers.keys[0], public_key=numbers, key_ids=("card-key",), family=Family.SMART, country="", issuer=ISSUER,
            formats=frozenset({Format.SMART}), kinds=frozenset(Kind), list_id="cards", not_before=None, not_after=None,
            authority_not_before=None, authority_not_after=None,
        )  # fmt: skip
        cards = replace(sealers, list_id="cards", keys=(card_key,), authorities=())
        lists = {one.list_id: one for one in (national, limited, sealers, cards)}
        crls = (
            taken_back(self.authority, self.revoked.held),
            taken_back(self.seals, self.revoked_sealer),
        )
        return with_revoked(TrustStore(Environment.LIVE, lists), crls)

    def hcert(self, claim: Any, by: Signer | None = None, *, number: Any = 1, **options: Any) -> str:
        into = {
            key: options.pop(key)
            for key in tuple(options)
            if key in ("by_country", "begun", "ends") or key.startswith("claim_")
        }
        if "by_country" in into:
            into["by"] = into.pop("by_country")
        return text_of(seal(token(claim, number=number, **into), by or self.good, **options))

    def vectors(self) -> Iterator[Vector]:
        yield from self._sound()
        yield from self._terms()
        yield from self._signatures()
        yield from self._structure()
        yield from self._payloads()
        yield from self._seals()
        yield from self._cards()
        yield from self._credentials()
        yield from self._texts()
        yield Vector("signer revoked", self.hcert(dcc(), self.revoked))
        yield Vector("seal by a revoked signer", sealed(vds(), self.revoked_sealer))


def taken_back(authority: Held, signer: Held) -> SignerRevocations:
    """What a revocation list of this authority says of one signer."""
    read = read_certificate(signer.der)
    return SignerRevocations(
        read.issuer,
        read.authority_key_identifier,
        1,
        NOW,
        None,
        {read.serial: "key_compromise"},
        authority.key_id,
    )


def revocations(maker: Maker, vectors: dict[str, str]) -> Revocations:
    """Whole hashes of one signer, filters of another, cards by their id."""
    from openconsular.domain.health.hcert.read import read

    hashes = {
        maker.good.held.key_id: {
            HashType.UCI: HashSet.of([hash_of("URN:UVCI:01:PT:TWO#C")]),
            HashType.COUNTRY_UCI: HashSet.of([hash_of("PTURN:UVCI:01:PT:GONE#C")]),
        },
        maker.rsa.held.key_id: {
            HashType.SIGNATURE: HashSet.of([hash_of_signature(read(vectors["rsa"]).seal), *_many(500)])
        },
        "country:PT": {HashType.SIGNATURE: HashSet.of([hash_of_signature(read(vectors["recovery"]).seal)])},
    }
    exact = list_of(
        hashes,
        list_id="exact",
        environment=Environment.LIVE,
        version=3,
        as_of=NOW - 2 * DAY,
        covers=frozenset({"PT"}),
    )
    seals = list_of(
        {maker.sealer.key_id: {HashType.UCI: HashSet.of([hash_of("U1")])}},
        list_id="seals",
        environment=Environment.LIVE,
        version=1,
        as_of=NOW,
    )
    filtered = [
        _filtered(maker, vectors, kind, width)
        for kind, width in ((SliceType.BLOOM, 16), (SliceType.VAR_HASH, 8), (SliceType.VAR_HASH, 2))
    ]
    cards = SmartList(
        ISSUER, "card-key", 1, NOW - DAY, {"r-1": float("inf"), "r-2": (NOW - 30 * DAY).timestamp()}
    )
    lists = {one.list_id: one for one in (exact, seals, *filtered)}
    return Revocations(Environment.LIVE, lists, {(ISSUER, "card-key"): cards})


def _many(count: int) -> list[bytes]:
    lot = random.Random(3)
    return [lot.randbytes(16) for _ in range(count)]


def _filtered(maker: Maker, vectors: dict[str, str], kind: SliceType, width: int) -> RevocationList:
    from openconsular.domain.health.hcert.read import read

    key_id = {
        (SliceType.BLOOM, 16): maker.icvp_only,
        (SliceType.VAR_HASH, 8): maker.tests_only,
        (SliceType.VAR_HASH, 2): maker.expired,
    }[kind, width].held.key_id
    wanted = [
        hash_of_signature(read(vectors[name]).seal)
        for name in ("icvp limited domain", "tests only", "expired key")
    ]
    name = f"{kind}-{width}"
    whole = list_of(
        {key_id: {HashType.SIGNATURE: HashSet.of([*wanted, *_many(300)])}},
        list_id=name,
        environment=Environment.LIVE,
        version=1,
        as_of=NOW,
    )
    made = publish(whole, slice_type=kind, width=width)
    return read_publication(made.index, made.slices.__getitem__, list_id=name, environment=Environment.LIVE)


def make_world() -> World:
    maker = Maker()
    vectors = tuple(maker.vectors())
    by_name = {one.name: one.text for one in vectors if isinstance(one.text, str)}
    again = [
        Vector("revoked by country and identifier", maker.hcert(dcc(ci="URN:UVCI:01:PT:GONE#C"))),
        Vector("revoked and broken", maker.hcert(dcc(ci=None))),
    ]
    return World(maker.trust(), revocations(maker, by_name), (*vectors, *again))
