"""Throw-away keys and certificates in any form, right or wrong, for the tests of HCERT."""

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from openconsular.domain.health.certificate import Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert import cose, envelope
from openconsular.domain.health.hcert.issue import Payload, issue
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.signing.keys import signing_with
from openconsular.domain.health.trust.model import (
    ALL_KINDS,
    FAMILIES,
    Environment,
    Family,
    TrustedKey,
    TrustList,
    TrustStore,
)
from openconsular.domain.health.trust.usage import algorithms_of
from openconsular.domain.health.verdict import Verdict
from openconsular.domain.health.verify import Policy, verify

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
KEY_ID = bytes.fromhex("0102030405060708")
KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
HCERT = frozenset(form for form, family in FAMILIES.items() if family is Family.HCERT)
STAMARIL = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0"
BIOPOLIO = "PolioVaccineOralOPVBivalProduct16e883911ea0108b8213bc213c9972fe"

DOSE = {
    "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 1, "sd": 2,
    "dt": "2026-02-18", "co": "AT", "is": "Ministry of Health", "ci": "URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813#B",
}  # fmt: skip
TEST = {
    "tg": "840539006", "tt": "LP217198-3", "ma": "1232", "sc": "2026-05-30T12:34:56Z", "tr": "260415000",
    "tc": "Test centre", "co": "AT", "is": "Ministry of Health", "ci": "URN:UVCI:01:AT:71EE2559DE38C6BF7304FB65A1A451EC#3",
}  # fmt: skip
RECOVERY = {
    "tg": "840539006", "fr": "2026-02-20", "df": "2026-04-04", "du": "2026-10-04", "co": "AT",
    "is": "Ministry of Health", "ci": "URN:UVCI:01:AT:858CC18CFCF5965EF82F60E493349AA5#K",
}  # fmt: skip
NAME = {"fn": "Musterfrau-Gößinger", "fnt": "MUSTERFRAU<GOESSINGER", "gn": "Gabriele", "gnt": "GABRIELE"}
PERSON = Holder(
    full_name="Nemo Nobody",
    family_name="Nobody",
    given_name="Nemo",
    born_on="1980-01-02",
    sex="F",
    nationality="AT",
    document_number="P1234567",
)
YELLOW_FEVER = Entry(
    Kind.VACCINATION,
    product=Coded(STAMARIL),
    batch="23543657LOT",
    happened_on="2026-05-01",
    clinician="A. Healer",
    issuer="AUT",
)


def dcc(**changes: Any) -> dict[str, Any]:
    """A vaccination claim with fields changed (None takes one out)."""
    claim = {"ver": "1.3.0", "nam": copy.deepcopy(NAME), "dob": "1998-02-26", "v": [dict(DOSE)], **changes}
    return {name: value for name, value in claim.items() if value is not None}


def dose(**changes: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in {**DOSE, **changes}.items() if value is not None}]


def icvp(**changes: Any) -> dict[str, Any]:
    """An ICVP in the form of 2026."""
    vx = {"vp": STAMARIL, "dv": "2026-05-01", "cn": "A. Healer", "is": "AUT", "bo": "23543657LOT"}
    claim = {
        "n": "Nemo Nobody", "dob": "1980-01-02", "s": "female", "nt": "AUT", "id": "P1234567", "dt": "PPN",
        "vx": vx, "v": "1", **changes,
    }  # fmt: skip
    return {name: value for name, value in claim.items() if value is not None}


def claims(claim: Any, number: int = 1, **changes: Any) -> dict[Any, Any]:
    """The claims of a token; `iss`, `exp`, `iat` and `nbf` may be changed, None takes one out."""
    told = {
        "iss": "AT",
        "exp": int((NOW + 30 * DAY).timestamp()),
        "iat": int((NOW - DAY).timestamp()),
        "nbf": None,
    }
    told |= changes
    names = {"iss": 1, "exp": 4, "nbf": 5, "iat": 6}
    found: dict[Any, Any] = {names[name]: value for name, value in told.items() if value is not None}
    return {**found, -260: {number: claim}}


def signed(
    payload: bytes,
    *,
    key: Any = KEY,
    protected: bytes | None = None,
    unprotected: dict[Any, Any] | None = None,
    signature: bytes | None = None,
    tag: Any = 18,
) -> bytes:
    """A COSE_Sign1 over any payload, with any headers, signature and tag."""
    algorithm, sign = signing_with(key)
    header = cose.protected_header(algorithm, KEY_ID) if protected is None else protected
    made = sign(cose.to_be_signed(header, payload)) if signature is None else signature
    message: Any = [header, unprotected or {}, payload, made]
    return cbor2.dumps(cbor2.CBORTag(tag, message) if tag is not None else message)


def text_of(told: Any, **how: Any) -> str:
    """The code of a token with these claims (a map, or bytes that stand for one)."""
    payload = told if isinstance(told, bytes) else cbor2.dumps(told)
    return envelope.close_text(signed(payload, **how))


def trusted(key: Any = KEY, **changes: Any) -> TrustedKey:
    public = key.public_key()
    algorithms, refused = algorithms_of(public, Family.HCERT)
    told = {
        "public_key": public, "key_ids": (KEY_ID.hex(),), "family": Family.HCERT, "country": "AT", "issuer": "",
        "algorithms": algorithms, "formats": HCERT, "kinds": ALL_KINDS, "environment": Environment.LIVE,
        "list_id": "made", "as_of": NOW - DAY, "not_before": NOW - 300 * DAY, "not_after": NOW + 300 * DAY,
        "refused": refused,
    }  # fmt: skip
    return TrustedKey(**{**told, **changes})


def store(*keys: TrustedKey) -> TrustStore:
    environment = keys[0].environment if keys else Environment.LIVE
    held = TrustList("made", environment, 1, NOW - DAY, "digest", keys)
    return TrustStore(environment, {"made": held})


TRUST = store(trusted())


def judge(
    text: str, trust: TrustStore = TRUST, *, now: datetime = NOW, policy: Policy | None = None
) -> Verdict:
    """The verdict of a verifier without revocation lists."""
    return verify(text, trust=trust, revocations=Revocations(), now=now, policy=policy or Policy())


def issued(
    holder: Holder = PERSON, entry: Entry = YELLOW_FEVER, form: Format = Format.ICVP, **changes: Any
) -> str:
    """Issued by our own issuer with `KEY`."""
    algorithm, sign = signing_with(KEY)
    told = {
        "sign": sign, "algorithm": algorithm, "key_id": KEY_ID, "issuer": "AT", "issued_at": NOW - DAY,
        "expires_at": NOW + 300 * DAY,
    }  # fmt: skip
    return issue(Payload(form, holder, entry), **{**told, **changes})
