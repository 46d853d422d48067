"""From a record's words to a signed text, whatever the format; and the names revocation lists have for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from openconsular.domain.health.certificate import Algorithm, Certificate, Entry, Format, Seal
from openconsular.domain.health.hcert import dcc, icvp
from openconsular.domain.health.hcert import issue as hcert
from openconsular.domain.health.records.recording import Written
from openconsular.domain.health.revocation.identify import hash_of, hash_of_signature
from openconsular.domain.health.signing.key_certificates import thumbprint
from openconsular.domain.health.smart.issue import NotIssuable, claims_of, issue_smart
from openconsular.domain.health.verdict import Unreadable
from openconsular.health_certificates import rules
from openconsular.health_certificates.custody import Sign
from openconsular.health_certificates.models import SigningKey

# More than fit on a sheet; with all fields of a record filled to their ends a card takes three.
MOST_CODES = 4


class CannotSeal(Exception):
    """A record that no certificate of its format can say. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A certificate: its text, and what revocation lists name it by (16 bytes each)."""

    text: str
    signature_hash: bytes
    uci_hash: bytes
    country_uci_hash: bytes


class Asked(NamedTuple):
    """What is to be sealed, and under which identifier."""

    written: Written
    identifier: str


@dataclass(frozen=True, slots=True)
class Sealer:
    """One key at work: everything about it that is the same for a thousand certificates."""

    country: str
    key_id: bytes
    public_key: bytes
    sign: Sign
    for_tests: bool = False

    def seal(
        self, written: Written, *, certificate_format: Format, identifier: str, at: datetime, until: datetime
    ) -> Sealed:
        """Sign a record's words. Raises CannotSeal."""
        made: list[bytes] = []

        def sign(message: bytes) -> bytes:
            made.append(self.sign(message))
            return made[0]

        text = self._text(written, certificate_format, identifier, at, until, sign)
        return self._sealed(identifier, text, made[0])

    def seal_many(
        self, asked: Sequence[Asked], *, certificate_format: Format, at: datetime, until: datetime
    ) -> list[Sealed | CannotSeal]:
        """As `seal`, for many at once, which is faster. What cannot be sealed is an answer like any other."""
        if certificate_format is not Format.SMART:
            payloads = [
                hcert.Payload(certificate_format, one.written.holder, self._entry(one)) for one in asked
            ]
            made: list[bytes] = []

            def sign(message: bytes) -> bytes:
                made.append(self.sign(message))
                return made[-1]

            by = hcert.Issuance(sign, Algorithm.ES256, self.key_id, self.country, at, until, self.for_tests)
            try:
                # All are checked before the first is signed.
                texts = hcert.issue_many(payloads, by)
            except hcert.Unissuable:
                made.clear()
            else:
                found = zip(asked, texts, made, strict=True)
                return [self._sealed(one.identifier, text, signature) for one, text, signature in found]
        return [self._or_fault(one, certificate_format, at, until) for one in asked]

    def _or_fault(
        self, one: Asked, certificate_format: Format, at: datetime, until: datetime
    ) -> Sealed | CannotSeal:
        try:
            return self.seal(
                one.written,
                certificate_format=certificate_format,
                identifier=one.identifier,
                at=at,
                until=until,
            )
        except CannotSeal as fault:
            return fault

    def _sealed(self, identifier: str, text: str, signature: bytes) -> Sealed:
        return Sealed(
            text=text,
            signature_hash=signature_hash(signature),
            uci_hash=uci_hash(identifier),
            country_uci_hash=hash_of(self.country + identifier),
        )

    @staticmethod
    def _entry(one: Asked) -> Entry:
        entry = one.written.entry
        return entry if entry.identifier == one.identifier else replace(entry, identifier=one.identifier)

    def _text(
        self,
        written: Written,
        certificate_format: Format,
        identifier: str,
        at: datetime,
        until: datetime,
        sign: Sign,
    ) -> str:
        if certificate_format is Format.SMART:
            card = _smart(written, at, until)
            try:
                made = issue_smart(
                    card, key_id=thumbprint(self.public_key), sign=sign, revocation_id=card_id(identifier)
                )
            except NotIssuable as error:
                raise CannotSeal(error.code, error.message) from error
            if len(made.codes) > MOST_CODES:
                raise CannotSeal("card-too-long", f"the card does not fit into {MOST_CODES} codes")
            return made.text
        entry = self._entry(Asked(written, identifier))
        payload = hcert.Payload(certificate_format, written.holder, entry)
        try:
            return hcert.issue(
                payload,
                sign=sign,
                algorithm=Algorithm.ES256,
                key_id=self.key_id,
                issuer=self.country,
                issued_at=at,
                expires_at=until,
                for_tests=self.for_tests,
            )
        except hcert.Unissuable as error:
            raise CannotSeal(error.code, error.message) from error


def check(written: Written, certificate_format: Format, now: datetime) -> None:
    """Whether a certificate of this format can say it, before anybody approves it. Raises CannotSeal."""
    entry = written.entry
    try:
        if certificate_format is Format.EU_DCC:
            dcc.check(_with_identifier(hcert.dcc_claim(written.holder, entry)))
        elif certificate_format is Format.ICVP:
            claim = hcert.icvp_claim(written.holder, entry, for_tests=rules.is_for_tests())
            icvp.holder(claim)
            icvp.check_dates(claim, icvp.entry_of(claim), now.timestamp())
        else:
            claims_of(_smart(written, now, now + timedelta(days=1)))
    except (Unreadable, hcert.Unissuable, NotIssuable) as error:
        raise CannotSeal(error.code, str(error)) from error


def _with_identifier(claim: dict[str, Any]) -> dict[str, Any]:
    """What only signing gives a certificate, and its schema demands. Here any will do; copying an entry costs more."""
    for group in ("v", "t", "r"):
        for one in claim.get(group, ()):
            one["ci"] = "URN:UVCI:01:XX:0"
    return claim


def _smart(written: Written, at: datetime, until: datetime) -> Certificate:
    return Certificate(
        format=Format.SMART,
        version="1.0",
        holder=written.holder,
        entries=(written.entry,),
        issuer=rules.current().smart_issuer,
        issued_at=at,
        valid_from=at,
        expires_at=until,
    )


def card_id(identifier: str) -> str:
    """A revocation id of a card: base64url signs, at most 24 (SMART Health Cards, "revocation")."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:24]


def smart_key_id(key: SigningKey) -> str:
    """By what SMART Health Cards name a key."""
    return thumbprint(bytes(key.public_key))


def uci_hash(identifier: str) -> bytes:
    return hash_of(identifier)


def signature_hash(signature: bytes) -> bytes:
    return hash_of_signature(Seal(Algorithm.ES256, b"", signature))
