"""`certificates rules`: lists of entry rules, the rules held, and whether a file can be used."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.listing import list_rules, list_value_sets, written_version
from openconsular.health_certificates.actions import rules as actions
from openconsular.health_certificates.management.steps.asking import Say, Steps, actor_of, add_by
from openconsular.health_certificates.models import RuleEdition, RuleSource
from openconsular.health_certificates.queries import rules


def add_parsers(steps: Steps) -> None:
    parser = steps.add_parser(
        "rules", help="entry rules: list, show, check, add, import, fetch, enable, disable"
    )
    of_rules = parser.add_subparsers(dest="rules_step", required=True)
    of_rules.add_parser("list", help="print every list with its age")
    show = of_rules.add_parser("show", help="print the rules held")
    show.add_argument("--country", default="")
    show.add_argument("--find", default="", help="part of a name or of the words of a rule")
    check = of_rules.add_parser("check", help="say what of a file could be used, and store nothing")
    check.add_argument("file", type=Path)
    check.add_argument("--kind", choices=RuleSource.Kind.values, default=RuleSource.Kind.RULES.value)
    add = of_rules.add_parser("add", help="name a list")
    add.add_argument("name")
    add.add_argument("--kind", choices=RuleSource.Kind.values, default=RuleSource.Kind.RULES.value)
    add.add_argument("--url", default="", help="the one https address it is fetched from")
    add.add_argument(
        "--signers", type=Path, help="PEM file of the certificates countries sign their rules with"
    )
    add.add_argument("--stale-after-hours", type=int, default=48)
    take = of_rules.add_parser("import", help="take a list from a file; the list is named if need be")
    take.add_argument("name")
    take.add_argument("file", type=Path)
    take.add_argument("--kind", choices=RuleSource.Kind.values, default=RuleSource.Kind.RULES.value)
    take.add_argument("--may-shrink", action="store_true", help="even when more than half of its rules go")
    for name in ("fetch", "enable", "disable"):
        of_rules.add_parser(name).add_argument("name")
    for one in of_rules.choices.values():
        add_by(one)


def run(options: dict[str, Any], say: Say, now: datetime) -> int:
    step = options["rules_step"]
    if step in ("list", "show", "check"):
        return {"list": _list, "show": _show, "check": _check}[step](options, say, now)
    name, by = options["name"], actor_of(options["by"])
    if step == "add":
        signers = _read(options["signers"]).decode("utf-8", "replace") if options["signers"] else ""
        chosen = {key: options[key] for key in ("kind", "url", "stale_after_hours")}
        actions.add_rule_source(name=name, signers=signers, **chosen, by=by, now=now)
        say(f"{name} is known.")
    elif step in ("enable", "disable"):
        actions.switch_rule_source(name=name, is_enabled=step == "enable", by=by, now=now)
        say(f"{name}: {step}d.")
    elif step == "fetch":
        _said(actions.fetch_rules(name=name, by=by, now=now), say)
    else:
        content, may_shrink = _read(options["file"]), options["may_shrink"]
        if name not in {one.source.name for one in rules.rule_lists(now=now)}:
            actions.add_rule_source(name=name, kind=options["kind"], by=by, now=now)
        _said(actions.import_rules(name=name, content=content, may_shrink=may_shrink, by=by, now=now), say)
    return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def _said(edition: RuleEdition, say: Say) -> None:
    say(
        f"{edition.source.name}: {edition.taken_count} held, {edition.added} new, {edition.withdrawn} withdrawn, "
        f"{edition.refused_count} refused"
    )
    for one in edition.refused:
        say(f"  refused {one['place']} {one['identifier']} {one['version']}: {one['code']}: {one['message']}")


def _list(options: dict[str, Any], say: Say, now: datetime) -> int:
    """1 when a list in use is stale, for whoever watches by machine."""
    found = rules.rule_lists(now=now)
    for one in found:
        age = (
            f"looked at {one.age.total_seconds() / 3600:.1f} h ago" if one.age is not None else "never taken"
        )
        stale = one.is_stale and one.source.is_enabled
        marks = [mark for mark, holds in (("STALE", stale), ("off", not one.source.is_enabled)) if holds]
        refused = one.edition.refused_count if one.edition else 0
        fault = f" last trouble: {one.source.fault}" if one.source.fault else ""
        counts = f"{one.count} held, {one.faulty} with a fault, {refused} refused"
        say(f"{one.source.name}: {one.source.kind}, {age}, {counts} {' '.join(marks)}{fault}".rstrip())
    return int(any(one.is_stale and one.source.is_enabled for one in found))


def _show(options: dict[str, Any], say: Say, now: datetime) -> int:
    for one in rules.rules(country=options["country"], text=options["find"]):
        window = f"{one.valid_from:%Y-%m-%d} to {one.valid_to:%Y-%m-%d}"
        region = f" {one.region}" if one.region else ""
        fault = f"  FAULT: {one.fault}" if one.fault else ""
        say(
            f"{one.country}{region}  {one.identifier} {one.version}  {one.type} {one.kind or 'general'}  {window}{fault}"
        )
    return 0


def _check(options: dict[str, Any], say: Say, now: datetime) -> int:
    """1 when anything of the file could not be used."""
    content = _read(options["file"])
    try:
        if options["kind"] == RuleSource.Kind.VALUE_SETS:
            sets = list_value_sets(content)
            usable, refused, faults = [one.name for one in sets.sets], sets.refused, []
        else:
            found = list_rules(content)
            usable, refused = [_named(one.rule) for one in found.rules], found.refused
            faults = [f"{_named(one.rule)}: {one.rule.fault}" for one in found.rules if one.rule.fault]
    except RuleError as error:
        say(f"no list: {error.code}: {error.message}")
        return 1
    for fault in faults:
        say(f"open wherever it applies: {fault}")
    for one in refused:
        say(f"refused {one.place} {one.identifier} {one.version}: {one.code}: {one.message}")
    say(f"{len(usable)} usable, {len(faults)} of them with a fault, {len(refused)} refused")
    return int(bool(refused or faults))


def _named(rule: Any) -> str:
    return f"{rule.country} {rule.identifier} {written_version(rule)}"
