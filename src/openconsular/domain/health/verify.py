"""From the text of a code to a verdict: one road for every format.

Everything is looked at that can be; the first thing wrong, in the order of `CheckName`, names the state. Only a
certificate nothing is wrong with, signed by a key the trust store holds, is VALID.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, Protocol

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Presented, Unsealed
from openconsular.domain.health.divoc import Credential
from openconsular.domain.health.findings import (
    About,
    Finding,
    about_key,
    about_nobody,
    failed,
    passed,
    signature_finding,
    signed_alike,
    unlooked,
)
from openconsular.domain.health.hcert.fields import instant as read_instant
from openconsular.domain.health.signing.signer import Signed, signer_of
from openconsular.domain.health.terms import Content, Terms, content_of, terms_of
from openconsular.domain.health.trust.model import TrustedKey, TrustStore
from openconsular.domain.health.verdict import (
    Check,
    CheckName,
    Outcome,
    State,
    Unreadable,
    Verdict,
)

# A day has begun somewhere on earth this long before it begins in UTC.
_EARLIEST_ZONE = timedelta(hours=14)
_LATEST_ZONE = timedelta(hours=12)
_VALIDITY_PASSED = passed(CheckName.VALIDITY)
_CONTENT_PASSED = passed(CheckName.CONTENT)
# How many texts are taken together: enough to gain, few enough to stay in the processor's cache.
_TOGETHER = 64
UNCERTAIN = "revocation-uncertain"
_WITHOUT_SEAL = (Unreadable, Credential)


class Revocations(Protocol):
    """Lists of certificates taken back.

    `check` gives the REVOCATION check of a certificate signed with `key`: PASSED when every list that would name it
    was looked in, FAILED with "revoked" or, on a hit that could not be confirmed, UNCERTAIN; NOT_CHECKED otherwise.
    """

    def check(self, presented: Presented, key: TrustedKey) -> Check: ...


class NoRevocations:
    """For verifiers without any list: every verdict says plainly that nobody looked."""

    def check(self, presented: Presented, key: TrustedKey) -> Check:
        return unlooked(CheckName.REVOCATION, "no-list").check


@dataclass(frozen=True, slots=True)
class Policy:
    """What a verifier decides for itself.

    `clock_leeway`: how far its clock may be behind the issuer's. `lists_last`: how old a trust list may be before a
    certificate it vouches for is shown to a human; None means however old, with the age in the verdict.
    """

    clock_leeway: timedelta = timedelta(0)
    lists_last: timedelta | None = None


class Said(NamedTuple):
    """What a certificate says of itself, as far as it can be read, and why no further."""

    terms: Terms | None
    content: Content | None
    fault: Unreadable | None = None


_DEFAULT = Policy()


def verify(
    text: str, *, trust: TrustStore, revocations: Revocations, now: datetime, policy: Policy = _DEFAULT
) -> Verdict:
    """The verdict on the text of a code at the instant `now` (with a zone). Never raises for what `text` holds."""
    try:
        presented = formats.read(text)
    except Unreadable as fault:
        return broken(fault)
    if isinstance(presented, Credential):
        return _unsealed(presented, now, policy)
    return verify_presented(presented, trust=trust, revocations=revocations, now=now, policy=policy)


def verify_many(
    texts: Iterable[str],
    *,
    trust: TrustStore,
    revocations: Revocations,
    now: datetime,
    policy: Policy = _DEFAULT,
) -> Iterator[Verdict]:
    """Verdicts in the order of the texts.

    Some are taken together and brought one step further each time: a processor that does one thing again and again
    keeps it at hand, which saves a quarter of the time. A verdict may wait for the texts it is taken with.
    """
    waiting = iter(texts)
    while some := tuple(islice(waiting, _TOGETHER)):
        yield from _verify_together(some, trust, revocations, now, policy)


def _verify_together(
    texts: tuple[str, ...], trust: TrustStore, revocations: Revocations, now: datetime, policy: Policy
) -> Iterator[Verdict]:
    read = formats.read_many(texts)
    sealed = [one for one in read if not isinstance(one, _WITHOUT_SEAL)]
    said = [_said(one) for one in sealed]
    signed = [signer_of(one, told.terms, trust, now) for one, told in zip(sealed, said, strict=True)]
    judged = iter(
        [
            _judge(one, told, by, revocations, now, policy)
            for one, told, by in zip(sealed, said, signed, strict=True)
        ]
    )
    if len(sealed) == len(read):
        return judged
    return iter(
        [
            broken(one)
            if isinstance(one, Unreadable)
            else _unsealed(one, now, policy)
            if isinstance(one, Credential)
            else next(judged)
            for one in read
        ]
    )


def verify_presented(
    presented: Presented,
    *,
    trust: TrustStore,
    revocations: Revocations,
    now: datetime,
    policy: Policy = _DEFAULT,
) -> Verdict:
    """The verdict on a certificate already read."""
    said = _said(presented)
    return _judge(presented, said, signer_of(presented, said.terms, trust, now), revocations, now, policy)


def _judge(
    presented: Presented, said: Said, signed: Signed, revocations: Revocations, now: datetime, policy: Policy
) -> Verdict:
    key = signed.key
    if key is None:
        signature = signature_finding(signed.reason, signed.is_forged)
        about, revocation = about_nobody(signature), unlooked(CheckName.REVOCATION, signed.reason)
    else:
        alike = signed_alike(presented, said.terms, key)
        about = about_key(*alike, key, now, policy.lists_last)
        revocation = _revocation(revocations.check(presented, key))
    return _verdict(about, _validity(said.terms, said.content, now, policy), revocation, said, presented)


def _unsealed(presented: Unsealed, now: datetime, policy: Policy) -> Verdict:
    """A certificate whose signature cannot be checked here vouches for nothing, whatever else is right."""
    said = _said(presented)
    return _verdict(
        about_nobody(signature_finding(presented.unchecked, is_forged=False)),
        _validity(said.terms, said.content, now, policy),
        unlooked(CheckName.REVOCATION, presented.unchecked),
        said,
        presented,
    )


def _said(presented: Presented | Unsealed) -> Said:
    """What the certificate says of itself, as far as it can be read."""
    terms: Terms | None = getattr(presented, "terms", None)
    try:
        content: Content | None = getattr(presented, "content", None)
        if terms is None or content is None:
            certificate = presented.certificate
            terms, content = terms or terms_of(certificate), content or content_of(certificate)
    except Unreadable as fault:
        return Said(terms, None, fault)
    return Said(terms, content)


def _validity(terms: Terms | None, content: Content | None, now: datetime, policy: Policy) -> Finding:
    """Its own dates: an instant counts as reached with the leeway, a day as soon as it is that day anywhere."""
    if terms is None:
        return unlooked(CheckName.VALIDITY, "not-readable")
    seconds, leeway = _clock(now, policy.clock_leeway)
    end = terms.expires_at
    if end is not None and (seconds > end or (seconds == end and terms.ends_with_expiry)):
        return failed(CheckName.VALIDITY, State.EXPIRED, "expired")
    if terms.issued_at is not None and seconds + leeway < terms.issued_at:
        return failed(CheckName.VALIDITY, State.NOT_YET_VALID, "issued-in-future")
    if terms.not_before is not None and seconds + leeway < terms.not_before:
        return failed(CheckName.VALIDITY, State.NOT_YET_VALID, "not-yet-valid")
    if content is None:
        return _VALIDITY_PASSED
    return _days(content, now, leeway)


@lru_cache(maxsize=8)
def _clock(now: datetime, leeway: timedelta) -> tuple[float, float]:
    """Both in seconds, the first since 1970."""
    return now.timestamp(), leeway.total_seconds()


@lru_cache(maxsize=8)
def _latest_day(now: datetime) -> str:
    """The day it is where days begin first."""
    return (now + _EARLIEST_ZONE).date().isoformat()


def _days(content: Content, now: datetime, leeway: float) -> Finding:
    today_anywhere = _latest_day(now)
    happened_on = content.happened_on
    # A time without seconds or zone is no instant: the day it stands in is what can be compared.
    when = read_instant(happened_on) if len(happened_on) > 10 else None
    is_ahead = happened_on[:10] > today_anywhere if when is None else (when - now).total_seconds() > leeway
    if is_ahead:
        return failed(CheckName.VALIDITY, State.NOT_YET_VALID, "happened-in-future")
    if content.first_day > today_anywhere:
        return failed(CheckName.VALIDITY, State.NOT_YET_VALID, "not-yet-valid")
    is_bounded = content.last_day not in ("", "life")
    if is_bounded and (now - _LATEST_ZONE).date().isoformat() > content.last_day:
        return failed(CheckName.VALIDITY, State.EXPIRED, "expired")
    return _VALIDITY_PASSED


def _revocation(check: Check) -> Finding:
    if check.outcome is not Outcome.FAILED:
        return Finding(check)
    return Finding(check, State.AMBIGUOUS if check.reason == UNCERTAIN else State.REVOKED)


def _content(content: Content | None, fault: Unreadable | None) -> Finding:
    if fault is not None:
        return failed(CheckName.CONTENT, State.BROKEN, fault.code, layer=fault.layer)
    if content is None:
        return unlooked(CheckName.CONTENT, "not-readable")
    if content.doubt:
        return failed(CheckName.CONTENT, State.AMBIGUOUS, content.doubt)
    return _CONTENT_PASSED


def _verdict(
    about: About, validity: Finding, revocation: Finding, said: Said, presented: Presented | Unsealed
) -> Verdict:
    content = _content(said.content, said.fault)
    checks = (*about.checks, validity.check, revocation.check, content.check)
    for finding in (about.bad, validity, revocation, content):
        if finding is not None and finding.state is not None:
            return Verdict(finding.state, finding.check.reason, checks, finding.layer, presented)
    return Verdict(State.VALID, "", checks, None, presented)


def broken(fault: Unreadable) -> Verdict:
    """Nothing could be looked at beyond the layer that broke."""
    checks = tuple(
        Check(name, Outcome.FAILED, fault.code)
        if name is CheckName.FORMAT
        else Check(name, Outcome.NOT_CHECKED, "not-readable")
        for name in CheckName
    )
    return Verdict(State.BROKEN, fault.code, checks, fault.layer)
