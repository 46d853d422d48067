"""What was found for each thing looked at, and the state it leads to when it is bad."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
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


class About(NamedTuple):
    """What is the same for all that an issuer signs alike with a key: a check each, and the first that is bad."""

    checks: tuple[Check, ...]
    bad: Finding | None


def about(findings: Iterable[Finding]) -> About:
    found = tuple(findings)
    bad = next((finding for finding in found if finding.state is not None), None)
    return About(tuple([finding.check for finding in found]), bad)


def key_findings(
    presented: Presented, terms: Terms | None, key: TrustedKey, now: datetime
) -> tuple[Finding, Finding, Finding]:
    """Issuer, key usage and key validity of a certificate signed with `key`."""
    return _of_key(*signed_alike(presented, terms, key), key, now)


def signed_alike(
    presented: Presented, terms: Terms | None, key: TrustedKey
) -> tuple[str | None, Format, frozenset[Kind] | None, bool]:
    """What of a certificate matters to what is found about its key: the country it names, its format, what it attests,
    and whether it was issued before the key was made."""
    try:
        kinds: frozenset[Kind] | None = presented.kinds
    except Unreadable:
        kinds = None
    if terms is None:
        return None, presented.format, kinds, False
    is_premature = terms.issued_at is not None and terms.issued_at < _since(key)
    return terms.issuer_country, presented.format, kinds, is_premature


def _of_key(
    named: str | None,
    certificate_format: Format,
    kinds: frozenset[Kind] | None,
    is_premature: bool,
    key: TrustedKey,
    now: datetime,
) -> tuple[Finding, Finding, Finding]:
    return (
        _issuer(named, key),
        _usage(certificate_format, kinds, key),
        _key_validity(key, now, is_premature),
    )


@lru_cache(maxsize=4096)
def about_key(
    named: str | None,
    certificate_format: Format,
    kinds: frozenset[Kind] | None,
    is_premature: bool,
    key: TrustedKey,
    now: datetime,
    lists_last: timedelta | None,
) -> About:
    """Format, signature, issuer, key usage and key validity of whatever was signed alike (`signed_alike`) with `key`.

    `lists_last` is how old a trust list may be (`verify.Policy`).
    """
    return about(
        (
            passed(CheckName.FORMAT),
            _signature(key, now, lists_last),
            *_of_key(named, certificate_format, kinds, is_premature, key, now),
        )
    )


def _signature(key: TrustedKey, now: datetime, lists_last: timedelta | None) -> Finding:
    if lists_last is not None and now - key.as_of > lists_last:
        return failed(CheckName.SIGNATURE, State.AMBIGUOUS, "trust-list-old", as_of=key.as_of)
    return passed(CheckName.SIGNATURE, key.as_of)


def about_nobody(signature: Finding) -> About:
    """The same five where no key is known to have signed."""
    reason = signature.check.reason
    return about(
        (
            passed(CheckName.FORMAT),
            signature,
            unlooked(CheckName.ISSUER, reason),
            unlooked(CheckName.KEY_USAGE, reason),
            unlooked(CheckName.KEY_VALIDITY, reason),
        )
    )


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


def _key_validity(key: TrustedKey, now: datetime, is_premature: bool) -> Finding:
    """Valid now, and when it was used: nobody signed with a key before it was made."""
    fault = key.fault_at(now)
    if fault:
        state = State.NOT_YET_VALID if fault.endswith("not-yet-valid") else State.EXPIRED
        return failed(CheckName.KEY_VALIDITY, state, fault, as_of=key.as_of)
    if is_premature:
        return failed(
            CheckName.KEY_VALIDITY, State.BROKEN, "issued-before-key", layer=Layer.CLAIMS, as_of=key.as_of
        )
    return passed(CheckName.KEY_VALIDITY, key.as_of)
