"""Seals, cards and credentials, sound and otherwise; and texts changed by lot."""

import base64
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import replace

from openconsular.domain.health.certificate import Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert import cbor
from openconsular.domain.health.signing.keys import signing_with
from openconsular.domain.health.smart import fhir
from openconsular.domain.health.smart.issue import claims_of, issue_smart
from tests.health_certificates.verifier_claims import (
    DAY,
    DDCC_VS,
    ISSUER,
    NOW,
    VDS_TEST,
    Vector,
    dcc,
    icvp,
    jws,
    raw,
    seal,
    sealed,
    text_of,
    token,
    vds,
    zipped,
)
from tests.health_certificates.verifier_faults import (
    CLAIMS,
    HEADERS,
    SEALS,
)


class OtherVectors:
    """Made by a `Maker`, whose signers it uses."""

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
        for taken in (
            "2026-03-02T12:00Z",
            "2026-03-04T12:00+08:00",
            "2026-02-28T12:00Z",
            "2026-02-30T12:00Z",
            "2026-02-30",
        ):
            dates = {"sc": taken, "ri": "2026-03-02"}
            message = {**VDS_TEST["msg"], "dat": dates}
            yield Vector(f"seal to the minute {taken}", sealed({**VDS_TEST, "msg": message}, self.sealer))
        yield Vector("seal of another country", sealed(vds(**{"is": "FRA"}), self.sealer))
        made = sealed(vds(), self.sealer)
        yield Vector("seal changed", made.replace("SMITH", "SMYTH"))
        yield Vector("seal twice the same name", made.replace('"uvci":', '"uvci":"x","uvci":'))
        for change in ({"t": "icao.visa"}, {"v": 2}, {"v": True}, {"v": 1.0}, {"is": "pt"}, {"is": "D"}):
            yield Vector(f"seal header {change}", sealed(vds(**change), self.sealer))
        for name, message in SEALS.items():
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
        whole = jws(padded, sign)
        digits = "".join(f"{ord(letter) - 45:02d}" for letter in whole)
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
        for name, header in HEADERS.items():
            yield Vector(f"card header {name}", jws(json.dumps(claims_of(card)).encode(), sign, header))
        for name, change in CLAIMS.items():
            said = claims_of(card)
            change(said)
            yield Vector(f"card {name}", jws(json.dumps(said).encode(), sign))
        good = json.dumps(claims_of(card))
        for name, words in {
            "twice": good.replace('{"iss"', '{"iss": "x", "iss"', 1), "blank": good + " ", "mark": "\ufeff" + good, "surrogate": good.replace("Ana", "\\ud800"),
            "pair": good.replace("Ana", "\\ud83d\\ude00"), "zero": good.replace("Ana", "\\u0000"), "deep": "[" * 40 + "]" * 40, "list": "[]",
            "nan": good.replace('"iss"', '"x":NaN,"iss"', 1), "number": good.replace('"iss"', '"x":01,"iss"', 1), "comma": good.replace('"iss"', ',"iss"', 1),
            "control": good.replace("Ana", "A\tna"), "escape": good.replace("Ana", "A\\x"), "empty": "", "huge": good.replace('"iss"', '"x":1e999,"iss"', 1),
            "binary": "\udcff",
        }.items():  # fmt: skip
            yield Vector(f"card json {name}", jws(words.encode("utf-8", "surrogateescape"), sign))
        for name, payload in {
            "zlib": zlib.compress(b"{}"),
            "none": b"{}",
            "more": raw(b"{}") + b"x",
            "end of gzip": raw(b"{}") + zlib.compress(b"{}", wbits=31)[-8:],
            "end of another gzip": raw(b"{}") + zlib.compress(b"{]", wbits=31)[-8:],
            "cut": raw(b"{}" * 50)[:-1],
            "bomb": raw(bytes(400_000)),
        }.items():
            yield Vector(f"card deflate {name}", jws(b"", sign, payload=payload))
        for text in ("shc:/", "shc:/1", "shc:/5", "shc:/99", "shc:/1/2/00", "shc:/0/2/00", "shc:/3/2/00", "shc:/ 56", "shc:/1/99/00", "shc:/1/1/" + "00" * 5,
                     "https://viewer.example/#shlink:/abc", "shlink:/abc", "vhlink:/abc", "a.b", "a.b.c", "a..c", " a.b.c", "shc:/" + "00" * 3600, "shc:/" + "00" * 4000):  # fmt: skip
            yield Vector(f"card text {text[:30]}", text)

    def _credentials(self) -> Iterator[Vector]:
        credential = {
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://example.org/v1"], "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
            "credentialSubject": {"name": "Ana", "id": "did:Passport:X1", "age": 40}, "issuer": "https://example.org/", "issuanceDate": "2026-01-05T10:00:00.000Z",
            "evidence": [{"type": ["Vaccination"], "dose": 1, "totalDoses": "2", "date": "2026-01-05T10:00:00Z", "batch": "B", "icd11Code": ""}], "proof": {"type": "RsaSignature2018"},
        }  # fmt: skip
        words = json.dumps(credential)
        yield Vector("credential", words)
        yield Vector("credential zipped", zipped(words.encode()).decode("latin-1"))
        yield Vector("credential in base64", "B64:" + base64.b64encode(zipped(words.encode())).decode())
        yield Vector("credential stored", zipped(words.encode(), method=0).decode("latin-1"))
        yield Vector("credential cut", zipped(words.encode())[:-30].decode("latin-1"))
        yield Vector("credential bad name", zipped(words.encode(), name="../x").decode("latin-1"))
        yield Vector("credential two files", zipped(words.encode(), twice=True).decode("latin-1"))
        yield Vector("credential bomb", zipped(bytes(100_000)).decode("latin-1"))
        yield Vector("credential no base64", "B64:*")
        for name, change in {
            "type": {"type": "x"}, "nobody": {"credentialSubject": {}}, "nothing": {"evidence": []}, "no proof": {"proof": None}, "date": {"issuanceDate": "soon"}, "no such day": {"evidence": [{"date": "2025-02-29"}]}, "no such basic day": {"evidence": [{"date": "20250229"}]}, "basic": {"issuanceDate": "20260103", "evidence": [{"date": "20260105", "effectiveStart": "20260106"}]},
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
        sources["card"] = jws(json.dumps({"iss": ISSUER}).encode(), signing_with(self.cards)[1])
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
        for name, message in {
            "dcc": seal(token(dcc()), self.good),
            "icvp": seal(token(icvp(), number=-6), self.good),
        }.items():
            for at in range(len(message)):
                for bit in (0x01, 0x20, 0x80):
                    yield Vector(
                        f"{name} byte {at} {bit}",
                        text_of(
                            message[:at] + bytes([message[at] ^ bit]) + message[at + 1 :],
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
