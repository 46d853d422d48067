"""Who has been reached: those whose message a gateway took, and those with them who have no contact of their own."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from openconsular.alerts import arrays
from openconsular.alerts.claims import Claim, Taken, by_keys
from openconsular.citizens import queries as citizens

# Party by party, whatever the planner thinks of tables written a moment ago: OFFSET and LIMIT keep it from turning the
# question round, "+ 0" from finding deliveries by their warning, of which there may be a hundred thousand.
_WITHOUT_OWN = """
SELECT r.id, r.party
FROM unnest(%(parties)s::bigint[]) AS asked(party), LATERAL (
    SELECT id, party FROM alerts_recipient
    WHERE incident_id = %(incident)s AND party = asked.party AND reached_at IS NULL OFFSET 0
) r
WHERE (SELECT true FROM alerts_delivery d WHERE d.recipient_id = r.id AND d.warning_id + 0 = %(warning)s LIMIT 1) IS NULL
"""

# Locked in one order, as answers lock them, so that the two never wait for each other.
_REACHED = """
WITH rows AS (
    SELECT id FROM alerts_recipient WHERE id = ANY(%(ids)s::bigint[]) AND reached_at IS NULL ORDER BY id FOR NO KEY UPDATE
)
UPDATE alerts_recipient r
SET reached_at = %(now)s,
    state_at = CASE WHEN r.state = 'not_reached' THEN %(now)s ELSE r.state_at END,
    state = CASE WHEN r.state = 'not_reached' THEN 'reached' ELSE r.state END
FROM rows WHERE r.id = rows.id
"""
_REMINDED = """
WITH rows AS (SELECT id FROM alerts_recipient WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE)
UPDATE alerts_recipient r SET reminders = r.reminders + 1 FROM rows WHERE r.id = rows.id
"""


def mark_reached(claim: Claim, handed: Collection[Taken], *, is_reminder: bool, now: datetime) -> None:
    """Write into the ledger that messages were taken by the gateway, in the caller's transaction."""
    if not handed:
        return
    ids = {one.recipient_id for one in handed} | _companions(claim, handed)
    with by_keys() as cursor:
        cursor.execute(_REACHED, {"ids": arrays.ints(ids), "now": now})
        if is_reminder:
            cursor.execute(_REMINDED, {"ids": arrays.ints(ids)})


def _companions(claim: Claim, handed: Collection[Taken]) -> set[int]:
    """Rows without a message of their own whose lead's telephone or mailbox was written to."""
    values: dict[str, Any] = {
        "incident": claim.incident_id,
        "warning": claim.warning_id,
        "parties": arrays.ints({one.party for one in handed}),
    }
    with by_keys() as cursor:
        cursor.execute(_WITHOUT_OWN, values)
        rows = cursor.fetchall()
    if not rows:
        return set()
    of_leads = {one.contact_id for one in citizens.contacts_of({party for _, party in rows})}
    told = {one.party for one in handed if one.contact_id in of_leads}
    return {row for row, party in rows if party in told}
