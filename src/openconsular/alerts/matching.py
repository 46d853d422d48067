"""Keeping incidents in step with hazards: every version is matched once, and active ones again for newcomers."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from openconsular.alerts import proposing
from openconsular.alerts.events import note
from openconsular.alerts.models import Incident, Matched, Warning
from openconsular.citizens import queries as citizens
from openconsular.domain.geo import Area
from openconsular.foundation.permissions import Actor
from openconsular.hazards import queries as hazards

log = logging.getLogger(__name__)

# People register all the time, most of all when something happens; matching one hazard costs milliseconds.
AGAIN_AFTER = timedelta(minutes=5)
# Longer than any outage we mean to come back from by ourselves.
LOOK_BACK = timedelta(days=7)
LOOK_AHEAD = timedelta(days=3)
NEAR_M = 500_000


def match(*, hazard_id: int, by: Actor, now: datetime) -> Warning | None:
    """Propose what a hazard asks for and remember the version that was matched."""
    with transaction.atomic():
        version = hazards.lock(hazard_id).version
        try:
            with transaction.atomic():
                warning = proposing.propose(hazard_id=hazard_id, by=by, now=now)
        except proposing.NoArea as error:
            warning = None
            log.warning("hazard %s: %s", hazard_id, error.message)
            for incident in Incident.objects.filter(hazard_id=hazard_id):
                note(incident, "no_area", now=now)
        Matched.objects.update_or_create(
            hazard_id=hazard_id, defaults={"version": version, "matched_at": now}
        )
    return warning


def match_changed(hazard_ids: list[int], *, by: Actor, now: datetime) -> int:
    """Match these hazards now, one by one. Returns how many warnings were proposed."""
    return sum(match(hazard_id=hazard_id, by=by, now=now) is not None for hazard_id in hazard_ids)


def match_person(person_id: int, *, by: Actor, now: datetime) -> int:
    """Match the active hazards in whose way one person is, so that whoever just told us where they are is counted.

    Returns how many hazards that were.
    """
    stays = list(citizens.stays_of_people([person_id], starts_at=now, ends_at=now + LOOK_AHEAD))
    lats, lons = [one.lat for one in stays], [one.lon for one in stays]
    concerned = 0
    for hazard_id, content in hazards.active(now).values_list("pk", "area") if stays else ():
        # Far too wide on purpose: matching decides exactly, this only saves it for hazards that are nowhere near.
        if Area.from_bytes(bytes(content)).within_reach(lats, lons, [NEAR_M] * len(stays)).any():
            match(hazard_id=hazard_id, by=by, now=now)
            concerned += 1
    return concerned


def match_due(*, by: Actor, now: datetime) -> int:
    """Match what changed since it was matched, and active hazards whose last matching is old. Returns how many."""
    due = 0
    known = dict(Matched.objects.filter(matched_at__gte=now - LOOK_BACK).values_list("hazard_id", "version"))
    for hazard_id, version in hazards.versions(changed_since=now - LOOK_BACK):
        if known.get(hazard_id) != version:
            match(hazard_id=hazard_id, by=by, now=now)
            due += 1
    fresh = set(Matched.objects.filter(matched_at__gt=now - AGAIN_AFTER).values_list("hazard_id", flat=True))
    for hazard_id in hazards.active_ids(now):
        if hazard_id not in fresh:
            match(hazard_id=hazard_id, by=by, now=now)
            due += 1
    return due
