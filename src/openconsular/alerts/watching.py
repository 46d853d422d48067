"""Time passing in an incident: who is silent, what is over, when it may be closed."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from openconsular.alerts.events import note
from openconsular.alerts.models import Delivery, Incident, Recipient, Shard, Warning
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import Actor, Permission

# Answers arrive within minutes or hardly at all; after this someone starts looking.
SILENT_AFTER = timedelta(minutes=30)


# One statement, so that an answer arriving in the same moment is not overwritten.
_SILENT = """
WITH rows AS (
    SELECT r.id FROM alerts_recipient r JOIN alerts_incident i ON i.id = r.incident_id
    WHERE i.closed_at IS NULL AND r.state = 'reached' AND r.reached_at <= %(before)s
    ORDER BY r.id FOR NO KEY UPDATE OF r
)
UPDATE alerts_recipient r SET state = 'silent', state_at = %(now)s
FROM rows WHERE r.id = rows.id AND r.state = 'reached'
RETURNING r.incident_id
"""


def mark_silent(*, now: datetime, silent_after: timedelta = SILENT_AFTER) -> int:
    """Those reached who have not answered for `silent_after` are silent: from now on someone looks for them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SILENT, {"now": now, "before": now - silent_after})
        counts = Counter(incident for (incident,) in cursor.fetchall())
        for incident, count in counts.items():
            note(incident, "silent", now=now, people=count)
    return counts.total()


def finish_warnings(*, now: datetime) -> int:
    """Warnings of which every shard is done are sent. Returns how many were finished."""
    working = Shard.objects.filter(warning=OuterRef("pk")).exclude(state=Shard.State.DONE)
    finished = 0
    for warning in Warning.objects.filter(~Exists(working), state=Warning.State.SENDING):
        finished += finish_if_done(warning.pk, now=now)
    return finished


def finish_if_done(warning_id: int, *, now: datetime) -> bool:
    """Mark a warning as sent when its last shard is done. True where this call did it."""
    with transaction.atomic():
        if Shard.objects.filter(warning_id=warning_id).exclude(state=Shard.State.DONE).exists():
            return False
        changed = Warning.objects.filter(pk=warning_id, state=Warning.State.SENDING).update(
            state=Warning.State.SENT, finished_at=now
        )
        if not changed:
            return False
        warning = Warning.objects.get(pk=warning_id)
        handed = warning.deliveries.filter(handed_at__isnull=False).count()
        refused = warning.deliveries.filter(state=Delivery.State.REFUSED).count()
        note(warning.incident_id, "sent", now=now, warning=warning.kind, handed=handed, refused=refused)
    return True


def close_incident(*, incident_id: int, by: Actor, now: datetime) -> Incident:
    """Close an incident in which nobody is unaccounted for; otherwise Conflict says how many are."""
    by.require(Permission.SEND_WARNINGS)
    with transaction.atomic():
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        open_rows = incident.recipients.exclude(state__in=Recipient.ANSWERED).count()
        if open_rows:
            raise Conflict(f"{open_rows} people are not accounted for yet.", code="not-accounted-for")
        incident.closed_at = now
        incident.save(update_fields=["closed_at"])
        note(incident, "closed", now=now)
        audit.record(by=by, action="incident.close", subject=f"incident:{incident.pk}", now=now)
    return incident
