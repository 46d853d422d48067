"""Writing the ledger in bulk: who is in an incident. People are added and updated, never removed."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from openconsular.alerts.audience import Member
from openconsular.alerts.models import Recipient
from openconsular.foundation.database import copy_rows, count_anew

_COLUMNS = ("person_id", "party", "mission_id", "country", "region", "language", "lat", "lon", "reason")
_TYPES = ("int8", "int8", "int8", "text", "text", "text", "float8", "float8", "text")

_STAGE = """
CREATE TEMP TABLE alerts_stage (
    person_id bigint PRIMARY KEY, party bigint, mission_id bigint, country text, region text, language text,
    lat double precision, lon double precision, reason text
) ON COMMIT DROP
"""
# One statement each, because an ORM round trip a person would take minutes where this takes seconds.
_MERGE = """
INSERT INTO alerts_recipient (incident_id, person_id, party, mission_id, country, region, language, lat, lon,
                              reason, is_in_area, state, state_at, reminders)
SELECT %(incident)s, s.person_id, s.party, s.mission_id, s.country, s.region, s.language, s.lat, s.lon,
       s.reason::jsonb, true, %(state)s, %(now)s, 0
FROM alerts_stage s
ON CONFLICT (incident_id, person_id) DO UPDATE SET
    party = excluded.party, mission_id = excluded.mission_id, country = excluded.country,
    region = excluded.region, language = excluded.language, lat = excluded.lat, lon = excluded.lon,
    reason = excluded.reason, is_in_area = true
"""
_LEFT = """
UPDATE alerts_recipient r SET is_in_area = false
WHERE r.incident_id = %(incident)s AND r.is_in_area
  AND NOT EXISTS (SELECT 1 FROM alerts_stage s WHERE s.person_id = r.person_id)
"""
# In the order in which answers lock them, so that the two never wait for each other.
_LOCK = "SELECT count(*) FROM (SELECT 1 FROM alerts_recipient WHERE incident_id = %(incident)s ORDER BY id FOR NO KEY UPDATE) r"


def write(*, incident_id: int, members: Iterable[Member], now: datetime) -> int:
    """Put `members` into the ledger of an incident, in the caller's transaction. Returns how many are in it now.

    Whoever was in the way before and is not any more stays, marked as outside the area.
    """
    values: dict[str, Any] = {"incident": incident_id, "state": Recipient.State.NOT_REACHED, "now": now}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS alerts_stage")
        cursor.execute(_STAGE)
        written = copy_rows("alerts_stage", _COLUMNS, map(_row, members), _TYPES)
        cursor.execute("ANALYZE alerts_stage")
        cursor.execute(_LOCK, values)
        cursor.execute(_MERGE, values)
        cursor.execute(_LEFT, values)
    count_anew("alerts_recipient", written)
    return Recipient.objects.filter(incident_id=incident_id, is_in_area=True).count()


def _row(member: Member) -> tuple[object, ...]:
    return (
        member.person_id,
        member.party,
        member.mission_id,
        member.country,
        member.region,
        member.language,
        member.lat,
        member.lon,
        json.dumps(member.reason, ensure_ascii=False),
    )
