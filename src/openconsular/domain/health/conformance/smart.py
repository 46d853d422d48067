"""The vectors of the SMART Health Cards' own validator (health-cards-dev-tools), read and verified as any card is."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from openconsular.domain.health import pictures
from openconsular.domain.health.conformance import Cause, Disagreement, Suite
from openconsular.domain.health.conformance.smart_expected import LAYERS, STATES, Case, cases
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.smart_lists import read_smart_list
from openconsular.domain.health.smart import numeric
from openconsular.domain.health.smart.issue import base64url, sealed
from openconsular.domain.health.smart.read import HEALTH_CARD, cards_in, read
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.jwks import IssuerKeys, read_jwks
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.domain.health.verdict import Layer, State, Unreadable, Verdict
from openconsular.domain.health.verify import NoRevocations, verify

NAME = "smart"
# When cases about time are looked at; all others are on the day after the card began, as its holder would.
NOW = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_MOST = 9000
_ABOUT_TIME = frozenset({"NOT_YET_VALID", "EXPIRATION_ERROR"})
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
# Signs payloads that come without a signature, for this process only.
_OWN = ec.derive_private_key(
    int.from_bytes(hashlib.sha256(b"vectors without a seal").digest()), ec.SECP256R1()
)

PIECES = Cause(
    "smart-pieces-deprecated",
    "Cards in several codes were allowed until release 1.3; those in wallets are still read, with a note.",
)
ADDRESSES = Cause(
    "smart-references-not-short",
    "Short addresses inside a bundle are a SHOULD of the specification, and its own example 2 has long ones: noted.",
)
DRAWING = Cause(
    "smart-drawing-of-the-code",
    "How a code is drawn (version, segments) is no property of the card: scanners hand over its text, which is good.",
)
_PIECES_CODES = frozenset({"QR_CHUNKING_DEPRECATED"})
_ADDRESS_CODES = frozenset({"SCHEMA_ERROR", "JWS_TOO_LONG"})
_DRAWING_CODES = frozenset(
    {"INVALID_QR", "INVALID_QR_VERSION", "INVALID_NUMERIC_QR", "QR_CHUNKING_DEPRECATED"}
)


def run(data: Path) -> Iterable[Suite]:
    """Every case of a table EXPECTED.extracted.json whose files are beside it."""
    ran, wrong = 0, []
    for case in cases(data):
        ran += 1
        verdict = _verdict(case)
        if not _agrees(case, verdict):
            name = f"{case.folder.parent.name}: {case.name.removeprefix('Cards: ')}"
            wrong.append(Disagreement(name, case.expected, _words(verdict), _cause(case, verdict)))
    if ran:
        yield Suite(NAME, ran, tuple(wrong))


def _verdict(case: Case) -> Verdict:
    """The worst verdict on any card of the case."""
    try:
        texts = _TEXTS[case.kind](case)
    except Unreadable as fault:
        return Verdict(State.BROKEN, fault.code, (), fault.layer)
    verdicts = [_verified(case, text) for text in texts]
    return next((one for one in verdicts if one.state is not State.VALID), verdicts[0])


def _verified(case: Case, text: str) -> Verdict:
    verdict = verify(text, trust=_store(case, text), revocations=NoRevocations(), now=_clock(case, text))
    fault = _list_fault(case, text) if verdict.state is State.VALID else ""
    return Verdict(State.AMBIGUOUS, fault, (), None) if fault else verdict


def _clock(case: Case, text: str) -> datetime:
    if _ABOUT_TIME & {*case.errors, *case.warnings}:
        return NOW
    try:
        began = read(text).certificate.valid_from
    except Unreadable:
        return NOW
    return began + timedelta(days=1) if began is not None and began.year < YEAR_MOST else NOW


def _agrees(case: Case, verdict: Verdict) -> bool:
    if not case.errors:
        told = {state for code in case.warnings for state in STATES.get(code, ())}
        return verdict.state is State.VALID or verdict.state in told
    if verdict.state is State.VALID:
        return False
    if "REVOCATION_ERROR" in case.errors:
        return verdict.reason.startswith("list-")
    return any(
        verdict.state in STATES.get(code, ()) or verdict.layer in LAYERS.get(code, ()) for code in case.errors
    )


def _cause(case: Case, verdict: Verdict) -> Cause | None:
    """Only for a card that is good in itself and was taken: its seal was checked, and what is odd is in its notes."""
    if verdict.state is not State.VALID or verdict.certificate is None:
        return None
    errors, is_code = set(case.errors), case.kind in ("qr", "qrnumeric")
    if is_code and len(case.files) > 1 and errors <= _PIECES_CODES:
        return PIECES
    if "references-not-short" in verdict.certificate.notes and errors <= _ADDRESS_CODES:
        return ADDRESSES
    return DRAWING if case.kind == "qr" and errors <= _DRAWING_CODES else None


def _words(verdict: Verdict) -> str:
    layer = f" at {verdict.layer}" if verdict.layer else ""
    return "accepted" if verdict.state is State.VALID else f"{verdict.state}{layer}: {verdict.reason}"


def _joined(texts: list[str]) -> list[str]:
    """Several codes are one card; its JWS stands for them."""
    return texts if len(texts) == 1 else [numeric.join(texts)]


def _of_text(case: Case) -> list[str]:
    return [path.read_text("utf-8", "replace") for path in case.files]


def _of_codes(case: Case) -> list[str]:
    return _joined(_of_text(case))


def _of_pictures(case: Case) -> list[str]:
    return _joined([text for path in case.files for text in pictures.codes_in(path.read_bytes())])


def _of_files(case: Case) -> list[str]:
    return [card for path in case.files for card in cards_in(path.read_bytes())]


def _of_payload(case: Case) -> list[str]:
    return [sealed(path.read_bytes(), key_id=_own_id(), sign=_sign) for path in case.files]


def _of_bundle(case: Case) -> list[str]:
    """The text of the bundle in the text of a payload, so that blanks around it stay where they are."""
    made = []
    for path in case.files:
        text = path.read_text()
        if text != text.strip():
            raise Unreadable(Layer.JSON, "trailing-characters", "the bundle has blanks around it")
        subject = f'{{"fhirVersion":"4.0.1","fhirBundle":{text}}}'
        payload = (
            f'{{"iss":"{EXAMPLES}","nbf":1735689600,"vc":{{"type":["{HEALTH_CARD}"],"credentialSubject":{subject}}}}}'
        )
        made.append(sealed(payload.encode(), key_id=_own_id(), sign=_sign))
    return made


_TEXTS: Mapping[str, Callable[[Case], list[str]]] = {
    "jws": _of_text,
    "qrnumeric": _of_codes,
    "qr": _of_pictures,
    "healthcard": _of_files,
    "fhirhealthcard": _of_files,
    "jwspayload": _of_payload,
    "fhirbundle": _of_bundle,
    **dict.fromkeys(("shlink", "shlpayload", "shlmanifest", "shlfile"), _of_text),
}


def _sign(message: bytes) -> bytes:
    der = _OWN.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def _own_jwk() -> dict[str, str]:
    numbers = _OWN.public_key().public_numbers()
    jwk = {
        "crv": "P-256",
        "kty": "EC",
        "x": base64url(numbers.x.to_bytes(32)),
        "y": base64url(numbers.y.to_bytes(32)),
    }
    print_of = hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest()
    return {**jwk, "kid": base64url(print_of), "use": "sig", "alg": "ES256"}


def _own_id() -> str:
    return _own_jwk()["kid"]


def _store(case: Case, text: str) -> TrustStore:
    """The keys of the issuer a card names: those the case brings, or those of the specification's examples."""
    store = TrustStore(Environment.TEST)
    if "ISSUER_NOT_TRUSTED" in case.errors:
        return store
    try:
        issuer = read(text).claims["iss"]
    except Unreadable:
        return store
    keys = _keys(case, issuer)
    return store.with_list(keys.keys) if keys is not None else store


def _keys(case: Case, issuer: str) -> IssuerKeys | None:
    folder = _folder(case, issuer)
    if case.key_set:
        raw = (case.folder.parent / case.key_set).read_bytes()
    elif folder is not None:
        raw = (folder / "jwks.json").read_bytes()
    elif issuer == EXAMPLES:
        raw = json.dumps({"keys": [*EXAMPLE_KEYS, _own_jwk()]}).encode()
    else:
        return None
    try:
        return read_jwks(
            raw,
            issuer=issuer,
            list_id="vector",
            environment=Environment.TEST,
            fetched_at=NOW,
            from_issuer=True,
        )
    except TrustRefused:
        return None


def _folder(case: Case, issuer: str) -> Path | None:
    """Where the case keeps what its issuer would serve."""
    served = case.files[0].parent / ".well-known"
    inside = served.parent.relative_to(case.folder).as_posix()
    return served if inside != "." and issuer.endswith(f"/{inside}") and served.is_dir() else None


def _list_fault(case: Case, text: str) -> str:
    """What is wrong with the list of revoked cards its issuer keeps for the card's key, where it keeps one."""
    card: Any = read(text)
    issuer, key_id = card.claims["iss"], card.seal.key_ids[0]
    folder, keys = _folder(case, issuer), _keys(case, issuer)
    path = folder / "crl" / f"{key_id}.json" if folder else None
    if keys is None or path is None or not path.is_file():
        return ""
    try:
        found = read_smart_list(path.read_bytes(), issuer=issuer, key_id=key_id, fetched_at=NOW)
    except RevocationRefused as fault:
        return fault.code
    if found.counter != keys.crl_versions.get((issuer, key_id), 0):
        return "list-other-version"
    return f"list-{found.problems[0]}" if found.problems else ""
