"""Certificates of every format and what goes wrong with them, for comparing the browser's verifier with the server's."""

import base64
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from openconsular.domain.health.certificate import Algorithm, Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert import base45, cbor, cose
from openconsular.domain.health.hcert.issue import dcc_claim, icvp_claim
from openconsular.domain.health.products import catalogue
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, hash_of, hash_of_signature
from openconsular.domain.health.revocation.lists import RevocationList, list_of
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.slices import SliceType, publish, read_publication
from openconsular.domain.health.revocation.smart_lists import SmartList
from openconsular.domain.health.signing import Sign, signing_with
from openconsular.domain.health.smart import fhir
from openconsular.domain.health.smart.issue import claims_of, issue_smart
from openconsular.domain.health.trust.model import Environment, Family, TrustStore
from tests.domain.health.trust_world import Held, listed, make

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TEST_OID, VACCINATION_OID, RECOVERY_OID = (f"1.3.6.1.4.1.1847.2021.1.{number}" for number in (1, 2, 3))
ISSUER = "https://cards.example.org"
YELLOW_FEVER = next(one.code for one in catalogue().values() if one.for_life)
POLIO = next(one.code for one in catalogue().values() if not one.for_life)


@dataclass(frozen=True)
class Vector:
    """`text` is a list where a card is spread over several codes."""

    name: str
    text: str | list[str]
    now: datetime = NOW


@dataclass(frozen=True)
class World:
    trust: TrustStore
    revocations: Revocations
    vectors: tuple[Vector, ...]


@dataclass(frozen=True)
class Signer:
    held: Held

    @property
    def kid(self) -> bytes:
        return bytes.fromhex(self.held.key_id)

    @property
    def scheme(self) -> tuple[Algorithm, Sign]:
        return signing_with(self.held.key)


def dcc(**changes: Any) -> dict[str, Any]:
    """The claim of a vaccination; `changes` go into the entry, those that start with `top_` into the claim."""
    entry = Entry(
        Kind.VACCINATION,
        identifier="URN:UVCI:01:PT:ONE#B",
        disease=Coded("840539006"),
        vaccine=Coded("1119349007"),
        product=Coded("EU/1/20/1528"),
        maker=Coded("ORG-100030215"),
        dose=2,
        doses=2,
        happened_on="2026-01-10",
        country="PT",
        issuer="Ministry of Health",
    )
    claim = dcc_claim(Holder(family_name="Gößinger", given_name="Ana María", born_on="1980-05-17"), entry)
    for name, value in changes.items():
        if name.startswith("top_"):
            claim[name.removeprefix("top_")] = value
        elif value is None:
            del claim["v"][0][name]
        else:
            claim["v"][0][name] = value
    return claim


def tested(result: str = "260415000", at: str = "2026-02-28T10:00:00Z") -> dict[str, Any]:
    entry = Entry(
        Kind.TEST,
        identifier="URN:UVCI:01:PT:TWO#C",
        disease=Coded("840539006"),
        test_type=Coded("LP6464-4"),
        product=Coded("a test"),
        result=Coded(result),
        happened_on=at,
        country="PT",
        issuer="Ministry of Health",
        place="A laboratory",
    )
    return dcc_claim(Holder(family_name="Silva", given_name="Rui", born_on="1990"), entry)


def recovered(**changes: Any) -> dict[str, Any]:
    entry = Entry(
        Kind.RECOVERY,
        identifier="URN:UVCI:01:PT:THREE#D",
        disease=Coded("840539006"),
        happened_on="2026-01-02",
        valid_from="2026-01-13",
        valid_until="2026-07-01",
        country="PT",
        issuer="Ministry of Health",
    )
    claim = dcc_claim(Holder(family_name="Silva", given_name="Rui", born_on=""), entry)
    claim["r"][0] |= changes
    return claim


def icvp(product: str = YELLOW_FEVER, happened_on: str = "2026-01-10", **changes: Any) -> dict[str, Any]:
    dose = Entry(
        Kind.VACCINATION, product=Coded(product), batch="L-7", happened_on=happened_on, clinician="Dr A"
    )
    holder = Holder(
        full_name="ANA SILVA", sex="female", born_on="1980-05-17", nationality="PT", document_number="P1"
    )
    return {**icvp_claim(holder, dose), **changes}


def icvp_2025(**changes: Any) -> dict[str, Any]:
    dose = {"vp": YELLOW_FEVER, "dt": "2026-01-10", "cn": "Dr A", "is": "PRT", "bo": "L-7", "vls": "2026-01-20",
            "vle": "life of person vaccinated", **changes}  # fmt: skip
    return {
        "n": "ANA SILVA",
        "dob": "1980-05-17",
        "s": "female",
        "ntl": "PRT",
        "nid": "P1",
        "ndt": "P",
        "v": [dose],
    }


def icvp_2024(**changes: Any) -> dict[str, Any]:
    dose = {"dn": 1, "tg": "1D47", "vp": "Yellow fever", "mp": "A product", "ma": "A maker", "mid": "M1",
            "dt": "2026-01-10", "bo": "L-7", "cn": "Dr A", "is": "PRT", "vls": "2026-01-20", "vle": "", **changes}  # fmt: skip
    return {"n": "ANA SILVA", "dob": "1980", "s": "female", "ntl": "PRT", "nid": "P1", "v": dose}


DDCC_VS = {
    "name": "Ana Silva", "birthDate": "1980-05", "vaccine": {"code": "XM68M6", "system": "icd"}, "brand": "XM8NQ0",
    "lot": "L-7", "date": "2026-01-10", "dose": 1, "country": {"code": "PRT"}, "hcid": "H-1", "pha": "PHA",
    "valid_from": "2026-01-10", "valid_until": "2026-12-31",
}  # fmt: skip
DDCC_TR = {
    "name": "Ana Silva", "hcid": "H-2",
    "test": {"pathogen": "XN109", "type": "LP6464-4", "date": "2026-02-28T10:00:00Z", "result": "260415000"},
}  # fmt: skip


def token(
    claim: Any,
    *,
    number: Any = 1,
    by: str | None = "PT",
    begun: Any = -DAY,
    ends: Any = 300 * DAY,
    **more: Any,
) -> dict[Any, Any]:
    made: dict[Any, Any] = {} if by is None else {1: by}
    if ends is not None:
        made[4] = int((NOW + ends).timestamp()) if isinstance(ends, timedelta) else ends
    if begun is not None:
        made[6] = int((NOW + begun).timestamp()) if isinstance(begun, timedelta) else begun
    made |= {int(name.removeprefix("claim_")): value for name, value in more.items()}
    return {**made, -260: {number: claim}} if number is not None else {**made, **claim}


def seal(
    payload: bytes | dict[Any, Any],
    by: Signer,
    *,
    protected: bytes | None = None,
    unprotected: dict[Any, Any] | None = None,
    tamper: Any = lambda signature: signature,
    tags: bytes = b"\xd2",
) -> bytes:
    """A COSE_Sign1 with whatever headers, rightly signed unless `tamper` says otherwise."""
    algorithm, sign = by.scheme
    body = payload if isinstance(payload, bytes) else cbor.write(payload)
    protected = cose.protected_header(algorithm, by.kid) if protected is None else protected
    signature = tamper(sign(cose.to_be_signed(protected, body)))
    return tags + cbor.write([protected, unprotected or {}, body, signature])


def text_of(message: bytes, *, deflated: Any = lambda data: zlib.compress(data, 9)) -> str:
    return "HC1:" + base45.encode(deflated(message))


class Maker:
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

    def trust(self) -> TrustStore:
        national = listed(
            self.good.held, self.rsa.held, self.tests_only.held, self.expired.held, self.future.held, self.wide.held,
            authorities=(self.authority,),
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
        return TrustStore(Environment.LIVE, lists)

    def hcert(self, claim: Any, by: Signer | None = None, *, number: Any = 1, **options: Any) -> str:
        into = {
            key: options.pop(key)
            for key in tuple(options)
            if key in ("by_country", "begun", "ends") or key.startswith("claim_")
        }
        if "by_country" in into:
            into["by"] = into.pop("by_country")
        return text_of(seal(token(claim, number=number, **into), by or self.good, **options))

    # ---------------------------------------------------------------- vectors

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

    def _sound(self) -> Iterator[Vector]:
        yield Vector("vaccination", self.hcert(dcc()))
        yield Vector("test", self.hcert(tested()))
        yield Vector("recovery", self.hcert(recovered()))
        yield Vector("icvp 2026", self.hcert(icvp(), number=-6))
        yield Vector("icvp 2026 polio", self.hcert(icvp(POLIO), number=-6))
        yield Vector("icvp 2025", self.hcert(icvp_2025(), number=-6))
        yield Vector("icvp 2024", self.hcert(icvp_2024(), number=-6))
        yield Vector("icvp limited domain", self.hcert(icvp(), self.icvp_only, number=-6))
        yield Vector("icvp unknown number", self.hcert(icvp(), number=7))
        yield Vector("icvp other version", self.hcert(icvp(v="2.0.0"), number=-6))
        yield Vector("ddcc vs", self.hcert(DDCC_VS, number=3))
        yield Vector("ddcc tr", self.hcert(DDCC_TR, number=4))
        yield Vector("ddcc vs on top", self.hcert(DDCC_VS, number=None))
        yield Vector("ddcc tr on top", self.hcert(DDCC_TR, number=None))
        yield Vector("rsa", self.hcert(dcc(), self.rsa))
        yield Vector("tests only", self.hcert(tested(), self.tests_only))
        yield Vector("alpha-3", self.hcert(dcc(), by_country="PRT"))
        yield Vector("no issuer", self.hcert(dcc(), by_country=None))

    def _terms(self) -> Iterator[Vector]:
        text = self.hcert(dcc())
        for days in (-400, -2, -1.0001, -0.5, 0, 299.9, 300, 300.0001, 900):
            yield Vector(f"clock {days}", text, NOW + days * DAY)
        for name, claim in (("icvp", icvp()), ("ddcc", DDCC_VS)):
            text = self.hcert(claim, number=-6 if name == "icvp" else 3, ends=None)
            for days in (-60, -50, -45, -41, -40, -39, -1, 0, 305, 306, 400):
                yield Vector(f"{name} clock {days}", text, NOW + days * DAY)
        yield Vector("issued later", self.hcert(dcc(), begun=2 * DAY))
        yield Vector("not before", self.hcert(dcc(), claim_5=int((NOW + DAY).timestamp())))
        yield Vector("no dates", self.hcert(dcc(), begun=None, ends=None))
        for value in (
            -1,
            1.5e9,
            float("nan"),
            float("inf"),
            1_700_000_000_000,
            253_402_300_799,
            253_402_300_800,
            2**63,
            "1",
            None,
            True,
        ):
            yield Vector(f"ends {value}", self.hcert(dcc(), ends=value))
            yield Vector(f"begun {value}", self.hcert(dcc(), begun=value))
        yield Vector("other country", self.hcert(dcc(), by_country="FR"))
        yield Vector("no such country", self.hcert(dcc(), by_country="XX"))
        yield Vector("issuer number", self.hcert(dcc(), by_country=7))
        yield Vector("expired key", self.hcert(dcc(), self.expired))
        yield Vector("future key", self.hcert(dcc(), self.future, begun=2 * DAY))
        yield Vector("before key", self.hcert(dcc(), begun=-800 * DAY))
        yield Vector("wrong usage", self.hcert(dcc(), self.tests_only))
        yield Vector("wrong domain", self.hcert(dcc(), self.icvp_only))
        yield Vector("stranger", self.hcert(dcc(), self.stranger))
        yield Vector(
            "p-384",
            text_of(
                seal(token(dcc()), self.good, protected=cose.protected_header(Algorithm.ES384, self.wide.kid))
            ),
        )
        yield Vector(
            "es256 by p-384",
            text_of(
                seal(token(dcc()), self.good, protected=cose.protected_header(Algorithm.ES256, self.wide.kid))
            ),
        )

    def _signatures(self) -> Iterator[Vector]:
        order = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
        changes = {
            "zeros": lambda _: bytes(64),
            "r zero": lambda one: bytes(32) + one[32:],
            "s order": lambda one: one[:32] + order.to_bytes(32),
            "short": lambda one: one[:63],
            "long": lambda one: one + b"\0",
            "empty": lambda _: b"",
            "huge": lambda _: bytes(600),
            "malleable": lambda one: one[:32] + (-int.from_bytes(one[32:]) % order).to_bytes(32),
            "flipped": lambda one: bytes([one[0] ^ 1]) + one[1:],
        }
        for name, change in changes.items():
            yield Vector(f"signature {name}", self.hcert(dcc(), tamper=change))
            yield Vector(f"rsa signature {name}", self.hcert(dcc(), self.rsa, tamper=change))
        kid = self.good.kid
        headers = {
            "none": ({}, {}), "alg none": ({1: 0, 4: kid}, {}), "alg text": ({1: "ES256", 4: kid}, {}),
            "alg unprotected": ({4: kid}, {1: -7}), "alg unknown": ({1: -8, 4: kid}, {}), "alg 384": ({1: -35, 4: kid}, {}),
            "alg rsa": ({1: -37, 4: kid}, {}), "kid unprotected": ({1: -7}, {4: kid}), "kid none": ({1: -7}, {}),
            "kids differ": ({1: -7, 4: kid}, {4: b"12345678"}), "kid short": ({1: -7, 4: kid[:7]}, {}),
            "kid long": ({1: -7, 4: kid + b"0"}, {}), "kid text": ({1: -7, 4: "kid"}, {}), "kid empty": ({1: -7, 4: b""}, {}),
            "kid null": ({1: -7, 4: None}, {}), "crit": ({1: -7, 4: kid, 2: [1]}, {}), "crit absent": ({1: -7, 4: kid, 2: [3]}, {}),
            "crit unknown": ({1: -7, 4: kid, 2: [99], 99: 1}, {}), "crit empty": ({1: -7, 4: kid, 2: []}, {}),
            "crit odd": ({1: -7, 4: kid, 2: 1}, {}),
        }  # fmt: skip
        for name, (protected, unprotected) in headers.items():
            yield Vector(
                f"header {name}", self.hcert(dcc(), protected=cbor.write(protected), unprotected=unprotected)
            )
        yield Vector("header empty", self.hcert(dcc(), protected=b"", unprotected={1: -7, 4: kid}))
        yield Vector("header list", self.hcert(dcc(), protected=b"\x80"))
        yield Vector("header twice", self.hcert(dcc(), protected=b"\xa2\x01\x26\x01\x26"))
        yield Vector("header long", self.hcert(dcc(), protected=cbor.write({1: -7, 4: kid, 9: bytes(600)})))
        for tags in (
            b"",
            b"\xd8\x3d\xd2",
            b"\xd8\x3d",
            b"\xd8\x12",
            b"\xd9\x00\x12",
            b"\xd3",
            b"\xd2\xd2",
            b"\xda\x00\x00\x00\x12",
        ):
            yield Vector(f"tags {tags.hex()}", self.hcert(dcc(), tags=tags))

    def _structure(self) -> Iterator[Vector]:
        raw = seal(token(dcc()), self.good)
        packed = zlib.compress(raw, 9)
        yield Vector("stored", text_of(raw, deflated=lambda data: zlib.compress(data, 0)))
        yield Vector("fixed", text_of(raw, deflated=_fixed))
        yield Vector("not deflated", text_of(raw, deflated=lambda data: data))
        yield Vector("raw deflate", text_of(packed[2:-4], deflated=lambda data: data))
        yield Vector("gzip", text_of(raw, deflated=lambda data: zlib.compress(data, 9, 31)))
        yield Vector("after the end", text_of(packed + b"x", deflated=lambda data: data))
        yield Vector("checksum", text_of(packed[:-1] + bytes([packed[-1] ^ 1]), deflated=lambda data: data))
        yield Vector("bomb", text_of(bytes(1_000_000)))
        yield Vector("just below the cap", text_of(bytes(65_535)))
        yield Vector("twice deflated", text_of(packed))
        for length in range(0, len(packed), 7):
            yield Vector(f"cut {length}", text_of(packed[:length], deflated=lambda data: data))
        for name, payload in _ODD_PAYLOADS.items():
            yield Vector(f"payload {name}", text_of(seal(payload, self.good)))
        for name, message in _ODD_MESSAGES.items():
            yield Vector(f"message {name}", text_of(message))

    def _payloads(self) -> Iterator[Vector]:
        for name, changes in _ODD_ENTRIES.items():
            yield Vector(f"dcc {name}", self.hcert(dcc(**changes)))
        two = dcc()
        two["v"].append(two["v"][0])
        yield Vector("dcc two entries", self.hcert(two))
        yield Vector("dcc two groups", self.hcert({**dcc(), "t": tested()["t"]}))
        for name, claim in {
            "detected": tested("260373001"), "unknown result": tested("1"), "test tomorrow": tested(at="2026-03-02T10:00:00Z"),
            "test without zone": tested(at="2026-02-28T10:00:00"), "test short zone": tested(at="2026-02-28T10:00:00+01"),
            "test odd zone": tested(at="2026-02-28T10:00:00+25"), "test on no day": tested(at="2026-02-30T10:00:00Z"),
            "recovery bad": recovered(du="2026-13-01"), "recovery later": recovered(fr="2026-03-09"), "recovery none": recovered(fr=None),
            "names odd": {**dcc(), "nam": {"fn": "A\u202eB", "fnt": "AB"}}, "names symbol": {**dcc(), "nam": {"fn": "A☃", "fnt": "A"}},
            "names small": {**dcc(), "nam": {"fn": "A", "fnt": "ab"}}, "names none": {**dcc(), "nam": {"fn": "A"}},
            "names control": {**dcc(), "nam": {"fn": "A\x07", "fnt": "A"}}, "names long": {**dcc(), "nam": {"fn": "A" * 81, "fnt": "A"}},
            "names wide": {**dcc(), "nam": {"fn": "𠀀" * 80, "fnt": "A"}},
        }.items():  # fmt: skip
            yield Vector(f"dcc {name}", self.hcert(claim))
        for name, changes in _ODD_ICVP.items():
            yield Vector(f"icvp {name}", self.hcert(icvp(**changes), number=-6))
        for happened_on in (
            "2026-02-20",
            "2026-02-19",
            "2026-03-01",
            "2026-03-02",
            "2026-03-05",
            "2026-02-30",
        ):
            yield Vector(
                f"icvp on {happened_on}", self.hcert(icvp(vx={**icvp()["vx"], "dv": happened_on}), number=-6)
            )
        yield Vector("icvp before the amendments", self.hcert(icvp(), number=-6, begun=-200 * DAY))
        yield Vector(
            "icvp at the end of time",
            self.hcert(icvp(vx={**icvp()["vx"], "dv": "9999-12-30"}), number=-6, begun=253_402_300_000),
        )
        for name, claim in {
            "life": icvp_2025(vle="vie entière du sujet vacciné"), "over": icvp_2025(vle="2026-02-01"), "odd end": icvp_2025(vle="ever"),
            "two": {**icvp_2025(), "v": [*icvp_2025()["v"] * 2]}, "none": {**icvp_2025(), "v": []}, "list of text": {**icvp_2025(), "v": ["x"]},
            "nobody": icvp_2025(cn="", **{"is": " "}), "other product": icvp_2025(vp="x"),
        }.items():  # fmt: skip
            yield Vector(f"icvp 2025 {name}", self.hcert(claim, number=-6))
        for name, changes in {
            "over": {"vle": "2025-01-01"},
            "later": {"vls": "2027-01-01"},
            "no date": {"dt": ""},
        }.items():
            yield Vector(f"icvp 2024 {name}", self.hcert(icvp_2024(**changes), number=-6))
        for name, changes in {
            "over": {"valid_until": "2026-02-01"}, "later": {"valid_from": "2026-04-01"}, "odd date": {"date": "soon"}, "odd birth": {"birthDate": "x"},
            "odd code": {"vaccine": 7}, "dose float": {"dose": 1.0}, "dose half": {"dose": 1.5}, "instant": {"valid_until": "2026-02-28T00:00:00Z"},
        }.items():  # fmt: skip
            yield Vector(f"ddcc {name}", self.hcert({**DDCC_VS, **changes}, number=3))
        for number, claim in (
            (5, {}),
            (2, {}),
            (1, []),
            (1, "x"),
            ("1", dcc()),
            (1.0, dcc()),
            (-6, {"v": 7}),
            (1, {}),
            (3, {}),
            (4, {}),
        ):
            yield Vector(f"claim {number} {str(claim)[:9]}", self.hcert(claim, number=number))
        yield Vector("two claims", text_of(seal({**token(dcc()), -260: {1: dcc(), 3: DDCC_VS}}, self.good)))

    def _seals(self) -> Iterator[Vector]:
        for name, by in (
            ("listed", self.sealer),
            ("carried", self.unlisted_sealer),
            ("stray", self.stray_sealer),
        ):
            yield Vector(f"seal {name}", sealed(vds(), by))
        yield Vector("seal with a line break", sealed(vds(), self.sealer) + "\r\n")
        yield Vector("seal of a test", sealed(VDS_TEST, self.sealer))
        yield Vector(
            "seal from the future",
            sealed(
                {
                    **VDS_TEST,
                    "msg": {**VDS_TEST["msg"], "dat": {"sc": "2026-03-02T12:00:00Z", "ri": "2026-03-02"}},
                },
                self.sealer,
            ),
        )
        yield Vector("seal of another country", sealed(vds(**{"is": "FRA"}), self.sealer))
        made = sealed(vds(), self.sealer)
        yield Vector("seal changed", made.replace("SMITH", "SMYTH"))
        yield Vector("seal twice the same name", made.replace('"uvci":', '"uvci":"x","uvci":'))
        for change in ({"t": "icao.visa"}, {"v": 2}, {"v": True}, {"v": 1.0}, {"is": "pt"}, {"is": "D"}):
            yield Vector(f"seal header {change}", sealed(vds(**change), self.sealer))
        for name, message in _ODD_SEALS.items():
            yield Vector(f"seal {name}", sealed({**vds(), "msg": {**vds()["msg"], **message}}, self.sealer))
        for name, value in {
            "float": 1.5,
            "exponent": 1e300,
            "big": 2**53 + 1,
            "negative zero": -0.0,
            "edge": 2**53 - 1,
            "edge 2": 2**53,
        }.items():
            yield Vector(
                f"seal number {name}",
                sealed(vds(), self.sealer).replace('"t":', f'"x":{json.dumps(value)},"t":'),
            )
        for name, part in {"alg": "ES512", "sigvl": "A", "cer": "", "sigvl short": "AAAA"}.items():
            whole = json.loads(made)
            whole["sig"][name.split()[0]] = part
            yield Vector(f"seal {name}={part}", json.dumps(whole))

    def _cards(self) -> Iterator[Vector]:
        _, sign = signing_with(self.cards)
        card = Certificate(
            format=Format.SMART, version="4.0.1", holder=Holder(family_name="Ocampo", given_name="Ana", born_on="1980-05-17"),
            entries=(Entry(kind=Kind.VACCINATION, disease=fhir.COVID_19, vaccine=Coded("207", fhir.CVX), happened_on="2026-01-02", issuer=ISSUER),),
            issuer=ISSUER, valid_from=NOW - 20 * DAY, expires_at=NOW + 20 * DAY,
        )  # fmt: skip
        for rid in ("", "r-1", "r-2"):
            issued = issue_smart(card, key_id="card-key", sign=sign, revocation_id=rid)
            yield Vector(f"card {rid}", issued.codes[0])
            yield Vector(f"card {rid} as text", issued.jws)
        long = issue_smart(replace(card, entries=card.entries * 12), key_id="card-key", sign=sign)
        padded = json.dumps(
            {**claims_of(card), "padding": base64.b64encode(random.Random(1).randbytes(2000)).decode()}
        ).encode()
        jws = _jws(padded, sign)
        digits = "".join(f"{ord(letter) - 45:02d}" for letter in jws)
        size = 2 * 1000
        pieces = [digits[at : at + size] for at in range(0, len(digits), size)]
        codes = [f"shc:/{at}/{len(pieces)}/{piece}" for at, piece in enumerate(pieces, 1)]
        yield Vector("card long", long.codes[0])
        yield Vector("card pieces", codes)
        yield Vector("card pieces backwards", codes[::-1])
        yield Vector("card piece missing", codes[1:])
        yield Vector("card piece twice", [*codes, codes[0]])
        yield Vector("card pieces of two", [codes[0], codes[1].replace("/2/", "/9/", 1)])
        yield Vector("card one piece", codes[0])
        for days in (-21, -20, 19, 20, 20.001):
            yield Vector(
                f"card clock {days}",
                issue_smart(card, key_id="card-key", sign=sign).codes[0],
                NOW + days * DAY,
            )
        for name, header in _ODD_HEADERS.items():
            yield Vector(f"card header {name}", _jws(json.dumps(claims_of(card)).encode(), sign, header))
        for name, change in _ODD_CLAIMS.items():
            said = claims_of(card)
            change(said)
            yield Vector(f"card {name}", _jws(json.dumps(said).encode(), sign))
        good = json.dumps(claims_of(card))
        for name, words in {
            "twice": good.replace('{"iss"', '{"iss": "x", "iss"', 1), "blank": good + " ", "mark": "\ufeff" + good, "surrogate": good.replace("Ana", "\\ud800"),
            "pair": good.replace("Ana", "\\ud83d\\ude00"), "zero": good.replace("Ana", "\\u0000"), "deep": "[" * 40 + "]" * 40, "list": "[]",
            "nan": good.replace('"iss"', '"x":NaN,"iss"', 1), "number": good.replace('"iss"', '"x":01,"iss"', 1), "comma": good.replace('"iss"', ',"iss"', 1),
            "control": good.replace("Ana", "A\tna"), "escape": good.replace("Ana", "A\\x"), "empty": "", "huge": good.replace('"iss"', '"x":1e999,"iss"', 1),
            "binary": "\udcff",
        }.items():  # fmt: skip
            yield Vector(f"card json {name}", _jws(words.encode("utf-8", "surrogateescape"), sign))
        for name, payload in {
            "zlib": zlib.compress(b"{}"),
            "none": b"{}",
            "more": _raw(b"{}") + b"x",
            "cut": _raw(b"{}" * 50)[:-1],
            "bomb": _raw(bytes(400_000)),
        }.items():
            yield Vector(f"card deflate {name}", _jws(b"", sign, payload=payload))
        for text in ("shc:/", "shc:/1", "shc:/5", "shc:/99", "shc:/1/2/00", "shc:/0/2/00", "shc:/3/2/00", "shc:/ 56", "shc:/1/99/00", "shc:/1/1/" + "00" * 5,
                     "https://viewer.example/#shlink:/abc", "shlink:/abc", "a.b", "a.b.c", "a..c", " a.b.c", "shc:/" + "00" * 3600, "shc:/" + "00" * 4000):  # fmt: skip
            yield Vector(f"card text {text[:30]}", text)

    def _credentials(self) -> Iterator[Vector]:
        credential = {
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://example.org/v1"], "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
            "credentialSubject": {"name": "Ana", "id": "did:Passport:X1", "age": 40}, "issuer": "https://example.org/", "issuanceDate": "2026-01-05T10:00:00.000Z",
            "evidence": [{"type": ["Vaccination"], "dose": 1, "totalDoses": "2", "date": "2026-01-05T10:00:00Z", "batch": "B", "icd11Code": ""}], "proof": {"type": "RsaSignature2018"},
        }  # fmt: skip
        words = json.dumps(credential)
        yield Vector("credential", words)
        yield Vector("credential zipped", _zipped(words.encode()).decode("latin-1"))
        yield Vector("credential in base64", "B64:" + base64.b64encode(_zipped(words.encode())).decode())
        yield Vector("credential stored", _zipped(words.encode(), method=0).decode("latin-1"))
        yield Vector("credential cut", _zipped(words.encode())[:-30].decode("latin-1"))
        yield Vector("credential bad name", _zipped(words.encode(), name="../x").decode("latin-1"))
        yield Vector("credential two files", _zipped(words.encode(), twice=True).decode("latin-1"))
        yield Vector("credential bomb", _zipped(bytes(100_000)).decode("latin-1"))
        yield Vector("credential no base64", "B64:*")
        for name, change in {
            "type": {"type": "x"}, "nobody": {"credentialSubject": {}}, "nothing": {"evidence": []}, "no proof": {"proof": None}, "date": {"issuanceDate": "soon"},
            "no day": {"issuanceDate": "2026-02-31"}, "later": {"issuanceDate": "2026-04-01"}, "over": {"expirationDate": "2026-02-01"}, "name": {"credentialSubject": {"name": 7}},
            "list": {"credentialSubject": []}, "number": {"evidence": [{"batch": 1.5}]}, "bool": {"evidence": [{"batch": True}]},
        }.items():  # fmt: skip
            yield Vector(f"credential {name}", json.dumps({**credential, **change}))

    def _texts(self) -> Iterator[Vector]:
        for text in ("", "HC1:", "HC1:A", "HC1:AB", "HC1::::", "HC1:ab", "HC1:€", "HC2:AB", "HL1:X", "hello", "https://example.org/", "{}", '{"data":1,"hdr":1}',
                     "HC1:" + "0" * 17_000, "x" * 17_000, "{" * 100 + '"@context"', "HC1:FGW", "HC1:GGW", "HC1:%%", "\ud83d\ude00", "HC1:" + "😀"):  # fmt: skip
            yield Vector(f"text {text[:20]}", text.encode("utf-16", "surrogatepass").decode("utf-16"))
        # One letter changed, taken away or put in, at places chosen by lot.
        lot = random.Random(7)
        sources = {
            "dcc": self.hcert(dcc()),
            "icvp": self.hcert(icvp(), number=-6),
            "rsa": self.hcert(dcc(), self.rsa),
            "seal": sealed(vds(), self.sealer),
        }
        sources["card"] = _jws(json.dumps({"iss": ISSUER}).encode(), signing_with(self.cards)[1])
        for name, text in sources.items():
            for round_ in range(300):
                at, letter = lot.randrange(len(text)), lot.choice("0A9 $*:aZ{}")
                changed = lot.choice(
                    (
                        text[:at] + letter + text[at + 1 :],
                        text[:at] + text[at + 1 :],
                        text[:at] + letter + text[at:],
                        text[:at],
                    )
                )
                yield Vector(f"{name} changed {round_}", changed)
        # A byte changed in what is signed, so that everything inside is met with a broken signature.
        for name, raw in {
            "dcc": seal(token(dcc()), self.good),
            "icvp": seal(token(icvp(), number=-6), self.good),
        }.items():
            for at in range(len(raw)):
                for bit in (0x01, 0x20, 0x80):
                    yield Vector(
                        f"{name} byte {at} {bit}",
                        text_of(
                            raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :],
                            deflated=lambda data: zlib.compress(data, 1),
                        ),
                    )
        # The same inside a payload that is signed afterwards.
        for name, payload in {
            "dcc": cbor.write(token(dcc())),
            "icvp": cbor.write(token(icvp(), number=-6)),
            "ddcc": cbor.write(token(DDCC_VS, number=3)),
        }.items():
            for _ in range(500):
                at = lot.randrange(len(payload))
                changed = payload[:at] + lot.randbytes(1) + payload[at + 1 :]
                yield Vector(
                    f"{name} signed byte {at} {changed[at]}",
                    text_of(seal(changed, self.good), deflated=lambda data: zlib.compress(data, 1)),
                )


def _fixed(data: bytes) -> bytes:
    machine = zlib.compressobj(9, strategy=zlib.Z_FIXED)
    return machine.compress(data) + machine.flush()


def _raw(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


def _jws(text: bytes, sign: Sign, header: Any = None, *, payload: bytes | None = None) -> str:
    header = {"zip": "DEF", "alg": "ES256", "kid": "card-key"} if header is None else header
    parts = (json.dumps(header).encode(), _raw(text) if payload is None else payload)
    message = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return f"{message.decode()}.{base64.urlsafe_b64encode(sign(message)).decode().rstrip('=')}"


def _zipped(content: bytes, *, name: str = "certificate.json", method: int = 8, twice: bool = False) -> bytes:
    import io
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr(name, content)
        if twice:
            archive.writestr("other.json", content)
    return held.getvalue()


def vds(**header: Any) -> dict[str, Any]:
    return {
        "hdr": {"t": "icao.vacc", "v": 1, "is": "PRT", **header},
        "msg": {
            "uvci": "U32870", "pid": {"n": "SMITH  JANE É", "dob": "1990-01-XX", "i": "E1234567P", "sex": "F"},
            "ve": [{"des": "XM68M6", "dis": "RA01.0", "nam": "A product", "vd": [{"dvc": "2026-02-03", "seq": 1, "ctr": "PRT", "adm": "R", "lot": "V"}]}],
        },
    }  # fmt: skip


VDS_TEST: dict[str, Any] = {
    "hdr": {"t": "icao.test", "v": 1, "is": "PRT"},
    "msg": {
        "utci": "U1", "pid": {"n": "SMITH  JANE", "dt": "P", "dn": "E1"}, "sp": {"spn": "General", "ctr": "PRT"},
        "dat": {"sc": "2026-02-27T12:00:00+08:00", "ri": "2026-02-27T14:00:00+08:00"}, "tr": {"tc": "PCR", "r": "negative"},
    },
}  # fmt: skip


def sealed(data: dict[str, Any], by: Held) -> str:
    _, sign = signing_with(by.key)
    number = lambda part: base64.urlsafe_b64encode(part).decode().rstrip("=")  # noqa: E731
    try:
        message = rfc8785.dumps(data)
    except rfc8785.CanonicalizationError:
        message = b""
    signature = {"alg": "ES256", "sigvl": number(sign(message)), "cer": number(by.der)}
    return json.dumps({"data": data, "sig": signature}, ensure_ascii=False, separators=(",", ":"))


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


_ODD_PAYLOADS: dict[str, bytes] = {
    "empty": b"", "list": b"\x80", "text": b"\x61a", "trailing": cbor.write(token(dcc())) + b"\x00", "trailing bad": cbor.write({1: 1}) + b"\x1f",
    "duplicate": b"\xa2\x01\x61a\x01\x61b", "duplicate long form": b"\xa2\x01\x61a\x18\x01\x61b", "tag": b"\xa1\x01\xc2\x41\x01", "tag 28": b"\xd8\x1c\x80", "tag 1": b"\xa1\x01\xc1\x00",
    "deep": b"\x81" * 30 + b"\x80", "depth 14": b"\x81" * 14 + b"\x80", "depth 15": b"\x81" * 15 + b"\x80", "depth 16": b"\x81" * 16 + b"\x80", "depth 17": b"\x81" * 17 + b"\x80", "depth 18": b"\x81" * 18 + b"\x80", "maps": b"\xa1\x01" * 16 + b"\xa0", "more maps": b"\xa1\x01" * 17 + b"\xa0",
    "deep text": b"\x81" * 17 + b"\x61a", "deep tag": b"\x81" * 16 + b"\xc0\x61a", "duplicate and cut": b"\xa3\x01\x61a\x01\x61b", "duplicate and tag": b"\xa3\x01\x61a\x01\x61b\x02\xc2\x41\x01", "reserved": b"\x1c", "break": b"\xff",
    "long list": b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", "long text": b"\x7b\x00\x00\x00\x00\xff\xff\xff\xff", "endless": b"\xbf\x01\x61a\xff", "bad text": b"\xa1\x01\x62\xff\xfe",
    "simple": b"\xa1\x01\xf8\x14", "simple 2": b"\xa1\x01\xe0", "undefined": b"\xa1\x01\xf7", "float key": b"\xa1\xfa\x3f\x80\x00\x00\x61a", "chunks": b"\xa1\x01\x7f\x61a\x61b\xff",
    "odd chunks": b"\xa1\x01\x7f\x41a\xff", "claim nothing": b"\xa1\x39\x01\x03\xa0", "claim null": b"\xa1\x39\x01\x03\xf6", "claim list": b"\xa1\x39\x01\x03\x80",
}  # fmt: skip
_ODD_MESSAGES: dict[str, bytes] = {
    "empty": b"", "map": b"\xa0", "three parts": b"\xd2\x83\x40\xa0\x40", "five parts": b"\xd2\x85\x40\xa0\x40\x40\x40", "nil payload": b"\xd2\x84\x40\xa0\xf6\x40", "list header": b"\xd2\x84\x40\x80\x40\x40",
    "text header": b"\xd2\x84\x60\xa0\x40\x40", "other tag": b"\xd8\x62\x84\x40\xa0\x40\x40", "cut": b"\xd2\x84\x40\xa0", "trailing": b"\xd2\x84\x40\xa0\x40\x40\x00",
}  # fmt: skip
_ODD_ENTRIES: dict[str, dict[str, Any]] = {
    "dose zero": {"dn": 0}, "dose early zero": {"dn": 0, "top_ver": "1.0.0"}, "dose text": {"dn": "1"}, "dose float": {"dn": 1.0}, "dose half": {"dn": 1.5}, "dose true": {"dn": True}, "dose huge": {"dn": 2**70},
    "no dose": {"dn": None}, "no day": {"dt": "2026-02-30"}, "midnight": {"dt": "2026-01-10T00:00:00"}, "leap": {"dt": "2024-02-29"}, "no leap": {"dt": "2025-02-29"}, "tomorrow": {"dt": "2026-03-02"},
    "after tomorrow": {"dt": "2026-03-03"}, "country small": {"co": "pt"}, "country small early": {"co": "", "top_ver": "1.1.0"}, "country long": {"co": "ABCDEFGHIJK"}, "no identifier": {"ci": None},
    "identifier long": {"ci": "x" * 81}, "no target": {"tg": None}, "more": {"zz": 1}, "more bytes": {"zz": b"x"}, "more nan": {"zz": float("nan")}, "version 2": {"top_ver": "2.0.0"},
    "version odd": {"top_ver": "1.3"}, "version number": {"top_ver": 1}, "born later": {"top_dob": "2026-02"}, "born 1899": {"top_dob": "1899-01-01"}, "born month 00": {"top_dob": "1980-00-00"},
    "born midnight": {"top_dob": "1980-01-01T00:00:00"}, "born null": {"top_dob": None}, "born year": {"top_dob": "1980"}, "born unknown": {"top_dob": ""}, "groups null": {"top_t": None, "top_r": None},
    "group map": {"top_t": {}}, "group empty": {"top_v": []}, "group text": {"top_v": ["x"]}, "no name": {"top_nam": None}, "top more": {"top_x": {1: 2}}, "deep": {"zz": [[[[[[[[[[[[1]]]]]]]]]]]]},
    "many": {"zz": [0] * 5000},
}  # fmt: skip
_ODD_ICVP: dict[str, dict[str, Any]] = {
    "no name": {"n": " "}, "no birth": {"dob": ""}, "birth year": {"dob": "1980"}, "no sex": {"s": None}, "no nationality": {"nt": None}, "vx list": {"vx": [icvp()["vx"]]}, "vx none": {"vx": None},
    "vx two": {"vx": [icvp()["vx"]] * 2}, "product": {"vx": {**icvp()["vx"], "vp": "x"}}, "no batch": {"vx": {**icvp()["vx"], "bo": " "}}, "batch missing": {"vx": {k: v for k, v in icvp()["vx"].items() if k != "bo"}},
    "dt in dose": {"vx": {"dt": "2026-01-10", **{k: v for k, v in icvp()["vx"].items() if k != "dv"}}}, "no clinician": {"vx": {k: v for k, v in icvp()["vx"].items() if k != "cn"}},
    "life": {"vx": {**icvp()["vx"], "vle": "life of person vaccinated"}}, "over": {"vx": {**icvp()["vx"], "vle": "2026-02-01"}}, "long version": {"v": "1" * 300}, "long name": {"n": "A" * 201},
    "bytes": {"zz": b"x"}, "undefined": {"id": None},
}  # fmt: skip
_ODD_SEALS: dict[str, dict[str, Any]] = {
    "without identifier": {"uvci": ""}, "without person": {"pid": None}, "of nobody": {"pid": {"n": "X"}}, "with odd birth": {"pid": {"n": "X", "dob": "soon"}}, "without events": {"ve": []}, "with odd event": {"ve": [1]},
    "without doses": {"ve": [{"des": "X", "vd": []}]}, "with odd date": {"ve": [{"des": "X", "vd": [{"dvc": "2026", "ctr": "PRT"}]}]}, "with odd count": {"ve": [{"des": "X", "vd": [{"dvc": "2026-01-01", "seq": "x", "ctr": "PRT"}]}]},
    "with text count": {"ve": [{"des": "X", "vd": [{"dvc": "2026-01-01", "seq": "02", "ctr": "PRT"}]}]}, "in future": {"ve": [{"des": "X", "vd": [{"dvc": "2027-01-01", "ctr": "PRT"}]}]},
}  # fmt: skip
_ODD_HEADERS: dict[str, Any] = {
    "alg": {"zip": "DEF", "alg": "none", "kid": "card-key"}, "zip": {"alg": "ES256", "kid": "card-key"}, "kid": {"zip": "DEF", "alg": "ES256"}, "crit": {"zip": "DEF", "alg": "ES256", "kid": "card-key", "crit": []},
    "b64": {"zip": "DEF", "alg": "ES256", "kid": "card-key", "b64": True}, "other key": {"zip": "DEF", "alg": "ES256", "kid": "x"}, "long kid": {"zip": "DEF", "alg": "ES256", "kid": "x" * 257}, "list": [],
}  # fmt: skip


def _bundle(said: dict[str, Any]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = said["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    return entries


_ODD_CLAIMS: dict[str, Any] = {
    "no issuer": lambda said: said.pop("iss"), "http": lambda said: said.update(iss="http://x"), "slash": lambda said: said.update(iss=ISSUER + "/"), "other issuer": lambda said: said.update(iss="https://other.example"),
    "no begin": lambda said: said.pop("nbf"), "text begin": lambda said: said.update(nbf="1"), "true begin": lambda said: said.update(nbf=True), "milliseconds": lambda said: said.update(nbf=said["nbf"] * 1000),
    "ends milliseconds": lambda said: said.update(exp=said["exp"] * 1000), "ends first": lambda said: said.update(exp=said["nbf"]), "fraction": lambda said: said.update(nbf=said["nbf"] + 0.5),
    "no credential": lambda said: said.pop("vc"), "types": lambda said: said["vc"].update(type=["x"]), "type text": lambda said: said["vc"].update(type="x"), "more types": lambda said: said["vc"]["type"].append("https://x"),
    "no fhir": lambda said: said["vc"]["credentialSubject"].pop("fhirVersion"), "no bundle": lambda said: said["vc"]["credentialSubject"].pop("fhirBundle"), "no patient": lambda said: _bundle(said).pop(0),
    "two patients": lambda said: _bundle(said).append({"fullUrl": "resource:9", "resource": {"resourceType": "Patient"}}), "same address": lambda said: _bundle(said).append(_bundle(said)[0]),
    "nothing": lambda said: _bundle(said).pop(1), "status": lambda said: _bundle(said)[1]["resource"].update(status="x"), "not done": lambda said: _bundle(said)[1]["resource"].update(status="not-done"),
    "no date": lambda said: _bundle(said)[1]["resource"].pop("occurrenceDateTime"), "odd date": lambda said: _bundle(said)[1]["resource"].update(occurrenceDateTime="soon"),
    "later": lambda said: _bundle(said)[1]["resource"].update(occurrenceDateTime="2026-05-01"), "two dates": lambda said: _bundle(said)[1]["resource"].update(occurrenceString="x"),
    "no code": lambda said: _bundle(said)[1]["resource"].update(vaccineCode={}), "no patient named": lambda said: _bundle(said)[1]["resource"].pop("patient"),
    "dangling": lambda said: _bundle(said)[1]["resource"].update(patient={"reference": "x"}), "of itself": lambda said: _bundle(said)[1]["resource"].update(patient={"reference": "resource:1"}),
    "meta": lambda said: _bundle(said)[1]["resource"].update(meta={"x": 1}), "meta list": lambda said: _bundle(said)[1]["resource"].update(meta=[]), "empty": lambda said: _bundle(said)[1]["resource"].update(note=[]),
    "null": lambda said: _bundle(said)[1]["resource"].update(note=None), "lot": lambda said: _bundle(said)[1]["resource"].update(lotNumber=7), "doses": lambda said: _bundle(said)[1]["resource"].update(protocolApplied=[{"doseNumberPositiveInt": 0}]),
    "name": lambda said: _bundle(said)[0]["resource"].update(name="x"), "given": lambda said: _bundle(said)[0]["resource"].update(name=[{"given": "x"}]), "birth": lambda said: _bundle(said)[0]["resource"].update(birthDate="x"),
    "gender": lambda said: _bundle(said)[0]["resource"].update(gender="x"), "rid": lambda said: said["vc"].update(rid="no good!"), "rid number": lambda said: said["vc"].update(rid=1),
    "prototype": lambda said: _bundle(said).append({"fullUrl": "__proto__", "resource": {"resourceType": "constructor"}}), "observation": lambda said: _bundle(said).append({"fullUrl": "resource:2", "resource": {
        "resourceType": "Observation", "status": "final", "subject": {"reference": "resource:0"}, "code": {"coding": [{"system": "http://loinc.org", "code": "94558-4"}]}, "valueQuantity": {"value": 1.5, "unit": "x"}}}),
    "condition": lambda said: _bundle(said).append({"fullUrl": "resource:2", "resource": {"resourceType": "Condition", "subject": {"reference": "resource:0"}, "code": {"coding": [{"code": "1"}]},
        "clinicalStatus": {"coding": [{"code": "resolved"}]}, "onsetDateTime": "2026-01-01"}}),
}  # fmt: skip
