"""From the text of a code to what it presents: the seal now, the certificate when somebody asks."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from openconsular.domain.health.certificate import Certificate, Format, Kind, Seal
from openconsular.domain.health.hcert import base45, cose, cwt, dcc, dcc_usual, ddcc, envelope, icvp
from openconsular.domain.health.terms import Content, Terms, instant
from openconsular.domain.health.verdict import Layer, Unreadable

# Subclaims of -260 (WHO smart-trust, "HCERT claims"); ICVP has a development number still.
_DCC, _DDCC_VS, _DDCC_TR, _HEALTH_LINK, _ICVP = 1, 3, 4, 5, -6
_FORMATS = {_DCC: Format.EU_DCC, _DDCC_VS: Format.DDCC_VS, _DDCC_TR: Format.DDCC_TR, _ICVP: Format.ICVP}
Given = TypeVar("Given")
_VACCINATION = frozenset((Kind.VACCINATION,))
_TEST = frozenset((Kind.TEST,))


class HcertPresented:
    """An HCERT taken apart (`certificate.Presented`). `everything` is the whole map of its claims."""

    def __init__(self, signed: cose.Sign1, terms: Terms, everything: dict[Any, Any]) -> None:
        if signed.algorithm is None:
            raise Unreadable(Layer.COSE, signed.algorithm_fault, "The algorithm is missing or unknown.")
        self.terms = terms
        self.everything = everything
        self.notes = signed.notes
        self.format, self.claim, self._doubt = _claim(everything)
        self.seal = Seal(
            signed.algorithm,
            cose.to_be_signed(signed.protected, signed.payload),
            signed.signature,
            (signed.key_id,) if signed.key_id else (),
            terms.issuer_country,
        )

    @property
    def kinds(self) -> frozenset[Kind]:
        if self.format is Format.EU_DCC:
            return dcc.kinds(self.claim)
        return _TEST if self.format is Format.DDCC_TR else _VACCINATION

    @property
    def content(self) -> Content:
        """What the entry binds it to. Raises `Unreadable` with layer CBOR, SCHEMA or CLAIMS."""
        if self.format is Format.EU_DCC:
            content = _dcc_content(self.claim)
            if self.terms.expires_at is None and not content.doubt:
                return content._replace(doubt="expiry-missing")  # HCERT section 3.3.2 wants one
            return content
        entry = self.certificate.entries[0]
        if self.format is Format.ICVP:
            icvp.check_dates(self.claim, entry, self.terms.issued_at)
            doubt = self._doubt or icvp.doubt(self.claim)
            return Content(entry.happened_on, entry.valid_from, entry.valid_until, doubt)
        first_day = ddcc.valid_from(self.certificate.claims)
        return Content(entry.happened_on, first_day[:10], entry.valid_until[:10])

    @cached_property
    def certificate(self) -> Certificate:
        """Raises `Unreadable` with layer CBOR, SCHEMA or CLAIMS."""
        claim = dcc.plain(self.claim)
        if self.format is Format.EU_DCC:
            checked = dcc.check(claim)  # before anything is taken from it
            version, holder, entries = claim["ver"], dcc.holder(claim), (dcc.entry_of(*checked),)
        elif self.format is Format.ICVP:
            version, holder, entries = icvp.version(claim), icvp.holder(claim), (icvp.entry_of(claim),)
        else:
            version, holder, entries = "", ddcc.holder(claim), (ddcc.ENTRIES[self.format](claim),)
        terms = self.terms
        return Certificate(
            format=self.format,
            version=version,
            holder=holder,
            entries=entries,
            issuer_country=terms.issuer_country,
            issuer=entries[0].issuer,
            issued_at=instant(terms.issued_at),
            valid_from=instant(terms.not_before),
            expires_at=instant(terms.expires_at),
            claims=claim,
            notes=self.notes,
        )


def read(text: str) -> HcertPresented:
    """Reads the text of a code that starts with "HC1:".

    Raises `Unreadable` with layer TEXT, BASE45, COMPRESSION, CBOR, COSE or CLAIMS.
    """
    return read_token(envelope.open_text(text))


def read_many(texts: Sequence[str]) -> list[HcertPresented | Unreadable]:
    """Reads texts that start with "HC1:" together, which is quicker; a fault stands in the place of its text."""
    try:
        opened = base45.decode_many([envelope.without_prefix(text) for text in texts])
    except Unreadable:
        return [_attempt(read, text) for text in texts]
    return [_attempt(_read_compressed, data) for data in opened]


def _read_compressed(data: bytes) -> HcertPresented:
    return read_token(envelope.inflate(data))


def _attempt(work: Callable[[Given], HcertPresented], given: Given) -> HcertPresented | Unreadable:
    try:
        return work(given)
    except Unreadable as fault:
        return fault


def read_token(message: bytes) -> HcertPresented:
    """Reads the signed token of an HCERT. Raises `Unreadable` with layer CBOR, COSE or CLAIMS."""
    signed = cose.read(message)
    return HcertPresented(signed, *cwt.read(signed.payload))


def _dcc_content(claim: Mapping[str, Any]) -> Content:
    dose = dcc_usual.dose_of(claim)
    if dose is not None:
        return Content(dose["dt"])
    _, entry, happened_on = dcc.check(claim)
    return Content(happened_on, doubt=dcc.doubt(claim, entry, happened_on))


def _claim(everything: dict[Any, Any]) -> tuple[Format, Mapping[str, Any], str]:
    """Format, claim, and doubt about its number. Raises `Unreadable` with layer CLAIMS."""
    health = everything.get(cwt.HEALTH_CLAIM)
    if health is None:
        found = ddcc.looks_like(everything)
        if found is None:
            raise Unreadable(Layer.CLAIMS, "no-health-claim", "The token says nothing about health.")
        return found, {key: value for key, value in everything.items() if type(key) is str}, ""
    if type(health) is not dict or not health:
        raise Unreadable(Layer.CLAIMS, "no-health-claim", "The health claim is empty or not a map.")
    if len(health) > 1:
        raise Unreadable(Layer.CLAIMS, "several-claims", "The token holds several certificates.")
    [(number, claim)] = health.items()
    if number == _HEALTH_LINK:
        raise Unreadable(Layer.CLAIMS, "health-link", "It is a link to health data, not a certificate.")
    known = _FORMATS.get(number) if type(number) is int else None
    if known is None and icvp.looks_like(claim):
        return Format.ICVP, claim, "claim-number-unknown"
    if known is None or type(claim) is not dict:
        raise Unreadable(Layer.CLAIMS, "claim-unknown", "The health claim is of no known kind.")
    return known, claim, ""
