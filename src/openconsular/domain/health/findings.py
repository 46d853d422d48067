"""What was found for each thing looked at, and the state it leads to when it is bad."""

import math
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from openconsular.domain.health.certificate import Format, Kind, Presented
from openconsular.domain.health.terms import Terms
from openconsular.domain.health.trust.countries import is_for_tests
from openconsular.domain.health.trust.model import Environment, TrustedKey
from openconsular.domain.health.verdict import Check, CheckName, Layer, Outcome, State, Unreadable


class Finding(NamedTuple):
    """`state` is None while nothing is wrong."""

    check: Check
    state: State | None = None
    layer: Layer | None = None


@lru_cache(maxsize=1024)
def passed(name: CheckName, as_of: datetime | None = None) -> Finding:
    return Finding(Check(name, Outcome.PASSED, "", as_of))


@lru_cache(maxsize=1024)
def unlooked(name: CheckName, reason: str, as_of: datetime | None = None) -> Finding:
    return Finding(Check(name, Outcome.NOT_CHECKED, reason, as_of))


def failed(
    name: CheckName, state: State, reason: str, *, layer: Layer | None = None, as_of: datetime | None = None
) -> Finding:
    return Finding(Check(name, Outcome.FAILED, reason, as_of), state, layer)


def signature_finding(reason: str, is_forged: bool) -> Finding:
    """No trusted key made the signature: either none is known, or none of those known fits."""
    if is_forged:
        return failed(CheckName.SIGNATURE, State.BROKEN, reason, layer=Layer.SIGNATURE)
    return Finding(Check(CheckName.SIGNATURE, Outcome.NOT_CHECKED, reason), State.UNKNOWN_ISSUER)


def key_findings(
    presented: Presented, terms: Terms | None, key: TrustedKey, now: datetime
) -> tuple[Finding, Finding, Finding]:
    """Issuer, key usage and key validity of a certificate signed with `key`."""
    issuer, usage = _issuer_and_usage(
        None if terms is None else terms.issuer_country, presented.format, _kinds(presented), key
    )
    return issuer, usage, _key_validity(terms, key, now)


@lru_cache(maxsize=4096)
def _issuer_and_usage(
    named: str | None, certificate_format: Format, kinds: frozenset[Kind] | None, key: TrustedKey
) -> tuple[Finding, Finding]:
    """The same for all that an issuer signs alike with a key."""
    return _issuer(named, key), _usage(certificate_format, kinds, key)


def _issuer(named: str | None, key: TrustedKey) -> Finding:
    """The country that signed and the country named must be one (HCERT section 3.3.2, governance 4.2)."""
    if named is None:
        return unlooked(CheckName.ISSUER, "not-readable")
    if not named:
        return unlooked(CheckName.ISSUER, "issuer-not-stated", key.as_of)
    if not key.country:
        return unlooked(CheckName.ISSUER, "list-names-no-country", key.as_of)
    if key.is_of(named):
        return passed(CheckName.ISSUER, key.as_of)
    if key.environment is Environment.TEST and (is_for_tests(named) or is_for_tests(key.country)):
        return unlooked(CheckName.ISSUER, "issuer-invented-for-tests", key.as_of)
    return failed(CheckName.ISSUER, State.UNKNOWN_ISSUER, "issuer-differs", as_of=key.as_of)


def _kinds(presented: Presented) -> frozenset[Kind] | None:
    try:
        return presented.kinds
    except Unreadable:
        return None


def _usage(certificate_format: Format, kinds: frozenset[Kind] | None, key: TrustedKey) -> Finding:
    if not key.may_sign_format(certificate_format):
        return failed(CheckName.KEY_USAGE, State.WRONG_KEY_USAGE, "trust-domain", as_of=key.as_of)
    if kinds is None:
        return unlooked(CheckName.KEY_USAGE, "not-readable", key.as_of)
    if not key.may_sign(kinds):
        return failed(CheckName.KEY_USAGE, State.WRONG_KEY_USAGE, "key-usage", as_of=key.as_of)
    return passed(CheckName.KEY_USAGE, key.as_of)


@lru_cache(maxsize=4096)
def _since(key: TrustedKey) -> float:
    return key.not_before.timestamp() if key.not_before is not None else -math.inf


def _key_validity(terms: Terms | None, key: TrustedKey, now: datetime) -> Finding:
    """Valid now, and when it was used: nobody signed with a key before it was made."""
    is_premature = terms is not None and terms.issued_at is not None and terms.issued_at < _since(key)
    return _key_at(key, now, is_premature)


@lru_cache(maxsize=4096)
def _key_at(key: TrustedKey, now: datetime, is_premature: bool) -> Finding:
    fault = key.fault_at(now)
    if fault:
        state = State.NOT_YET_VALID if fault.endswith("not-yet-valid") else State.EXPIRED
        return failed(CheckName.KEY_VALIDITY, state, fault, as_of=key.as_of)
    if is_premature:
        return failed(
            CheckName.KEY_VALIDITY, State.BROKEN, "issued-before-key", layer=Layer.CLAIMS, as_of=key.as_of
        )
    return passed(CheckName.KEY_VALIDITY, key.as_of)
