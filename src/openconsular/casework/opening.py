"""Opening cases, one or thousands at a time: whoever presses "help" twice still has one case.

A city in trouble answers in thousands a minute. All of a batch goes in one transaction and a handful of
statements, whatever its size; the unique index `one_open_case_each` decides who is new, not a look beforehand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from openconsular.casework.models import Case, CaseEvent
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.permissions import Actor, Permission

# Person and hazard: what makes two cries for help the same case.
Key = tuple[int, int | None]

# Beyond this a batch is refused: the caller cuts it, so that no transaction grows without bound.
LARGEST_BATCH = 10_000


@dataclass(frozen=True)
class CaseRequest:
    """One cry for help. `hazard_id` and `mission_id` may be None; `people_count` includes the person."""

    person_id: int
    hazard_id: int | None
    mission_id: int | None
    summary: str = ""
    place: str = ""
    people_count: int = 1
    urgency: int = Case.Urgency.HIGH

    @property
    def key(self) -> Key:
        return self.person_id, self.hazard_id


# The ORM cannot ask PostgreSQL which rows of a conflicting insert were new.
_INSERT = """
INSERT INTO casework_case
    (number, person_id, hazard_id, mission_id, state, urgency, summary, place, people_count, opened_at, updated_at)
SELECT %s || '-' || lpad(n.text, greatest(6, length(n.text)), '0'),
       r.person_id, r.hazard_id, r.mission_id, 'open', r.urgency, r.summary, r.place, r.people_count, %s, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::smallint[])
     WITH ORDINALITY AS r (person_id, hazard_id, mission_id, urgency, summary, place, people_count, place_in_line),
     LATERAL (SELECT nextval('casework_case_number')::text AS text WHERE r.place_in_line > 0) AS n
ON CONFLICT (person_id, hazard_id) WHERE NOT (state = 'closed') DO NOTHING
RETURNING id, person_id, hazard_id
"""

# An urgent word makes a case more urgent, never less; a case that waited comes back to the queue.
_FRESHEN = """
UPDATE casework_case c
SET urgency = least(c.urgency, r.urgency),
    people_count = greatest(c.people_count, r.people_count),
    place = CASE WHEN r.place = '' THEN c.place ELSE r.place END,
    state = CASE WHEN c.state <> 'waiting' THEN c.state WHEN c.owner_id IS NULL THEN 'open' ELSE 'in_hand' END,
    updated_at = %s
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::smallint[]) AS r (id, urgency, place, people_count)
WHERE c.id = r.id
"""


@transaction.atomic
def open_cases(requests: Sequence[CaseRequest], *, by: Actor, now: datetime) -> list[Case]:
    """Open a case for each request, or add to the one already open; returns the case of each request, in order.

    A request for a person and hazard that has an open case adds an ANSWER to its timeline and makes it as
    urgent as the new words. `by` is the system, an officer who works cases (a mission officer: for the own
    mission), or a citizen for the own party. At most 10,000 requests at once. Raises NotAllowed, InvalidInput.
    """
    if not requests:
        return []
    _check(requests, by)
    first: dict[Key, CaseRequest] = {}
    for one in requests:
        first.setdefault(one.key, one)
    ids, opened = _insert_or_find(first, by, now)
    if by.role is None and not by.is_system:
        _require_own_party(set(ids.values()), by)
    unseen = set(opened)
    steps = [(one, _is_first(one.key, unseen)) for one in requests]
    again = [one for one, is_new in steps if not is_new]
    _freshen(again, ids, now)
    _write_timeline(steps, ids, by, now)
    cases = {one.pk: one for one in Case.objects.filter(pk__in=set(ids.values()))}
    detail = {
        "opened": sorted(cases[ids[key]].number for key in opened),
        "answered": sorted({cases[ids[one.key]].number for one in again}),
    }
    subject = f"case:{next(iter(cases.values())).number}" if len(cases) == 1 else "cases"
    audit.record(by=by, action="casework.open_cases", subject=subject, now=now, detail=detail)
    return [cases[ids[one.key]] for one in requests]


def open_case(
    *,
    person_id: int,
    hazard_id: int | None,
    mission_id: int | None,
    summary: str,
    place: str,
    people_count: int,
    urgency: int,
    by: Actor,
    now: datetime,
) -> Case:
    """`open_cases` for one person."""
    request = CaseRequest(person_id, hazard_id, mission_id, summary, place, people_count, urgency)
    return open_cases([request], by=by, now=now)[0]


@transaction.atomic
def note_answer(
    *, person_ids: Sequence[int], hazard_id: int | None, value: str, by: Actor, now: datetime
) -> int:
    """Put an answer other than "help" ("safe", "elsewhere", "withdrawn") on the open cases of these people.

    No case is closed by it: an officer reads it and decides. Returns how many cases there were; mostly none,
    which costs one query.
    """
    if not by.is_system and by.person_id is None:
        by.require(Permission.WORK_CASES)
    same = Q(hazard=None) if hazard_id is None else Q(hazard=hazard_id)
    open_ones = Case.objects.filter(same, person_id__in=person_ids).exclude(state=Case.State.CLOSED)
    cases = list(open_ones.select_for_update().order_by("pk"))
    if not cases:
        return 0
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case=one,
            at=now,
            by=by.label[:60],
            kind=CaseEvent.Kind.ANSWER,
            text=f"answer:{value}",
            is_coded=True,
        )
        for one in cases
    )
    Case.objects.filter(pk__in=[one.pk for one in cases]).update(updated_at=now)
    detail = {"value": value, "numbers": [one.number for one in cases]}
    audit.record(by=by, action="casework.note_answer", subject="cases", now=now, detail=detail)
    return len(cases)


def _check(requests: Sequence[CaseRequest], by: Actor) -> None:
    if len(requests) > LARGEST_BATCH:
        raise InvalidInput(_("Too many cases at once."))
    for one in requests:
        if one.urgency not in Case.Urgency.values or not 1 <= one.people_count <= 9999:
            raise InvalidInput(_("The urgency or the number of people cannot be used."))
    if by.is_system or (by.role is None and by.person_id is not None):
        return
    by.require(Permission.WORK_CASES)
    if not by.sees_every_mission and any(one.mission_id != by.mission_id for one in requests):
        raise NotAllowed


def _insert_or_find(
    first: dict[Key, CaseRequest], by: Actor, now: datetime
) -> tuple[dict[Key, int], set[Key]]:
    """The case id of every key, locked, and which of them are new."""
    # Sorted, so that two batches at once wait for each other in one direction only.
    missing = sorted(first, key=lambda key: (key[0], key[1] or 0))
    ids: dict[Key, int] = {}
    opened: set[Key] = set()
    # A case found may be closed by an officer before it is locked; then the next round opens a new one.
    for _round in range(5):
        fresh = _insert([first[key] for key in missing], now)
        ids |= fresh
        opened |= fresh.keys()
        missing = [key for key in missing if key not in ids]
        ids |= _lock_open(missing)
        missing = [key for key in missing if key not in ids]
        if not missing:
            return ids, opened
    raise Conflict(_("The cases are being changed by others. Try again."))


def _insert(requests: list[CaseRequest], now: datetime) -> dict[Key, int]:
    columns: list[list[Any]] = [
        [one.person_id for one in requests],
        [one.hazard_id for one in requests],
        [one.mission_id for one in requests],
        [int(one.urgency) for one in requests],
        [one.summary[:500] for one in requests],
        [one.place[:200] for one in requests],
        [one.people_count for one in requests],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [str(now.year), now, now, *columns])
        return {(person, hazard): pk for pk, person, hazard in cursor.fetchall()}


def _lock_open(keys: list[Key]) -> dict[Key, int]:
    if not keys:
        return {}
    wanted = set(keys)
    found = (
        Case.objects.exclude(state=Case.State.CLOSED)
        .filter(person_id__in={person for person, _hazard in keys})
        .select_for_update(of=("self",))
        .order_by("person_id", "hazard_id")
        .values_list("person_id", "hazard_id", "pk")
    )
    return {(person, hazard): pk for person, hazard, pk in found if (person, hazard) in wanted}


def _require_own_party(ids: set[int], by: Actor) -> None:
    me = by.person_id
    own = Q(person_id=me) | Q(person__lead_id=me) | Q(person__companions=me) | Q(person__lead__companions=me)
    if Case.objects.filter(own, pk__in=ids).distinct().count() != len(ids):
        raise NotAllowed


def _is_first(key: Key, unseen: set[Key]) -> bool:
    is_new = key in unseen
    unseen.discard(key)
    return is_new


def _freshen(requests: list[CaseRequest], ids: dict[Key, int], now: datetime) -> None:
    if not requests:
        return
    # One row a case: UPDATE ... FROM would take any one of several.
    merged: dict[int, tuple[int, str, int]] = {}
    for one in requests:
        urgency, place, people = merged.get(ids[one.key], (Case.Urgency.NORMAL, "", 1))
        merged[ids[one.key]] = (
            min(int(urgency), int(one.urgency)),
            one.place[:200] or place,
            max(people, one.people_count),
        )
    columns: list[list[Any]] = [list(merged), *map(list, zip(*merged.values(), strict=True))]
    with connection.cursor() as cursor:
        cursor.execute(_FRESHEN, [now, *columns])


def _write_timeline(
    steps: list[tuple[CaseRequest, bool]], ids: dict[Key, int], by: Actor, now: datetime
) -> None:
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case_id=ids[one.key],
            at=now,
            by=by.label[:60],
            kind=CaseEvent.Kind.OPENED if is_new else CaseEvent.Kind.ANSWER,
            text="\n".join(part for part in (one.summary, one.place) if part),
        )
        for one, is_new in steps
    )
