"""Issuing: from a holder and an entry to the text of a QR code, by the rules of each format.

Nothing is amended: a correction is a new certificate (ICVP REQ-CC-05). The private key stays with the caller.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from openconsular.domain.health.certificate import Algorithm, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert import cbor, cose, cwt, dcc, dcc_usual, envelope, icvp
from openconsular.domain.health.hcert.latin import is_latin
from openconsular.domain.health.limits import KEY_ID_BYTES
from openconsular.domain.health.records.products import product
from openconsular.domain.health.records.standard_names import standard_name
from openconsular.domain.health.trust.countries import alpha_3, may_stand, same_country
from openconsular.domain.health.verdict import Unreadable

DCC_VERSION = "1.3.0"
ICVP_VERSION = "1"
_CLAIMS = {Format.EU_DCC: 1, Format.ICVP: -6}
_SIGNATURE_BYTES = {Algorithm.ES256: (64,), Algorithm.PS256: (256, 384)}
# FHIR AdministrativeGender; what maps to none of them is "unknown" (REQ-DE-03).
_SEXES = {"male": "male", "m": "male", "female": "female", "f": "female", "other": "other"}


class Unissuable(Exception):
    """Why this may not be issued. `code` is stable; the message is for the person who asked."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Payload:
    """What is to be certified: one entry about one person."""

    format: Format
    holder: Holder
    entry: Entry


@dataclass(frozen=True, slots=True)
class Issuance:
    """By whom and for how long: what certificates issued together have in common.

    `sign` gives the signature over some bytes, raw r‖s for ES256 (`signing.Sign`). `key_id` is the first eight bytes
    of the SHA-256 of the signer's certificate, `issuer` a country code. Only an ICVP may have no `expires_at`.
    `for_tests` lets an invented country (`countries.is_for_tests`) issue, and be a holder's nationality.
    """

    sign: Callable[[bytes], bytes]
    algorithm: Algorithm
    key_id: bytes
    issuer: str
    issued_at: datetime
    expires_at: datetime | None
    for_tests: bool = False


def issue(
    payload: Payload,
    *,
    sign: Callable[[bytes], bytes],
    algorithm: Algorithm,
    key_id: bytes,
    issuer: str,
    issued_at: datetime,
    expires_at: datetime | None,
    for_tests: bool = False,
) -> str:
    """The text of a QR code; what the arguments are, `Issuance` says. Raises `Unissuable`."""
    by = Issuance(sign, algorithm, key_id, issuer, issued_at, expires_at, for_tests)
    [text] = issue_many((payload,), by)
    return text


def issue_many(payloads: Iterable[Payload], by: Issuance) -> list[str]:
    """The texts of QR codes, in order. All are checked before the first is signed. Raises `Unissuable`."""
    _check(by)
    protected = cose.protected_header(by.algorithm, by.key_id)
    bodies = [_body(payload, by) for payload in payloads]
    signed = [(body, by.sign(cose.to_be_signed(protected, body))) for body in bodies]
    lengths = _SIGNATURE_BYTES[by.algorithm]
    _demand(
        all(len(signature) in lengths for _, signature in signed),
        "signature-length",
        "The signer gave no such signature.",
    )
    return envelope.close_texts([cose.write(protected, body, signature) for body, signature in signed])


def _check(by: Issuance) -> None:
    _demand(by.algorithm in _SIGNATURE_BYTES, "algorithm", "Certificates are signed with ES256 or PS256.")
    _demand(len(by.key_id) == KEY_ID_BYTES, "key-id-length", "A key identifier has eight bytes.")
    _demand(may_stand(by.issuer, for_tests=by.for_tests), "issuer-unknown", "The issuer is not a country.")
    _demand(
        by.expires_at is None or by.expires_at > by.issued_at,
        "expires-before-issue",
        "It would expire before it is issued.",
    )


def _body(payload: Payload, by: Issuance) -> bytes:
    """The claims of a token, in canonical order (RFC 8949 section 4.2.1)."""
    claim, valid_from = _claim(payload, by.issued_at, for_tests=by.for_tests)
    token: dict[int, Any] = {cwt.ISSUER: by.issuer}
    if by.expires_at is not None:
        token[cwt.EXPIRES] = int(by.expires_at.timestamp())
    elif payload.format is not Format.ICVP:
        raise Unissuable("expiry-missing", "The certificate needs an end.")
    if valid_from is not None and valid_from > by.issued_at:
        token[cwt.NOT_BEFORE] = int(valid_from.timestamp())
    token[cwt.ISSUED] = int(by.issued_at.timestamp())
    token[cwt.HEALTH_CLAIM] = {_CLAIMS[payload.format]: claim}
    return cbor.write(token)


def _demand(holds: bool, code: str, message: str) -> None:
    if not holds:
        raise Unissuable(code, message)


def _claim(
    payload: Payload, issued_at: datetime, *, for_tests: bool
) -> tuple[Mapping[str, Any], datetime | None]:
    """The claim and the instant it counts from; read back by the rules a verifier has."""
    try:
        if payload.format is Format.EU_DCC:
            claim = dcc_claim(payload.holder, payload.entry)
            if dcc_usual.dose_of(claim) is None:
                _, _, happened_on = dcc.check(claim)
                is_possible = not dcc.is_born_later(claim, happened_on)
                _demand(is_possible, "born-later", "The holder was born after what is attested.")
            _demand(
                payload.entry.happened_on[:10] <= _latest_day(issued_at),
                "dose-after-issue",
                "The entry is dated later than the certificate.",
            )
            return claim, None
        if payload.format is Format.ICVP:
            claim = icvp_claim(payload.holder, payload.entry, for_tests=for_tests)
            icvp.holder(claim)
            entry = icvp.entry_of(claim)
            icvp.check_dates(claim, entry, issued_at.timestamp())
            first = datetime.combine(date.fromisoformat(entry.valid_from), time(), UTC)
            return claim, first if first.date().isoformat() > entry.happened_on else None
    except Unreadable as fault:
        raise Unissuable(fault.code, fault.message) from None
    raise Unissuable("format", "Certificates of this kind are not issued here.")


@lru_cache(maxsize=8)
def _latest_day(issued_at: datetime) -> str:
    """The day it is, when something is issued, where days begin first (UTC+14)."""
    return (issued_at + timedelta(hours=14)).date().isoformat()


def dcc_claim(holder: Holder, entry: Entry) -> dict[str, Any]:
    """An EU DCC 1.3.0 of one vaccination, test or recovery, keys in canonical order."""
    group, fields = _DCC_ENTRIES[entry.kind](entry)
    name = {
        "fn": holder.family_name,
        "gn": holder.given_name,
        "fnt": holder.standard_family_name or standard_name(holder.family_name),
        "gnt": holder.standard_given_name or standard_name(holder.given_name),
    }
    return {
        group: [fields],
        "dob": holder.born_on,
        "nam": {key: value for key, value in name.items() if value},
        "ver": DCC_VERSION,
    }


def _dcc_vaccination(entry: Entry) -> tuple[str, dict[str, Any]]:
    return "v", {
        "ci": entry.identifier,
        "co": same_country(entry.country),
        "dn": entry.dose,
        "dt": entry.happened_on,
        "is": entry.issuer,
        "ma": entry.maker.code,
        "mp": entry.product.code,
        "sd": entry.doses,
        "tg": entry.disease.code,
        "vp": entry.vaccine.code,
    }


def _dcc_test(entry: Entry) -> tuple[str, dict[str, Any]]:
    """A rapid test names its device in `ma`, another test itself in `nm` (annex II section 3.3.4)."""
    fields = {
        "ci": entry.identifier,
        "co": same_country(entry.country),
        "is": entry.issuer,
        "ma": entry.maker.code,
        "nm": entry.product.code,
        "sc": entry.happened_on,
        "tc": entry.place,
        "tg": entry.disease.code,
        "tr": entry.result.code,
        "tt": entry.test_type.code,
    }
    return "t", {key: value for key, value in fields.items() if value}


def _dcc_recovery(entry: Entry) -> tuple[str, dict[str, Any]]:
    return "r", {
        "ci": entry.identifier,
        "co": same_country(entry.country),
        "df": entry.valid_from,
        "du": entry.valid_until,
        "fr": entry.happened_on,
        "is": entry.issuer,
        "tg": entry.disease.code,
    }


_DCC_ENTRIES: dict[Kind, Callable[[Entry], tuple[str, dict[str, Any]]]] = {
    Kind.VACCINATION: _dcc_vaccination,
    Kind.TEST: _dcc_test,
    Kind.RECOVERY: _dcc_recovery,
}


def icvp_claim(holder: Holder, entry: Entry, *, for_tests: bool = False) -> dict[str, Any]:
    """A digital ICVP of one dose in the form of April 2026 (ICVPMin), keys in canonical order.

    Disease, maker and validity are derived from the product and not signed (REQ-DE-12, REQ-DE-16). Raises
    `Unissuable` for what the regulations do not allow.
    """
    name = holder.full_name or " ".join(part for part in (holder.given_name, holder.family_name) if part)
    _demand(entry.kind is Kind.VACCINATION, "not-a-dose", "An ICVP attests a vaccination or prophylaxis.")
    _demand(
        product(entry.product.code) is not None,
        "product-not-in-catalogue",
        "WHO's catalogue lacks the product.",
    )
    _demand(bool(entry.batch.strip()), "batch-missing", "The batch number is required.")
    is_country = may_stand(holder.nationality, for_tests=for_tests)
    _demand(is_country, "nationality-unknown", "The nationality is not a country.")
    for words in (name, holder.guardian, entry.clinician, entry.issuer):
        _demand(is_latin(words), "not-latin", "An ICVP is completed in English or French.")
    dose = {
        "bo": entry.batch.strip(),
        "cn": entry.clinician,
        "dv": entry.happened_on,
        "is": entry.issuer,
        "vp": entry.product.code,
    }
    claim = {
        "n": name,
        "s": _SEXES.get(holder.sex.strip().lower(), "unknown"),
        "v": ICVP_VERSION,
        "dt": holder.document_type,
        "gn": holder.guardian,
        "id": holder.document_number,
        "nt": alpha_3(holder.nationality),
        "vx": {key: value for key, value in dose.items() if value},
        "dob": holder.born_on,
    }
    return {key: value for key, value in claim.items() if value}
