"""What the profile says about health certificates (`profiles/<code>/health.toml`): whose they are, for how long, how many."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from openconsular.foundation import profile
from openconsular.health_certificates.models import Environment


@dataclass(frozen=True)
class Rules:
    """`an_hour_*` are the most certificates of one recorder or mission in an hour before signing is held."""

    country: str
    issuer: str
    smart_issuer: str
    valid_for: Mapping[str, timedelta]
    an_hour_recorder: int
    an_hour_mission: int
    keep_delivered: timedelta | None
    keep_undelivered: timedelta | None
    keep_refused: timedelta | None
    claim_lives: timedelta


def current() -> Rules:
    return _load(settings.PROFILE)


def is_for_tests() -> bool:
    """Whether this installation only tries things out, so that an invented country may issue."""
    return bool(settings.CERTIFICATES == Environment.TEST)


@functools.cache
def _load(code: str) -> Rules:
    facts = profile.load(code)
    path = profile.FOLDER / code / "health.toml"
    raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    valid = {"eu-dcc": 365, "icvp": 730, "smart-health-card": 730} | raw.get("valid_days", {})
    an_hour = {"recorder": 60, "mission": 400} | raw.get("an_hour", {})
    keep = {"delivered": 90, "undelivered": 365, "refused": 30} | raw.get("keep_days", {})
    return Rules(
        country=facts.country,
        issuer=raw.get("issuer") or facts.names.get("en") or next(iter(facts.names.values())),
        smart_issuer=raw.get("smart_issuer", settings.PUBLIC_URL),
        valid_for={name: timedelta(days=days) for name, days in valid.items()},
        an_hour_recorder=an_hour["recorder"],
        an_hour_mission=an_hour["mission"],
        keep_delivered=_days(keep["delivered"]),
        keep_undelivered=_days(keep["undelivered"]),
        keep_refused=_days(keep["refused"]),
        claim_lives=timedelta(days=raw.get("claim", {}).get("days", 14)),
    )


def _days(number: int) -> timedelta | None:
    return timedelta(days=number) if number else None
