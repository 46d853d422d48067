"""A rule as States exchange it (EU DCC gateway, validation-rule.schema.json), and a set of them.

The names of the JSON members are those of the gateway: Identifier, Type, Country, Region, Version, SchemaVersion,
Engine, EngineVersion, CertificateType, Description, ValidFrom, ValidTo, AffectedFields, Logic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.rules.certlogic import Expression

Version = tuple[int, int, int]


class RuleType(StrEnum):
    """An acceptance rule is of the State one arrives in, an invalidation rule of the State that issued. What tells a
    holder that a further dose is due travels in the same lists and is not asked at any border.
    """

    ACCEPTANCE = "Acceptance"
    INVALIDATION = "Invalidation"
    BOOSTER = "BoosterNotification"


# Which entries a rule is about; None is every certificate.
CERTIFICATE_TYPES: Mapping[str, Kind | None] = {
    "General": None,
    "Vaccination": Kind.VACCINATION,
    "Test": Kind.TEST,
    "Recovery": Kind.RECOVERY,
}


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """`logic` is None where `fault` says what is wrong with it: such a rule is never met and never passed over.

    `descriptions` are by language tag as given. `valid_to` itself is no longer in force. `fields` are paths in the
    payload ("v.0.dn"). Two rules are the same only when they are one object.
    """

    identifier: str
    type: RuleType
    country: str
    version: Version
    schema_version: Version
    engine: str
    engine_version: Version
    kind: Kind | None
    valid_from: datetime
    valid_to: datetime
    descriptions: Mapping[str, str]
    fields: tuple[str, ...]
    region: str = ""
    logic: Expression | None = None
    fault: str = ""

    def is_in_force(self, at: datetime) -> bool:
        return self.valid_from <= at < self.valid_to


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules of any number of States, several versions of each. `as_of` is when the list was had, UTC.

    `incomplete` are the countries of which a rule was there and could not be read.
    """

    rules: tuple[Rule, ...]
    as_of: datetime | None = None
    incomplete: frozenset[str] = frozenset()
    _by_country: dict[tuple[RuleType, str], list[Rule]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._by_country.setdefault((rule.type, rule.country), []).append(rule)

    def of(self, type_: RuleType, country: str) -> tuple[Rule, ...]:
        """All versions of the rules of a country."""
        return tuple(self._by_country.get((type_, country), ()))

    def in_force(self, type_: RuleType, country: str, at: datetime, region: str = "") -> tuple[Rule, ...]:
        """Of each rule the highest version in force: those of the whole country, and those of the region."""
        newest: dict[tuple[str, str], Rule] = {}
        for rule in self.of(type_, country):
            if not rule.is_in_force(at) or rule.region not in ("", region.upper()):
                continue
            key = (rule.identifier, rule.region)
            if key not in newest or newest[key].version < rule.version:
                newest[key] = rule
        return tuple(newest[key] for key in sorted(newest))
