"""Which countries ask arriving travellers for a certificate against yellow fever, and of whom.

Each country decides that for itself (International Health Regulations, annex 7) and tells the WHO; the list that comes with
the program, data/vaccination_demands.json, names its sources with their dates. It grows old: a ministry keeps what it
knows better in its profile. A country that is not on the list asks nobody, as far as the list knows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from openconsular.domain.health.rules.errors import MALFORMED, RuleError
from openconsular.domain.health.rules.outcome import Arrival
from openconsular.domain.health.trust.countries import same_country

_MONTHS_MOST = 1_500


class Asks(StrEnum):
    EVERYBODY = "everybody"
    FROM_RISK = "from-risk"
    NOBODY = "nobody"


class Asked(StrEnum):
    """Whether this traveller is asked; DEPENDS where something about the journey is not known."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Demand:
    """Ages are in months, the upper one excluded. `only_from` replaces WHO's list of countries at risk."""

    asks: Asks
    as_of: date
    source: str
    from_age_months: int = 0
    to_age_months: int = _MONTHS_MOST
    only_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Demands:
    """`whole` and `part` are the countries where yellow fever may be caught, everywhere or in some regions."""

    by_country: Mapping[str, Demand]
    whole: frozenset[str]
    part: frozenset[str]
    as_of: date
    review_after: timedelta

    def of(self, country: str) -> Demand | None:
        return self.by_country.get(same_country(country))

    def is_due(self, country: str, now: datetime) -> bool:
        """Whether what is known about the country is too old to rely on without a look at its own word."""
        demand = self.of(country)
        return now.date() - (demand.as_of if demand else self.as_of) > self.review_after


def asked(demands: Demands, arrival: Arrival, born_on: str) -> tuple[Asked, str]:
    """Whether somebody born on that day (ISO 8601, as precise as known) is asked for the certificate, and a code why."""
    demand = demands.of(arrival.country)
    if demand is None or demand.asks is Asks.NOBODY:
        return Asked.NO, "asked-of-nobody"
    age = _age_months(born_on, arrival.on)
    if age is not None and not demand.from_age_months <= age < demand.to_age_months:
        return Asked.NO, "asked-of-other-ages"
    if demand.asks is Asks.EVERYBODY:
        return Asked.YES, "asked-of-everybody"
    if not arrival.departed_from:
        return Asked.DEPENDS, "departure-unknown"
    start = same_country(arrival.departed_from)
    if start in (demand.only_from or demands.whole):
        return Asked.YES, "asked-from-there"
    if not demand.only_from and start in demands.part:
        return Asked.DEPENDS, "asked-from-parts"
    return Asked.NO, "not-asked-from-there"


def _age_months(born_on: str, on: date) -> int | None:
    try:
        born = date.fromisoformat(born_on)
    except ValueError:
        return None
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


@cache
def known_demands() -> Demands:
    """What this version was made with."""
    source = files("openconsular.domain.health").joinpath("data/vaccination_demands.json")
    told = json.loads(source.read_text(encoding="utf-8"))
    yellow, sources = told["yellow_fever"], told["sources"]
    return Demands(
        by_country={
            code: read_demand(
                {**row, "as_of": sources[row["source"]]["as_of"], "source": sources[row["source"]]["name"]}
            )
            for code, row in yellow["countries"].items()
        },
        whole=frozenset(yellow["at_risk"]["whole"]),
        part=frozenset(yellow["at_risk"]["part"]),
        as_of=date.fromisoformat(sources[yellow["at_risk"]["source"]]["as_of"]),
        review_after=timedelta(days=told["review_after_days"]),
    )


def read_demand(row: Mapping[str, Any]) -> Demand:
    """A country's line: "asks", "as_of", "source", and if need be "from_age_months", "to_age_months", "only_from".
    Raises RuleError naming what is wrong."""
    unknown = set(row) - {"asks", "as_of", "source", "from_age_months", "to_age_months", "only_from"}
    if unknown:
        raise RuleError(MALFORMED, f"A demand has no “{sorted(unknown)[0][:40]}”.")
    try:
        only_from = row.get("only_from", [])
        return Demand(
            asks=Asks(row["asks"]),
            as_of=row["as_of"] if type(row["as_of"]) is date else date.fromisoformat(row["as_of"]),
            source=str(row["source"]),
            from_age_months=int(row.get("from_age_months", 0)),
            to_age_months=int(row.get("to_age_months", _MONTHS_MOST)),
            only_from=frozenset(same_country(str(code)) for code in only_from),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise RuleError(
            MALFORMED, "A demand says who is asked, since when that is known and from where."
        ) from error


def with_changes(demands: Demands, changes: Mapping[str, Demand]) -> Demands:
    """The demands with those a ministry knows better."""
    known = {**demands.by_country, **{same_country(code): one for code, one in changes.items()}}
    return Demands(known, demands.whole, demands.part, demands.as_of, demands.review_after)


def as_instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
