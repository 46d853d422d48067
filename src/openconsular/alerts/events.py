"""The incident's timeline: what happened, for the duty room's screen."""

from datetime import datetime
from typing import Any

from openconsular.alerts.models import Incident, TimelineEvent


def note(
    incident: Incident | int, kind: str, *, now: datetime, mission_id: int | None = None, **data: Any
) -> None:
    """Add one line to the timeline, in the caller's transaction."""
    pk = incident if isinstance(incident, int) else incident.pk
    TimelineEvent.objects.create(incident_id=pk, at=now, kind=kind, data=data, mission_id=mission_id)
