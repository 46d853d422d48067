"""What becomes of the entries of a list: new rules are added, vanished ones withdrawn, older ones refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from openconsular.domain.health.rules.errors import NAME_TOO_LONG, OLDER, SAME_VERSION, SET_OLDER
from openconsular.domain.health.rules.listing import (
    Listed,
    Refusal,
    RuleList,
    ValueSet,
    ValueSetList,
    canonical,
    written_version,
)
from openconsular.domain.health.rules.read import as_version
from openconsular.domain.health.rules.rule import Rule, Version
from openconsular.health_certificates.entry_rules import RulesRefused
from openconsular.health_certificates.models import CodeSet, EntryRule, RuleSource

# What stays out although it could be read leaves the country's rules whole: the one held stays in force.
_HELD_ANYWAY = frozenset({OLDER, SAME_VERSION})
Name = tuple[str, str, str]


@dataclass
class Taken:
    """What a look at a list came to. `incomplete` are countries of which a rule could not be read."""

    count: int = 0
    added: int = 0
    withdrawn: int = 0
    is_signed: bool = False
    refused: list[Refusal] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)

    @property
    def changes(self) -> bool:
        return bool(self.added or self.withdrawn)


def take_rules(source: RuleSource, listed: RuleList, now: datetime, *, may_shrink: bool) -> Taken:
    """Store what is new of the list. The source is locked by the caller."""
    if not listed.rules:
        raise RulesRefused(_("There is no rule in this list that can be used."), code="rules-empty")
    rows = {_key_of(row): row for row in EntryRule.objects.filter(source=source)}
    newest = _newest(rows.values())
    taken = Taken(refused=list(listed.refused), is_signed=all(one.is_signed for one in listed.rules))
    seen: set[tuple[str, ...]] = set()
    is_rolled_back = _is_rolled_back(listed, newest)
    for place, one in enumerate(listed.rules, start=1):
        code = _fault_of(one, rows, newest)
        if code:
            taken.refused.append(_refusal(place, one.rule, code))
        elif _store(source, one, rows, now):
            taken.added += 1
        seen.add(_key(one.rule))
    gone = [row for key, row in rows.items() if row.withdrawn_at is None and key not in seen and row.pk]
    held = sum(row.withdrawn_at is None for row in rows.values())
    if gone and not is_rolled_back:
        if len(gone) * 2 > held and not may_shrink:
            raise RulesRefused(
                _("More than half of the rules held would go. Somebody has to look at it."),
                code="rules-shrunk",
            )
        taken.withdrawn = len(gone)
        EntryRule.objects.filter(pk__in=[row.pk for row in gone]).update(withdrawn_at=now)
    taken.count = EntryRule.objects.filter(source=source, withdrawn_at=None).count()
    taken.incomplete = _incomplete(taken.refused, {one.rule.country for one in listed.rules})
    return taken


def _incomplete(refused: Iterable[Refusal], countries: set[str]) -> set[str]:
    """Countries of which a rule could not be read; one without a country may be any of the list's."""
    found: set[str] = set()
    for one in refused:
        if one.code not in _HELD_ANYWAY:
            found |= {one.country} if one.country else countries
    return found


def _name(rule: Rule) -> Name:
    return (rule.country, rule.region, rule.identifier)


def _key(rule: Rule) -> tuple[str, ...]:
    return (*_name(rule), written_version(rule))


def _key_of(row: EntryRule) -> tuple[str, ...]:
    return (row.country, row.region, row.identifier, row.version)


def _newest(rows: Iterable[EntryRule]) -> dict[Name, Version]:
    """The highest version of each rule that was ever held."""
    found: dict[Name, Version] = {}
    for row in rows:
        name, version = (row.country, row.region, row.identifier), as_version(row.version)
        if version is not None:
            found[name] = max(version, found.get(name, version))
    return found


def _is_rolled_back(listed: RuleList, newest: dict[Name, Version]) -> bool:
    """Whether the list knows of a rule no version as new as one we have had: then it is an old list."""
    best: dict[Name, Version] = {}
    for one in listed.rules:
        name = _name(one.rule)
        best[name] = max(one.rule.version, best.get(name, one.rule.version))
    return any(version < newest.get(name, version) for name, version in best.items())


def _fault_of(one: Listed, rows: dict[tuple[str, ...], EntryRule], newest: dict[Name, Version]) -> str:
    rule = one.rule
    if len(rule.identifier) > 80 or len(rule.region) > 60 or len(rule.country) > 8:
        return NAME_TOO_LONG
    row = rows.get(_key(rule))
    if row is not None and row.body != canonical(one.source):
        return SAME_VERSION
    is_held = row is not None and row.withdrawn_at is None
    return OLDER if not is_held and rule.version < newest.get(_name(rule), rule.version) else ""


def _store(source: RuleSource, one: Listed, rows: dict[tuple[str, ...], EntryRule], now: datetime) -> bool:
    """Whether the rule is new here, or back again."""
    rule, row = one.rule, rows.get(_key(one.rule))
    if row is not None:
        if row.withdrawn_at is None:
            return False
        EntryRule.objects.filter(pk=row.pk).update(withdrawn_at=None)
        row.withdrawn_at = None
        return True
    rows[_key(rule)] = EntryRule.objects.create(
        source=source,
        identifier=rule.identifier,
        country=rule.country,
        region=rule.region,
        version=written_version(rule),
        type=rule.type.value,
        kind=rule.kind.value if rule.kind else "",
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
        body=canonical(one.source),
        fault=rule.fault[:300],
        taken_at=now,
    )
    return True


_WORDS = {
    OLDER: "A newer version of this rule was held before.",
    SAME_VERSION: "The rule says something else than before under the same version.",
    NAME_TOO_LONG: "The name, country or region of the rule is too long.",
}


def _refusal(place: int, rule: Rule, code: str) -> Refusal:
    return Refusal(place, rule.identifier[:80], rule.country[:8], written_version(rule), code, _WORDS[code])


def take_value_sets(source: RuleSource, listed: ValueSetList, now: datetime) -> Taken:
    """Keep the newest edition of each set. A set that is not in the list stays: rules may still ask for it."""
    if not listed.sets:
        raise RulesRefused(_("There is no value set in this list that can be used."), code="rules-empty")
    rows = {row.name: row for row in CodeSet.objects.filter(source=source)}
    taken = Taken(refused=list(listed.refused))
    for place, one in enumerate(listed.sets, start=1):
        row = rows.get(one.name)
        edition_on = date.fromisoformat(one.on) if one.on else None
        if len(one.name) > 120:
            taken.refused.append(Refusal(place, one.name[:80], "", "", NAME_TOO_LONG, _WORDS[NAME_TOO_LONG]))
        elif row is not None and row.edition_on and (edition_on is None or edition_on < row.edition_on):
            message = "A newer edition of this value set is held."
            taken.refused.append(Refusal(place, one.name, "", one.on, SET_OLDER, message))
        elif row is None or row.edition_on != edition_on or row.codes != list(one.codes):
            taken.added += 1
            _keep(source, one, edition_on, now)
    taken.count = CodeSet.objects.filter(source=source).count()
    return taken


def _keep(source: RuleSource, one: ValueSet, edition_on: date | None, now: datetime) -> None:
    facts = {"edition_on": edition_on, "codes": list(one.codes), "taken_at": now}
    CodeSet.objects.update_or_create(source=source, name=one.name, defaults=facts)
