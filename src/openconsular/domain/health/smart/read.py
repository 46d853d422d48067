"""Reads a SMART Health Card: QR text, compact JWS, or a file of them."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from openconsular.domain.health import jsontext
from openconsular.domain.health.certificate import Algorithm, Certificate, Coded, Format, Kind, Seal
from openconsular.domain.health.smart import bundle, fhir, jws, numeric
from openconsular.domain.health.terms import Content, content_of
from openconsular.domain.health.verdict import Layer, Unreadable

FILE_MOST = 1024 * 1024
CARDS_MOST = 50
ISSUER_MOST = 2048
# SMART and WHO call them "shlink:/" and "vhlink:/"; a link may stand behind the address of a viewer ("https://viewer.example/#shlink:/…").
HEAD = 512
LINK = "hlink:/"
HEALTH_CARD = "https://smarthealth.cards#health-card"
COVID_CARD = "https://smarthealth.cards#covid19"
KNOWN_TYPES = frozenset(
    {HEALTH_CARD, COVID_CARD} | {f"https://smarthealth.cards#{one}" for one in ("immunization", "laboratory")}
)
# Seconds since 1970 beyond the year 5138 are milliseconds by mistake. They are taken as they stand.
MILLISECONDS = 1e11
_REVOCATION_ID = re.compile(r"[A-Za-z0-9_-]{1,24}", re.ASCII)


@dataclass(frozen=True)
class SmartCard:
    """A card as presented; see `Presented`. `notes` are what its writing, not its claims, had odd about it."""

    envelope: jws.Envelope
    claims: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def format(self) -> Format:
        return Format.SMART

    @property
    def seal(self) -> Seal:
        return Seal(
            algorithm=Algorithm.ES256,
            message=self.envelope.message,
            signature=self.envelope.signature,
            key_ids=(self.envelope.key_id,),
            issuer=self.claims["iss"],
        )

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(entry.kind for entry in self.certificate.entries)

    @property
    def content(self) -> Content:
        """A card about nobody, or without entries, attests nothing: a human looks at it."""
        found, notes = content_of(self.certificate), self.certificate.notes
        doubts = [note for note in (bundle.HOLDER_ABSENT, bundle.NOTHING_ATTESTED) if note in notes]
        return found._replace(doubt=doubts[0]) if doubts else found

    @cached_property
    def certificate(self) -> Certificate:
        return certificate_of(self.claims, self.notes)


def read(text: str) -> SmartCard:
    """A card from the text of one QR code ("shc:/…") or a compact JWS. A line break at the end is overlooked.

    Raises `Unreadable`: a code that is one of several has the reason "piece-missing".
    """
    line = text.removesuffix("\n").removesuffix("\r")
    if line.startswith(numeric.SCHEME):
        notes = ("pieces-needless",) if line.startswith(f"{numeric.SCHEME}1/1/") else ()
        return _read_jws(numeric.join([line]), notes)
    if LINK in line[:HEAD]:
        raise Unreadable(Layer.TEXT, "health-link", "a link to a card elsewhere, which is not fetched")
    if line != line.strip():
        raise Unreadable(Layer.TEXT, "trailing-characters", "the card has blanks around it")
    if not jws.is_compact(line):
        raise Unreadable(Layer.TEXT, "not-a-health-card", "neither the digits nor the JWS of a health card")
    return _read_jws(line, ())


def read_pieces(texts: Iterable[str]) -> SmartCard:
    """A card spread over several QR codes (deprecated in release 1.3, still in wallets), in any order."""
    return _read_jws(numeric.join(texts), ("pieces-deprecated",))


def cards_in(file: bytes) -> tuple[str, ...]:
    """The JWS of every card in a `.smart-health-card` file or a `$health-cards-issue` answer (FHIR Parameters)."""
    content = jsontext.parse_object(file.removesuffix(b"\n").removesuffix(b"\r"), most=FILE_MOST)
    cards: object = content.get("verifiableCredential")
    if content.get("resourceType") == "Parameters":
        parameters = content.get("parameter")
        cards = [
            one.get("valueString")
            for one in (parameters if isinstance(parameters, list) else [])
            if isinstance(one, dict) and one.get("name") == "verifiableCredential"
        ]
    if not isinstance(cards, list) or not 0 < len(cards) <= CARDS_MOST:
        raise Unreadable(Layer.JSON, "cards-absent", "the file holds no health card")
    if any(not isinstance(card, str) for card in cards):
        raise Unreadable(Layer.JSON, "cards-malformed", "a card in the file is no text")
    return tuple(cards)


def _read_jws(text: str, notes: tuple[str, ...]) -> SmartCard:
    envelope = jws.open_envelope(text)
    claims = jsontext.parse_object(envelope.payload, most=jws.INFLATED_MOST)
    check_issuer(claims.get("iss"))
    return SmartCard(envelope, claims, notes)


def check_issuer(issuer: object) -> None:
    """`iss` is an https address without a slash at its end, a query or a fragment ("Determining keys")."""
    if not isinstance(issuer, str) or not 0 < len(issuer) <= ISSUER_MOST:
        raise Unreadable(Layer.CLAIMS, "issuer-absent", "the card names no issuer")
    if not issuer.startswith("https://") or len(issuer) <= len("https://"):
        raise Unreadable(Layer.CLAIMS, "issuer-not-https", "an issuer is an https address")
    if issuer.endswith("/") or not issuer.isascii() or any(mark in issuer for mark in "?# \t\r\n\\"):
        raise Unreadable(Layer.CLAIMS, "issuer-malformed", "an issuer's address ends without a slash")


def certificate_of(claims: Mapping[str, Any], notes: Iterable[str] = ()) -> Certificate:
    """What the claims of a card say. Raises `Unreadable` with layer CLAIMS or SCHEMA."""
    odd = set(notes)
    valid_from = _instant(claims, "nbf", odd)
    if valid_from is None:
        raise Unreadable(Layer.CLAIMS, "nbf-absent", "the card does not say from when it is valid")
    expires_at = _instant(claims, "exp", odd)
    if expires_at is not None and claims["exp"] <= claims["nbf"]:
        raise Unreadable(Layer.CLAIMS, "expires-before-valid", "the card expires before it begins")
    _check_revocation_id(claims, odd)
    subject, types = _credential(claims, odd)
    holder, entries = bundle.read_bundle(
        subject.get("fhirBundle"),
        about=fhir.COVID_19 if COVID_CARD in types else Coded(),
        issuer=claims["iss"],
        notes=odd,
    )
    return Certificate(
        format=Format.SMART,
        version=subject["fhirVersion"],
        holder=holder,
        entries=entries,
        issuer=claims["iss"],
        issued_at=valid_from,
        valid_from=valid_from,
        expires_at=expires_at,
        claims=claims,
        notes=tuple(sorted(odd)),
    )


def _credential(claims: Mapping[str, Any], odd: set[str]) -> tuple[Mapping[str, Any], list[str]]:
    credential = claims.get("vc")
    if not isinstance(credential, dict):
        raise Unreadable(Layer.SCHEMA, "credential-absent", "the card holds no credential")
    types = credential.get("type")
    if not isinstance(types, list) or any(not isinstance(one, str) for one in types):
        raise Unreadable(Layer.SCHEMA, "credential-absent", "the credential has no types")
    if HEALTH_CARD not in types:
        raise Unreadable(Layer.SCHEMA, "not-a-health-card", "the credential is no health card")
    if set(types) - KNOWN_TYPES:
        odd.add("type-unknown")
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict) or not isinstance(subject.get("fhirVersion"), str):
        raise Unreadable(Layer.SCHEMA, "fhir-version-absent", "the card does not say which FHIR it is in")
    if not subject["fhirVersion"].startswith("4."):
        odd.add("fhir-version-other")
    return subject, types


def _instant(claims: Mapping[str, Any], name: str, odd: set[str]) -> datetime | None:
    """A NumericDate (RFC 7519: seconds, fractions allowed). One in milliseconds lands in the far future, and is."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise Unreadable(Layer.CLAIMS, f"{name}-malformed", f"{name} is no number of seconds")
    if value >= MILLISECONDS:
        odd.add("timestamp-in-milliseconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _check_revocation_id(claims: Mapping[str, Any], odd: set[str]) -> None:
    """`rid`: base64url letters, at most 24, by which the issuer can revoke the card ("Revocation")."""
    credential = claims.get("vc")
    if not isinstance(credential, dict) or "rid" not in credential:
        return
    held = credential["rid"]
    if not isinstance(held, str) or not _REVOCATION_ID.fullmatch(held):
        odd.add("rid-malformed")
