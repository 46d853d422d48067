"""The vectors of the SMART Health Cards' own validator (health-cards-dev-tools), read and verified as any card is."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openconsular.domain.health.carriers import pictures
from openconsular.domain.health.conformance import Cause, Disagreement, Suite, content_of, name_of
from openconsular.domain.health.conformance.beside import difference, texts
from openconsular.domain.health.conformance.smart_expected import LAYERS, STATES, Case, cases
from openconsular.domain.health.conformance.smart_keys import (
    EXAMPLES,
    list_fault,
    own_key_id,
    sign,
    store_for,
)
from openconsular.domain.health.smart import numeric
from openconsular.domain.health.smart.bundle import HOLDER_ABSENT
from openconsular.domain.health.smart.issue import sealed
from openconsular.domain.health.smart.read import HEALTH_CARD, cards_in, read
from openconsular.domain.health.verdict import Layer, State, Unreadable, Verdict
from openconsular.domain.health.verify import NoRevocations, verify

NAME = "smart"
# When cases about time are looked at; all others are on the day after the card began, as its holder would.
NOW = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_MOST = 9000
_ABOUT_TIME = frozenset({"NOT_YET_VALID", "EXPIRATION_ERROR"})
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
NOBODY = Cause(
    "smart-about-nobody",
    "The card's seal is right and its bundle has no patient: it attests nothing of anybody, so a person looks at it.",
)
_PIECES_CODES = frozenset({"QR_CHUNKING_DEPRECATED"})
_ADDRESS_CODES = frozenset({"SCHEMA_ERROR", "JWS_TOO_LONG"})
_DRAWING_CODES = frozenset(
    {"INVALID_QR", "INVALID_QR_VERSION", "INVALID_NUMERIC_QR", "QR_CHUNKING_DEPRECATED"}
)


def run(data: Path) -> Iterable[Suite]:
    """Every case of a table EXPECTED.extracted.json whose files are beside it, and every card from the wild."""
    ran, skipped, wrong = 0, 0, []
    for case in cases(data):
        if case.kind not in _TEXTS:
            skipped += 1
            continue
        ran += 1
        verdict = _verdict(case)
        if not _agrees(case, verdict):
            name = f"{case.folder.parent.name}: {case.name.removeprefix('Cards: ')}"
            wrong.append(Disagreement(name, case.expected, _words(verdict), _cause(case, verdict)))
    for path, text in texts(data, lambda one: one.startswith(numeric.SCHEME)):
        ran += 1
        found = _difference(path, text)
        if found:
            wrong.append(Disagreement(name_of(data, path), "as unpacked", found))
    if ran or skipped:
        yield Suite(NAME, ran, tuple(wrong), skipped)


def _difference(path: Path, text: str) -> str:
    """For a card from the wild, whose issuer's keys are not beside it."""
    try:
        card = read(text)
        certificate = card.certificate
    except Unreadable as fault:
        return f"{fault.layer}: {fault.code}"
    unpacked = path.with_name(f"{path.stem.removesuffix('Contents')}Unpacked.txt")
    message = card.seal.message.decode()
    told = content_of(unpacked).decode("utf-8-sig", "replace").strip()
    if told and not told.startswith(f"{message}."):
        return "the JWS differs"
    return difference(path, certificate)


def _verdict(case: Case) -> Verdict:
    """The worst verdict on any card of the case."""
    try:
        texts = _TEXTS[case.kind](case)
    except Unreadable as fault:
        return Verdict(State.BROKEN, fault.code, (), fault.layer)
    verdicts = [_verified(case, text) for text in texts]
    nothing = Verdict(State.BROKEN, "no-card", (), Layer.TEXT)
    return next((one for one in verdicts if one.state is not State.VALID), [*verdicts, nothing][0])


def _verified(case: Case, text: str) -> Verdict:
    verdict = verify(
        text, trust=store_for(case, text, NOW), revocations=NoRevocations(), now=_clock(case, text)
    )
    fault = list_fault(case, text, NOW) if verdict.state is State.VALID else ""
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
    if verdict.certificate is None:
        return None
    if verdict.state is State.AMBIGUOUS and verdict.reason == HOLDER_ABSENT:
        return NOBODY if not _patients(verdict.certificate.claims) else None
    if verdict.state is not State.VALID:
        return None
    errors, is_code = set(case.errors), case.kind in ("qr", "qrnumeric")
    if is_code and len(case.files) > 1 and errors <= _PIECES_CODES:
        return PIECES
    if "references-not-short" in verdict.certificate.notes and errors <= _ADDRESS_CODES:
        return ADDRESSES
    return DRAWING if case.kind == "qr" and errors <= _DRAWING_CODES else None


def _patients(claims: Mapping[str, Any]) -> list[Any]:
    """The patients in a card's bundle, as a plain reader of JSON finds them."""
    entries = claims["vc"]["credentialSubject"]["fhirBundle"]["entry"]
    return [one for one in entries if one["resource"].get("resourceType") == "Patient"]


def _words(verdict: Verdict) -> str:
    layer = f" at {verdict.layer}" if verdict.layer else ""
    return "accepted" if verdict.state is State.VALID else f"{verdict.state}{layer}: {verdict.reason}"


def _joined(texts: list[str]) -> list[str]:
    """Several codes are one card; its JWS stands for them."""
    return texts if len(texts) == 1 else [numeric.join(texts)]


def _of_text(case: Case) -> list[str]:
    return [content_of(path).decode("utf-8", "replace") for path in case.files]


def _of_codes(case: Case) -> list[str]:
    return _joined(_of_text(case))


def _of_pictures(case: Case) -> list[str]:
    return _joined([text for path in case.files for text in pictures.codes_in(content_of(path))])


def _of_files(case: Case) -> list[str]:
    return [card for path in case.files for card in cards_in(content_of(path))]


def _of_payload(case: Case) -> list[str]:
    return [sealed(content_of(path), key_id=own_key_id(), sign=sign) for path in case.files]


def _of_bundle(case: Case) -> list[str]:
    """The text of the bundle in the text of a payload, so that blanks around it stay where they are."""
    made = []
    for path in case.files:
        text = content_of(path).decode("utf-8", "replace")
        if text != text.strip():
            raise Unreadable(Layer.JSON, "trailing-characters", "the bundle has blanks around it")
        subject = f'{{"fhirVersion":"4.0.1","fhirBundle":{text}}}'
        payload = f'{{"iss":"{EXAMPLES}","nbf":1735689600,"vc":{{"type":["{HEALTH_CARD}"],"credentialSubject":{subject}}}}}'
        made.append(sealed(payload.encode(), key_id=own_key_id(), sign=sign))
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
