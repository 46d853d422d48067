"""`certificates verify`, `revoke`, `publish`, `reconcile`."""

import json
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from openconsular.domain.health.verdict import Verdict
from openconsular.health_certificates import publishing, reconciling
from openconsular.health_certificates.actions import revocations
from openconsular.health_certificates.api.verify import verdict_json
from openconsular.health_certificates.management.steps import judging
from openconsular.health_certificates.management.steps.asking import Say, Steps, actor_of, add_by
from openconsular.health_certificates.models import Revocation
from openconsular.health_certificates.presented_files import Found, codes_in, codes_in_text
from openconsular.health_certificates.queries.trust import verify_all

_AT_ONCE = 1000


def add_parsers(steps: Steps) -> None:
    verify = steps.add_parser(
        "verify", help="verify texts, pictures, PDFs or folders of them; - is standard input"
    )
    verify.add_argument("path", nargs="+")
    verify.add_argument("--json", action="store_true", help="one JSON object a line")
    verify.add_argument("--names", action="store_true", help="with name and year of birth")
    verify.add_argument(
        "--at", default="", help="verify as at this instant (ISO 8601 with zone), also of arrival"
    )
    judging.add_arguments(verify)
    revoke = steps.add_parser("revoke", help="revoke certificates, or agree to a proposal with --confirm")
    revoke.add_argument("identifier", nargs="*")
    revoke.add_argument("--reason", choices=Revocation.Reason.values, default="error")
    revoke.add_argument("--note", default="")
    revoke.add_argument("--confirm", type=UUID, help="number of a proposal")
    revoke.add_argument("--size", type=int, default=0, help="how many certificates it is about, read back")
    add_by(revoke)
    steps.add_parser("publish", help="publish the revocation list now")
    steps.add_parser("reconcile", help="check that register, audit trail, keys and approvals agree")


def run_verify(options: dict[str, Any], say: Say, now: datetime) -> int:
    """0 when every code is valid, and where an arrival is asked about, meets the rules: each, or all --together."""
    at = _instant(options["at"]) if options["at"] else now
    asked = judging.asked_of(options, at)
    found = (one for path in options["path"] for one in _codes(path))
    count = valid = met = 0
    shown: list[Verdict] = []
    while portion := list(islice(found, _AT_ONCE)):
        verdicts = verify_all([one.text for one in portion if not one.fault], now=at)
        entries = iter(judging.entries(asked, verdicts, at))
        by_code = iter(verdicts)
        for one in portion:
            told = _told(one, None if one.fault else next(by_code), options["names"])
            entry = None if one.fault else next(entries)
            told |= judging.told(asked, entry, with_values=options["names"])
            say(json.dumps(told, ensure_ascii=False) if options["json"] else _line(told))
            count, valid, met = count + 1, valid + bool(told["isValid"]), met + judging.is_met(entry)
        shown += verdicts if asked and asked.is_together else []
    if not options["json"]:
        say(f"{valid} of {count} valid" + (f", {met} meet the rules" if asked else ""))
    if asked is None:
        return int(valid < count or not count)
    return int(
        not judging.say_together(asked, shown, say, at, options)
        if asked.is_together
        else met < count or not count
    )


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is no instant as 2026-05-17T14:30:00+08:00.") from error
    if at.tzinfo is None:
        raise CommandError(f"“{text}” has no zone; write it as 2026-05-17T14:30:00+08:00.")
    return at


def _codes(path: str) -> Any:
    return codes_in_text("-", sys.stdin.read()) if path == "-" else codes_in(Path(path))


def _told(one: Found, verdict: Any, with_names: bool) -> dict[str, Any]:
    if verdict is None:
        return {
            "source": one.source,
            "state": "broken",
            "isValid": False,
            "reason": one.fault,
            "layer": "picture",
        }
    return {"source": one.source, **verdict_json(verdict, is_personal=with_names)}


def _line(told: dict[str, Any]) -> str:
    words = [told["source"], told["state"], told["reason"], told.get("name", ""), told.get("birthYear", "")]
    lines = ["  ".join(word for word in words if word), *judging.lines(told.get("entry"))]
    return "\n".join(lines)


def run_revoke(options: dict[str, Any], say: Say, now: datetime) -> int:
    by = actor_of(options["by"])
    if options["confirm"]:
        done = revocations.confirm_revocation(
            public_id=options["confirm"], confirmed_size=options["size"], by=by, now=now
        )
    else:
        done = revocations.revoke(
            identifiers=options["identifier"], reason=options["reason"], note=options["note"], by=by, now=now
        )
    state = "revoked" if done.effective_at else f"wait for a second person (--confirm {done.public_id})"
    say(f"{done.size} certificate(s): {state}")
    return 0


def run_publish(options: dict[str, Any], say: Say, now: datetime) -> int:
    edition = publishing.publish_revocations(now=now)
    say(f"version {edition.version}, {edition.entries} entries" if edition else "nothing new")
    return 0


def run_reconcile(options: dict[str, Any], say: Say, now: datetime) -> int:
    found = reconciling.reconcile()
    say(f"{found.issued} certificates, {found.audited} audit entries, {found.opened} records opened")
    for problem in found.problems:
        say(f"PROBLEM: {problem}")
    say("everything agrees" if found.agrees else "it does not agree")
    return int(not found.agrees)
