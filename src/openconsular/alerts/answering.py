"""What people answer, and what follows: the ledger, and a case for everyone who needs help.

An answer counts for the whole party unless its sender says otherwise. It is acknowledged only after its commit,
and "help" only together with a stored case. The same key is the same answer, however often it arrives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Subquery

from openconsular.alerts.events import note
from openconsular.alerts.models import Answer, Recipient
from openconsular.casework import actions as casework
from openconsular.citizens import queries as citizens
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import Actor
from openconsular.foundation.storable import storable

# As long as a mis-tap is noticed; afterwards people answer anew, which is always possible.
UNDO_WITHIN = timedelta(minutes=15)

# The columns of a row an answer reads or changes; what is left out is never loaded in a flood of answers.
_NEEDED = (
    "id",
    "incident_id",
    "person_id",
    "party",
    "mission_id",
    "reason",
    "state",
    "state_at",
    "answered_at",
)


@dataclass(frozen=True)
class Given:
    """One answer as it arrived. `key` makes a repetition the same answer; `place` and `note` are the sender's words."""

    recipient_id: int
    value: str
    via: str
    key: str
    for_party: bool = True
    note: str = ""
    place: str = ""


def record_answer(given: Given, *, by: Actor, now: datetime) -> Answer:
    """Store an answer with everything that follows from it. Returns the stored one when `key` was seen before."""
    if given.value not in Answer.Value.values:
        raise InvalidInput("Answer “safe”, “help” or “elsewhere”.")
    given = replace(
        given,
        key=storable(given.key)[:80],
        note=storable(given.note).strip(),
        place=storable(given.place).strip(),
    )
    with transaction.atomic():
        party = _lock_party(given.recipient_id)
        known = Answer.objects.filter(key=given.key).first()
        if known is not None:
            return known
        me = next(row for row in party if row.pk == given.recipient_id)
        concerned = _concerned(given, me, party)
        answer = _store(given, me, concerned, by=by, now=now)
        _set_state(concerned, given.value, now)
        audit.record(
            by=by,
            action=f"answer.{given.value}",
            subject=f"incident:{me.incident_id}",
            now=now,
            detail={"recipient": me.pk, "via": given.via, "people": len(concerned)},
        )
    return answer


def _lock_party(recipient_id: int) -> list[Recipient]:
    """The rows of those who travel together, locked in one order so that two answers cannot deadlock.

    With each its incident, as far as an answer needs it. NotFound where there is no such row.
    """
    mine = Recipient.objects.filter(pk=recipient_id)
    # NO KEY: a mass send that refers to these rows meanwhile need not wait for an answer, nor the answer for it.
    rows = Recipient.objects.select_for_update(no_key=True, of=("self",)).filter(
        incident_id=Subquery(mine.values("incident_id")), party=Subquery(mine.values("party"))
    )
    party = list(rows.select_related("incident").only(*_NEEDED, "incident__hazard_id").order_by("pk"))
    if not party:
        raise NotFound
    return party


def _concerned(given: Given, me: Recipient, party: Sequence[Recipient]) -> Sequence[Recipient]:
    """Whose answer this is. Nobody calls off the help that somebody else of the party asked for from their own phone."""
    if not given.for_party:
        return [me]
    if given.value == Answer.Value.HELP:
        return party
    asked = {row.pk for row in party if row.state == Recipient.State.HELP and row.pk != me.pk}
    if not asked:
        return party
    newest = Answer.objects.filter(recipient__in=asked, undone_at__isnull=True).order_by(
        "recipient", "-at", "-pk"
    )
    themselves = dict(newest.distinct("recipient").values_list("recipient_id", "value"))
    return [row for row in party if themselves.get(row.pk) != Answer.Value.HELP]


def _store(
    given: Given, me: Recipient, concerned: Sequence[Recipient], *, by: Actor, now: datetime
) -> Answer:
    case = None
    if given.value == Answer.Value.HELP:
        case = _open_case(given, me, len(concerned), by=by, now=now)
        note(
            me.incident_id,
            "help",
            now=now,
            mission_id=me.mission_id,
            case=case.number,
            place=given.place or me.reason.get("label", ""),
            people=len(concerned),
        )
    else:
        casework.note_answer(
            person_ids=[row.person_id for row in concerned],
            hazard_id=me.incident.hazard_id,
            value=given.value,
            by=by,
            now=now,
        )
    return Answer.objects.create(
        recipient=me,
        value=given.value,
        via=given.via,
        for_party=given.for_party,
        note=given.note[:500],
        key=given.key,
        at=now,
        by=by.label,
        before={str(row.pk): row.state for row in concerned},
        case_id=case.pk if case else None,
    )


def _open_case(given: Given, me: Recipient, people: int, *, by: Actor, now: datetime) -> casework.Case:
    # Where they are staying is a first guess; it must not overwrite what they said themselves before.
    asked_before = Answer.objects.filter(
        recipient__incident_id=me.incident_id, recipient__party=me.party, case__isnull=False
    )
    guess = "" if asked_before.exists() else str(me.reason.get("label", ""))
    return casework.open_case(
        person_id=me.person_id,
        hazard_id=me.incident.hazard_id,
        mission_id=me.mission_id,
        summary=given.note[:500],
        place=(given.place or guess)[:200],
        people_count=people,
        urgency=casework.Case.Urgency.HIGH,
        by=by,
        now=now,
    )


def _set_state(rows: Sequence[Recipient], value: str, now: datetime) -> None:
    Recipient.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=value, state_at=now, answered_at=now
    )


def ask_for_help(*, person_id: int, note: str, place: str, now: datetime) -> casework.Case:
    """A citizen needs help outside any known emergency: a case at once, at the mission where they are."""
    by = Actor(label=f"citizen:{person_id}", person_id=person_id)
    stays = list(citizens.stays_of_people([person_id], starts_at=now, ends_at=now + timedelta(minutes=1)))
    here = next((one for one in stays if one.kind == "position"), stays[0] if stays else None)
    return casework.open_case(
        person_id=person_id,
        hazard_id=None,
        mission_id=here.mission_id if here else None,
        summary=storable(note).strip(),
        place=storable(place).strip() or (here.label if here else ""),
        people_count=1 + citizens.companion_count(person_id),
        urgency=casework.Case.Urgency.HIGH,
        by=by,
        now=now,
    )


def undo_answer(*, answer_id: int, recipient_id: int, by: Actor, now: datetime) -> Answer:
    """Take an answer back within UNDO_WITHIN, unless a newer one stands. A case it opened stays, with a note in it."""
    with transaction.atomic():
        party = _lock_party(recipient_id)
        incident = party[0].incident
        latest = (
            Answer.objects.filter(recipient__in=party, undone_at__isnull=True).order_by("-at", "-pk").first()
        )
        if latest is None or latest.pk != answer_id or now - latest.at > UNDO_WITHIN:
            raise Conflict("This answer cannot be taken back any more. Simply answer again.", code="too-late")
        latest.undone_at = now
        latest.save(update_fields=["undone_at"])
        for row in party:
            if str(row.pk) in latest.before:
                row.state, row.state_at = latest.before[str(row.pk)], now
                row.answered_at = row.answered_at if row.state in Recipient.ANSWERED else None
        Recipient.objects.bulk_update(party, ["state", "state_at", "answered_at"])
        if latest.case_id:
            casework.note_answer(
                person_ids=[latest.recipient.person_id],
                hazard_id=incident.hazard_id,
                value="withdrawn",
                by=by,
                now=now,
            )
        audit.record(
            by=by,
            action="answer.undo",
            subject=f"incident:{incident.pk}",
            now=now,
            detail={"recipient": recipient_id},
        )
    return latest
