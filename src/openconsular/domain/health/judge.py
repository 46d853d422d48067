"""One call for whatever somebody hands over."""

from datetime import datetime

from openconsular.domain.health.carriers.handed_over import texts_in
from openconsular.domain.health.trust.model import TrustStore
from openconsular.domain.health.verdict import Unreadable, Verdict
from openconsular.domain.health.verify import Policy, Revocations, broken, verify_many


def judge(
    given: str | bytes,
    *,
    trust: TrustStore,
    revocations: Revocations,
    now: datetime,
    policy: Policy | None = None,
) -> tuple[Verdict, ...]:
    """The verdict on each certificate in `given`: the text of a code, or the bytes of a text, a picture or a PDF.

    Each says what it is (`verdict.presented.format`) and whether it can be trusted at the instant `now` (with a zone).
    Where no code can be found there is one verdict, BROKEN, with the reason and the layer. Never raises for what
    `given` holds.
    """
    try:
        texts = texts_in(given.encode("utf-8", "replace") if isinstance(given, str) else given)
    except Unreadable as fault:
        return (broken(fault),)
    return tuple(verify_many(texts, trust=trust, revocations=revocations, now=now, policy=policy or Policy()))
