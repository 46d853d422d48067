"""The rules held here as one book to judge by: stored lists, value sets, and what the profile knows of demands.

A book is made anew when a list was looked at, switched, or changed, and kept by the process meanwhile.
"""

import functools
import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from openconsular.domain.health.rules.demands import Demands, known_demands, read_demand, with_changes
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.ihr import ExitStates, known_exit_states
from openconsular.domain.health.rules.judge import RuleBook
from openconsular.domain.health.rules.read import read_rule
from openconsular.domain.health.rules.rule import Rule, RuleSet
from openconsular.domain.health.trust.countries import same_country
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates.models import CodeSet, EntryRule, RuleEdition, RuleSource

FILE = "vaccination_demands.toml"
_KEPT: dict[str, tuple[tuple[Any, ...], RuleBook]] = {}


class RulesRefused(InvalidInput):
    """This list of rules cannot be taken."""

    code = "rules-refused"


def book() -> RuleBook:
    """All rules of this environment that are in use, compiled."""
    environment = settings.CERTIFICATES
    state = (settings.PROFILE, *_state(environment))
    kept = _KEPT.get(environment)
    if kept is None or kept[0] != state:
        kept = (state, _load(environment))
        _KEPT[environment] = kept
    return kept[1]


def _state(environment: str) -> tuple[Any, ...]:
    editions = RuleEdition.objects.filter(source__environment=environment)
    looks = editions.aggregate(newest=Max("pk"), seen=Max("seen_at"), count=Count("pk"))
    enabled = RuleSource.objects.filter(environment=environment, is_enabled=True)
    return (*looks.values(), *enabled.order_by("pk").values_list("pk", flat=True))


def _load(environment: str) -> RuleBook:
    sources = list(RuleSource.objects.filter(environment=environment, is_enabled=True))
    rows = EntryRule.objects.filter(source__in=sources, withdrawn_at=None).order_by("pk")
    newest = newest_editions(sources)
    seen = [
        newest[one.pk].seen_at for one in sources if one.pk in newest and one.kind == RuleSource.Kind.RULES
    ]
    incomplete = {country for edition in newest.values() for country in edition.incomplete}
    demands, exit_states = demands_known()
    return RuleBook(
        rules=RuleSet(
            tuple(rule_of(body) for body in rows.values_list("body", flat=True)),
            as_of=min(seen, default=None),
            incomplete=frozenset(incomplete),
        ),
        value_sets=_value_sets(sources),
        exit_states=exit_states,
        demands=demands,
    )


def newest_editions(sources: Sequence[RuleSource]) -> dict[int, RuleEdition]:
    """The last look at each list, by the list's number."""
    newest = RuleEdition.objects.filter(source__in=sources).values("source").annotate(newest=Max("pk"))
    found = RuleEdition.objects.filter(pk__in=[one["newest"] for one in newest])
    return {one.source_id: one for one in found}


def rule_of(body: str) -> Rule:
    """A rule as it was stored."""
    return read_rule(json.loads(body))


def _value_sets(sources: list[RuleSource]) -> dict[str, list[str]]:
    """Of a set in several lists the newest edition."""
    rows = CodeSet.objects.filter(source__in=sources).order_by("edition_on", "pk")
    undated = [one for one in rows if one.edition_on is None]
    return {one.name: one.codes for one in (*undated, *(row for row in rows if row.edition_on))}


def demands_known() -> tuple[Demands, ExitStates]:
    """Who asks for yellow cards, and which States are left with a polio certificate: as the program came, and on top
    what the profile knows better (`profiles/<code>/vaccination_demands.toml`)."""
    return _of_profile(settings.PROFILE)


@functools.cache
def _of_profile(code: str) -> tuple[Demands, ExitStates]:
    demands, states = known_demands(), known_exit_states()
    path = profile.FOLDER / code / FILE
    if not path.exists():
        return demands, states
    told = tomllib.loads(path.read_text("utf-8"))
    try:
        changes = {country: read_demand(row) for country, row in told.get("yellow_fever", {}).items()}
        if "polio" in told:
            states = _exit_states(told["polio"])
    except RuleError as error:
        raise InvalidInput(f"{FILE}: {error.message}", code=error.code) from error
    return with_changes(demands, changes), states


def _exit_states(told: dict[str, Any]) -> ExitStates:
    try:
        as_of: date = told["as_of"]
        listed = ExitStates(
            frozenset(same_country(one) for one in told["states"]),
            _instant(as_of),
            source=str(told["source"]),
        )
        review_by = told.get("review_by", as_of + timedelta(days=90))
        encouraged = frozenset(same_country(one) for one in told.get("encouraged", []))
        return replace(listed, review_by=_instant(review_by), encouraged=encouraged)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(_("The list of States with polio needs as_of, source and states.")) from error


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
