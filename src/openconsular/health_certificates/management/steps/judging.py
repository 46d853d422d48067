"""`certificates verify --arriving`: what the entry rules of a country say, code by code and of a traveller together."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from openconsular.domain.health.rules.outcome import Arrival, Decision, Result
from openconsular.domain.health.verdict import Verdict
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates.api.judging import arrival_of, decision_json, traveller_json
from openconsular.health_certificates.management.steps.asking import Say
from openconsular.health_certificates.queries import rules


@dataclass(frozen=True)
class Asked:
    """The arrival that is asked about, and in which languages rules explain themselves."""

    arrival: Arrival
    languages: tuple[str, ...]
    is_together: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--arriving", default="", metavar="CC", help="judge by the entry rules of this country"
    )
    parser.add_argument("--region", default="", help="and of this region of it")
    parser.add_argument("--departing", default="", metavar="CC", help="the country where the journey began")
    parser.add_argument(
        "--departed-on", default="", metavar="DAY", help="the day of leaving it, as 2026-05-17"
    )
    parser.add_argument("--language", action="append", help="language of explanations; may be given again")
    parser.add_argument(
        "--together", action="store_true", help="all codes are of one traveller: any one that suffices counts"
    )


def asked_of(options: dict[str, Any], at: datetime) -> Asked | None:
    """None when no arrival is asked about."""
    others = [name for name in ("region", "departing", "departed_on", "together") if options[name]]
    if not options["arriving"]:
        if others:
            raise CommandError(f"--{others[0].replace('_', '-')} goes with --arriving.")
        return None
    told = {
        "country": options["arriving"],
        "at": at.isoformat(),
        "region": options["region"],
        "departedFrom": options["departing"],
        "departedOn": options["departed_on"],
    }
    try:
        arrival = arrival_of({name: text for name, text in told.items() if text}, at)
    except InvalidInput as error:
        raise CommandError(error.message) from error
    return Asked(arrival, tuple(options["language"] or ["en"]), options["together"])


def entries(asked: Asked | None, verdicts: Sequence[Verdict], now: datetime) -> list[Decision | None]:
    if asked is None:
        return [None] * len(verdicts)
    return rules.decisions(verdicts, arrival=asked.arrival, now=now, languages=asked.languages)


def told(asked: Asked | None, entry: Decision | None, *, with_values: bool) -> dict[str, Any]:
    """The member "entry" of a line, where an arrival is asked about."""
    if asked is None:
        return {}
    return {"entry": decision_json(entry, asked.languages, is_personal=with_values)}


def is_met(entry: Decision | None) -> bool:
    return entry is not None and entry.result is Result.PASSED


def lines(entry: dict[str, Any] | None) -> Iterator[str]:
    """The outcome for a reader: the whole, and each rule that is not met."""
    if entry is None:
        return
    yield f"  entry rules: {entry['result']}  {entry['explanation']}"
    for rule in entry["rules"]:
        if rule["result"] != Result.PASSED:
            yield f"    {rule['result']}  {rule['identifier']} {rule['version']}  {rule['explanation']}"
    for note in entry["notes"]:
        yield f"    note: {note}"


def say_together(
    asked: Asked, verdicts: Sequence[Verdict], say: Say, now: datetime, options: dict[str, Any]
) -> bool:
    """Whether the traveller meets what is known to be asked; said need by need."""
    (found,) = rules.decisions_together([verdicts], arrival=asked.arrival, now=now, languages=asked.languages)
    answer = traveller_json(found, list(range(len(verdicts))), asked.languages)
    if options["json"]:
        say(json.dumps({"traveller": answer}, ensure_ascii=False))
        return found.result is Result.PASSED
    say(f"together: {answer['result']}  {answer['explanation']}")
    for need in answer["needs"]:
        met_by = "" if need["metBy"] is None else f"  met by code {need['metBy'] + 1}"
        say(f"  {need['name']}: asked: {need['asked']} ({need['why']})  {need['result']}{met_by}")
    return found.result is Result.PASSED
