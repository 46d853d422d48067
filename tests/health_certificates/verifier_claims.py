"""What certificates say, in every format, and how it is signed and packed, rightly or not."""

import base64
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785

from openconsular.domain.health.certificate import Algorithm, Coded, Entry, Holder, Kind
from openconsular.domain.health.hcert import base45, cbor, cose
from openconsular.domain.health.hcert.issue import dcc_claim, icvp_claim
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.signing.keys import Sign, signing_with
from tests.domain.health.trust_world import Held

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


def sealed(data: dict[str, Any], by: Held) -> str:
    _, sign = signing_with(by.key)
    number = lambda part: base64.urlsafe_b64encode(part).decode().rstrip("=")  # noqa: E731
    try:
        message = rfc8785.dumps(data)
    except rfc8785.CanonicalizationError:
        message = b""
    signature = {"alg": "ES256", "sigvl": number(sign(message)), "cer": number(by.der)}
    return json.dumps({"data": data, "sig": signature}, ensure_ascii=False, separators=(",", ":"))


def fixed(data: bytes) -> bytes:
    machine = zlib.compressobj(9, strategy=zlib.Z_FIXED)
    return machine.compress(data) + machine.flush()


def raw(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


def jws(text: bytes, sign: Sign, header: Any = None, *, payload: bytes | None = None) -> str:
    header = {"zip": "DEF", "alg": "ES256", "kid": "card-key"} if header is None else header
    parts = (json.dumps(header).encode(), raw(text) if payload is None else payload)
    message = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return f"{message.decode()}.{base64.urlsafe_b64encode(sign(message)).decode().rstrip('=')}"


def zipped(content: bytes, *, name: str = "certificate.json", method: int = 8, twice: bool = False) -> bytes:
    import io
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr(name, content)
        if twice:
            archive.writestr("other.json", content)
    return held.getvalue()
