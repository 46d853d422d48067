"""Keeping incidents in step with hazards: every version is matched once, and active ones again for newcomers."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from openconsular.alerts import proposing
from openconsular.alerts.events import note
from openconsular.alerts.models import Incident, Matched, Warning
from openconsular.foundation.permissions import Actor
from openconsular.hazards import queries as hazards

log = logging.getLogger(__name__)

# People register all the time, most of all when something happens; matching one hazard costs milliseconds.
AGAIN_AFTER = timedelta(minutes=5)
# Longer than any outage we mean to come back from by ourselves.
LOOK_BACK = timedelta(days=7)


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
