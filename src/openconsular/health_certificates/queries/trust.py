"""Verifying, and how old the lists are that verdicts rest on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from openconsular.domain.health.trust.model import TrustStore
from openconsular.domain.health.verdict import Verdict
from openconsular.domain.health.verify import verify as domain_verify
from openconsular.health_certificates import trusting
from openconsular.health_certificates.models import TrustEdition, TrustSource


def verify(text: str, *, now: datetime) -> Verdict:
    """The verdict on the text of a code, by all lists held here. Nothing is stored."""
    held = trusting.believed()
    return domain_verify(text, trust=held.trust, revocations=held.revocations, now=now, policy=held.policy)


def verify_all(texts: Iterable[str], *, now: datetime) -> list[Verdict]:
    """Verdicts in the order of the texts, all by the same state of the lists."""
    held = trusting.believed()
    return [
        domain_verify(text, trust=held.trust, revocations=held.revocations, now=now, policy=held.policy)
        for text in texts
    ]


def trust_store() -> TrustStore:
    return trusting.believed().trust


@dataclass(frozen=True)
class ListState:
    """One list as it stands. `as_of` is how old its statements are; None when no edition was ever taken.

    `valid_until` is when its publisher promised the next edition; `is_overdue` that this has passed.
    """

    name: str
    kind: str
    url: str
    is_enabled: bool
    as_of: datetime | None
    age: timedelta | None
    is_stale: bool
    is_overdue: bool
    valid_until: datetime | None
    keys: int
    problems: int
    proof: str
    sequence: int | None
    tried_at: datetime | None
    fault: str


def lists(*, now: datetime) -> list[ListState]:
    """Every list of this environment with its age; no permission is needed to know how old a list is."""
    sources = TrustSource.objects.filter(environment=settings.CERTIFICATES).order_by("name")
    newest: dict[int, TrustEdition] = {}
    editions = TrustEdition.objects.filter(source__in=sources).defer("content").order_by("pk")
    for edition in editions:
        newest[edition.source_id] = edition
    return [_state(one, newest.get(one.pk), now) for one in sources]


def _state(source: TrustSource, edition: TrustEdition | None, now: datetime) -> ListState:
    return ListState(
        name=source.name,
        kind=source.kind,
        url=source.url,
        is_enabled=source.is_enabled,
        as_of=edition.as_of if edition else None,
        age=now - edition.as_of if edition else None,
        is_stale=trusting.is_stale(source, edition, now),
        is_overdue=trusting.is_overdue(edition, now),
        valid_until=edition.valid_until if edition else None,
        keys=edition.key_count if edition else 0,
        problems=edition.problem_count if edition else 0,
        proof=edition.proof if edition else "",
        sequence=edition.sequence if edition else None,
        tried_at=source.tried_at,
        fault=source.fault,
    )


def sources_to_fetch() -> list[str]:
    """Names of the lists with an address, for the hourly look."""
    sources = TrustSource.objects.filter(environment=settings.CERTIFICATES, is_enabled=True).exclude(url="")
    return list(sources.order_by("name").values_list("name", flat=True))
