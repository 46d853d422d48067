"""What officers do with a case. Every step locks the case, goes on its timeline and into the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openconsular.accounts import queries as accounts
from openconsular.casework import queries
from openconsular.casework.forgetting import forget_people
from openconsular.casework.models import Case, CaseEvent
from openconsular.casework.opening import LARGEST_BATCH, CaseRequest, note_answer, open_case, open_cases
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import Actor, Permission

__all__ = [
    "LARGEST_BATCH",
    "Case",
    "CaseRequest",
    "Step",
    "add_note",
    "assign_mission",
    "close_case",
    "forget_people",
    "hand_over",
    "note_answer",
    "open_case",
    "open_cases",
    "reopen",
    "set_state",
    "set_urgency",
    "take_case",
    "undo",
]

LONGEST_NOTE = 4000
# What a step may change, and so what taking it back restores.
_UNDOABLE = ("state", "owner_id", "urgency", "mission_id", "closed_at")


@dataclass(frozen=True)
class Step:
    """A case after a step, and the step itself, by which it can be taken back."""

    case: Case
    event: CaseEvent


@transaction.atomic
def take_case(*, number: str, by: Actor, now: datetime) -> Step:
    """Become the owner of a case nobody has. Taking one's own again changes nothing but says so."""
    case = _lock(number, by)
    officer = accounts.officer_of(by)
    _require_open(case)
    if case.owner_id not in (None, officer.pk):
        raise Conflict(_("Somebody else has this case in hand. It can be handed over."))
    return _step(case, CaseEvent.Kind.TAKEN, by, now, owner_id=officer.pk, state=Case.State.IN_HAND)


@transaction.atomic
def hand_over(*, number: str, to_id: int, by: Actor, now: datetime) -> Step:
    """Give a case to another officer (or to oneself), who must be able to see it."""
    case = _lock(number, by)
    _require_open(case)
    officer = queries.possible_owners(case).filter(pk=to_id).first()
    if officer is None:
        raise InvalidInput(_("This officer cannot work on the case."), fields={"to": _("not possible")})
    text = _("Handed over to %(name)s.") % {"name": officer.display_name}
    return _step(
        case, CaseEvent.Kind.TAKEN, by, now, text, True, owner_id=officer.pk, state=Case.State.IN_HAND
    )


@transaction.atomic
def add_note(*, number: str, text: str, is_internal: bool = True, by: Actor, now: datetime) -> Step:
    """Write on the timeline. Unless `is_internal`, the person concerned reads it too."""
    case = _lock(number, by)
    kind = CaseEvent.Kind.NOTE if is_internal else CaseEvent.Kind.MESSAGE
    return _step(case, kind, by, now, _text(text), is_internal)


@transaction.atomic
def set_state(*, number: str, state: str, by: Actor, now: datetime) -> Step:
    """Move a case between open (back in the queue, no owner), in hand and waiting. Closing needs a reason: `close_case`."""
    case = _lock(number, by)
    _require_open(case)
    if state == Case.State.OPEN:
        return _step(case, CaseEvent.Kind.STATE, by, now, state=Case.State.OPEN, owner_id=None)
    if state not in (Case.State.IN_HAND, Case.State.WAITING):
        raise InvalidInput(
            _("A case cannot be brought into this state."), fields={"state": _("not possible")}
        )
    owner_id = case.owner_id or accounts.officer_of(by).pk
    return _step(case, CaseEvent.Kind.STATE, by, now, state=Case.State(state), owner_id=owner_id)


@transaction.atomic
def set_urgency(*, number: str, urgency: int, by: Actor, now: datetime) -> Step:
    case = _lock(number, by)
    _require_open(case)
    if urgency not in Case.Urgency.values:
        raise InvalidInput(_("There is no such urgency."), fields={"urgency": _("not possible")})
    text = _("Urgency: %(urgency)s") % {"urgency": Case.Urgency(urgency).label}
    return _step(case, CaseEvent.Kind.STATE, by, now, text, True, urgency=urgency)


@transaction.atomic
def assign_mission(*, number: str, mission_id: int | None, by: Actor, now: datetime) -> Step:
    """Give a case to a mission, or back to the ministry. Only who sees every mission can; the owner is let go."""
    case = _lock(number, by)
    _require_open(case)
    if not by.sees_every_mission:
        raise NotFound
    mission = None if mission_id is None else accounts.missions().filter(pk=mission_id).first()
    if mission_id is not None and mission is None:
        raise InvalidInput(_("There is no such mission."), fields={"mission": _("unknown")})
    text = str(mission) if mission else _("The ministry")
    fields: dict[str, Any] = {"mission_id": mission_id, "owner_id": None, "state": Case.State.OPEN}
    return _step(case, CaseEvent.Kind.STATE, by, now, text, True, **fields)


@transaction.atomic
def close_case(*, number: str, reason: str, by: Actor, now: datetime) -> Step:
    """Close a case; the reason is read by the person concerned too."""
    case = _lock(number, by)
    _require_open(case)
    return _step(case, CaseEvent.Kind.STATE, by, now, _text(reason), state=Case.State.CLOSED, closed_at=now)


@transaction.atomic
def reopen(*, number: str, by: Actor, now: datetime) -> Step:
    """Open a closed case again, for its owner or for the queue."""
    case = _lock(number, by)
    if case.state != Case.State.CLOSED:
        raise Conflict(_("This case is not closed."))
    state = Case.State.IN_HAND if case.owner_id else Case.State.OPEN
    return _step(case, CaseEvent.Kind.STATE, by, now, state=state, closed_at=None)


@transaction.atomic
def undo(*, number: str, event_id: int, by: Actor, now: datetime) -> Step:
    """Take back one's own last step on a case, within fifteen minutes. The step stays on the timeline, and so does this."""
    case = _lock(number, by)
    last = queries.undoable(case, by=by, now=now)
    if last is None or last.pk != event_id:
        raise Conflict(_("Only your own last step can be taken back, and only for fifteen minutes."))
    before = {name: last.before[name] for name in _UNDOABLE}
    if before["closed_at"] is not None:
        before["closed_at"] = datetime.fromisoformat(before["closed_at"])
    return _step(case, CaseEvent.Kind.UNDONE, by, now, "", last.is_internal, can_undo=False, **before)


# ------------------------------------------------------------------ the steps' common ground


def _lock(number: str, by: Actor) -> Case:
    by.require(Permission.WORK_CASES)
    case = queries.visible_to(by).select_for_update(of=("self",)).filter(number=number).first()
    if case is None:
        raise NotFound
    return case


def _require_open(case: Case) -> None:
    if case.state == Case.State.CLOSED:
        raise Conflict(_("This case is closed. Reopen it first."))


def _text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        reason = _("Write something, at most 4,000 characters.")
        raise InvalidInput(reason, fields={"text": reason})
    return text


def _step(
    case: Case,
    kind: CaseEvent.Kind,
    by: Actor,
    now: datetime,
    text: str = "",
    is_internal: bool = False,
    *,
    can_undo: bool = True,
    **fields: Any,
) -> Step:
    """Write what changes, the event and the audit entry. The case is locked."""
    before = {name: getattr(case, name) for name in _UNDOABLE} if can_undo and fields else {}
    if before.get("closed_at"):
        before["closed_at"] = before["closed_at"].isoformat()
    for name, value in fields.items():
        setattr(case, name, value)
    case.updated_at = now
    try:
        with transaction.atomic():
            case.save(update_fields=["updated_at", *(name.removesuffix("_id") for name in fields)])
    except IntegrityError as error:
        raise Conflict(_("The person has another open case for this emergency.")) from error
    coded = f"state:{fields['state']}" if "state" in fields else ""
    event = CaseEvent.objects.create(
        case=case,
        at=now,
        by=by.label[:60],
        kind=kind,
        text=text or coded,
        is_coded=bool(coded and not text),
        is_internal=is_internal,
        before=before,
    )
    detail = {"event": event.pk} | {k: v for k, v in fields.items() if k != "closed_at"}
    audit.record(by=by, action=f"casework.{kind}", subject=f"case:{case.number}", now=now, detail=detail)
    return Step(case, event)
