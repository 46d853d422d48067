"""Certificates in HCERT, sound and otherwise."""

import zlib
from collections.abc import Iterator

from openconsular.domain.health.certificate import Algorithm
from openconsular.domain.health.hcert import cbor, cose
from tests.health_certificates.verifier_claims import (
    DAY,
    DDCC_TR,
    DDCC_VS,
    NOW,
    POLIO,
    Vector,
    dcc,
    fixed,
    icvp,
    icvp_2024,
    icvp_2025,
    recovered,
    seal,
    tested,
    text_of,
    token,
)
from tests.health_certificates.verifier_faults import ENTRIES, ICVPS, MESSAGES, PAYLOADS


class HcertVectors:
    """Made by a `Maker`, whose signers it uses."""

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
        yield Vector("fixed", text_of(raw, deflated=fixed))
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
        for name, payload in PAYLOADS.items():
            yield Vector(f"payload {name}", text_of(seal(payload, self.good)))
        for name, message in MESSAGES.items():
            yield Vector(f"message {name}", text_of(message))

    def _payloads(self) -> Iterator[Vector]:
        for name, changes in ENTRIES.items():
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
        for name, changes in ICVPS.items():
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
            "product": {"vp": icvp()["vx"]["vp"], "cn": "", "is": ""},
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
