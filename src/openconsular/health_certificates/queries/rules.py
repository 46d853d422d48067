"""Entry rules held here: lists and their age, rules to look at, and what they say about certificates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from openconsular.domain.health.certificate import Certificate
from openconsular.domain.health.rules.judge import RuleBook, judge
from openconsular.domain.health.rules.outcome import Arrival, Decision
from openconsular.domain.health.rules.traveller import TravellerDecision, judge_traveller
from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.verdict import State, Verdict
from openconsular.foundation.errors import NotFound
from openconsular.health_certificates import entry_rules
from openconsular.health_certificates.models import CodeSet, EntryRule, RuleEdition, RuleSource


@dataclass(frozen=True)
class RuleListState:
    """One list as it stands; `seen_at` is when it was last looked at, None when it never was."""

    source: RuleSource
    edition: RuleEdition | None
    seen_at: datetime | None
    age: timedelta | None
    is_stale: bool
    count: int
    faulty: int


def rule_lists(*, now: datetime) -> list[RuleListState]:
    """Every list of this environment with its age; rules are public, so nobody is asked for a permission."""
    sources = list(
        RuleSource.objects.filter(environment=settings.CERTIFICATES)
        .annotate(faulty=Count("rules", filter=Q(rules__withdrawn_at=None) & ~Q(rules__fault="")))
        .order_by("name")
    )
    newest = entry_rules.newest_editions(sources)
    return [_state(one, newest.get(one.pk), now) for one in sources]


def _state(source: RuleSource, edition: RuleEdition | None, now: datetime) -> RuleListState:
    seen_at = edition.seen_at if edition else None
    limit = timedelta(hours=source.stale_after_hours)
    return RuleListState(
        source=source,
        edition=edition,
        seen_at=seen_at,
        age=now - seen_at if seen_at else None,
        is_stale=seen_at is None or now - seen_at > limit,
        count=edition.taken_count if edition else 0,
        faulty=getattr(source, "faulty", 0),
    )


def rule_list(name: str, *, now: datetime) -> RuleListState:
    for one in rule_lists(now=now):
        if one.source.name == name:
            return one
    raise NotFound


def editions(source: RuleSource) -> QuerySet[RuleEdition]:
    return source.editions.order_by("-pk")


def code_sets(source: RuleSource) -> QuerySet[CodeSet]:
    return source.code_sets.order_by("name")


def rules(*, text: str = "", country: str = "", kind: str = "") -> QuerySet[EntryRule]:
    """Rules held now, of lists in use, by country and name, the newest version first."""
    found = EntryRule.objects.filter(
        source__environment=settings.CERTIFICATES, source__is_enabled=True, withdrawn_at=None
    )
    if country:
        found = found.filter(country=same_country(country))
    if kind:
        found = found.filter(kind="" if kind == "general" else kind)
    if text:
        found = found.filter(
            Q(identifier__icontains=text) | Q(body__icontains=text) | Q(country=same_country(text))
        )
    return found.select_related("source").order_by("country", "region", "identifier", "-pk")


def countries() -> list[str]:
    """Countries of which rules are held, in the order of their codes."""
    return list(rules().order_by("country").values_list("country", flat=True).distinct())


def rule(number: int) -> EntryRule:
    found = EntryRule.objects.filter(source__environment=settings.CERTIFICATES, pk=number)
    one = found.select_related("source").first()
    if one is None:
        raise NotFound
    return one


def versions(one: EntryRule) -> QuerySet[EntryRule]:
    """All versions of a rule that were ever held, the newest first."""
    same = {name: getattr(one, name) for name in ("source", "country", "region", "identifier")}
    return EntryRule.objects.filter(**same).order_by("-pk")


def sources_to_fetch() -> list[str]:
    """Names of the lists with an address, for the hourly look."""
    sources = RuleSource.objects.filter(environment=settings.CERTIFICATES, is_enabled=True).exclude(url="")
    return list(sources.order_by("name").values_list("name", flat=True))


# ------------------------------------------------------------------ judging


def book() -> RuleBook:
    return entry_rules.book()


def decisions(
    verdicts: Iterable[Verdict], *, arrival: Arrival, now: datetime, languages: Sequence[str]
) -> list[Decision | None]:
    """What the rules say of each certificate; None for those that are not genuine and valid, which are not judged."""
    held = book()
    return [
        None
        if (certificate := _counting(one)) is None
        else judge(certificate, book=held, arrival=arrival, now=now, languages=languages)
        for one in verdicts
    ]


def decisions_together(
    travellers: Iterable[Sequence[Verdict]], *, arrival: Arrival, now: datetime, languages: Sequence[str]
) -> list[TravellerDecision]:
    """What the rules say of all certificates of each traveller together."""
    held = book()
    return [
        judge_traveller(
            [_counting(one) for one in verdicts], book=held, arrival=arrival, now=now, languages=languages
        )
        for verdicts in travellers
    ]


def _counting(verdict: Verdict) -> Certificate | None:
    return verdict.certificate if verdict.state is State.VALID else None
