"""What is asked of rules, and what they answer: an arrival, a result for each rule, one decision."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from openconsular.domain.health.rules.rule import Rule

_LAST_MOMENT = time(23, 59, 59, tzinfo=UTC)


class Result(StrEnum):
    """OPEN is what cannot be told, UNRULED what no rule speaks about: neither lets anybody pass."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    UNRULED = "unruled"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where somebody arrives, and when: the day, and the instant (aware) where it is known.

    Without the instant, rules that count hours are judged from the first to the last moment of that day, UTC.
    `country` is alpha-2 or alpha-3; `region` as the country's rules name it. Where the journey began, and on which
    day, matters to rules under the International Health Regulations only.
    """

    country: str
    on: date
    region: str = ""
    at: datetime | None = None
    departed_from: str = ""
    departed_on: date | None = None

    def clocks(self, now: datetime) -> tuple[datetime, ...]:
        """The instants to judge at: the one of arrival, or the first and last that it may be."""
        if self.at is not None:
            return (self.at.astimezone(UTC),)
        first, last = datetime.combine(self.on, time(tzinfo=UTC)), datetime.combine(self.on, _LAST_MOMENT)
        here = now.astimezone(UTC)
        return (here, last) if first <= here <= last else (first, last)


@dataclass(frozen=True, slots=True)
class Shown:
    """A field a rule looks at and what the certificate says there; None where it says nothing."""

    path: str
    value: str | None


@dataclass(frozen=True, slots=True)
class RuleResult:
    """`reason` is a stable code, empty when passed; `explanation` the rule's own words in `language`, if it has any."""

    rule: Rule
    result: Result
    reason: str
    explanation: str
    language: str
    fields: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` says why when no rule does; `rules` are those that applied, the failed first; `notes` are stable codes of
    what to keep in mind, such as that a list is old.
    """

    result: Result
    rules: tuple[RuleResult, ...]
    reason: str = ""
    rules_as_of: datetime | None = None
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        return tuple(one for one in self.rules if one.result is Result.FAILED)
