"""Reading cases: who may see which, the list with its filters, and a person's view of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import queries as accounts
from openconsular.accounts.queries import Officer
from openconsular.casework.models import Case as Case
from openconsular.casework.models import CaseEvent as CaseEvent
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission, Role

# What the program itself writes on a timeline is stored as a code and read in the reader's language.
_CODED = {f"state:{state}": label for state, label in Case.State.choices} | {
    "answer:safe": _("Answered: I am safe."),
    "answer:elsewhere": _("Answered: I am elsewhere."),
    "answer:withdrawn": _("The call for help was withdrawn."),
}


def visible_to(actor: Actor) -> QuerySet[Case]:
    """A mission officer sees the own mission's cases, the duty room all of them, the auditor none."""
    cases = Case.objects.select_related("person", "owner", "mission", "hazard")
    if not actor.can(Permission.WORK_CASES):
        return cases.none()
    return cases if actor.sees_every_mission else cases.filter(mission_id=actor.mission_id or 0)


def case_by_number(number: str, *, by: Actor, now: datetime) -> Case:
    """One case, opened to be read; the reading is audited. NotFound where there is none or it is not theirs."""
    case = visible_to(by).filter(number=number).first()
    if case is None:
        raise NotFound
    detail = {"person": case.person_id}
    audit.record(by=by, action="casework.read", subject=f"case:{case.number}", now=now, detail=detail)
    return case


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed by; everything empty means everything that is not closed.

    `state` is a state, "all", or "" (not closed); `owner` "me", "none" or ""; `mission_id` 0 the ministry itself.
    """

    text: str = ""
    state: str = ""
    urgency: int | None = None
    mission_id: int | None = None
    hazard_id: int | None = None
    owner: str = ""

    def as_dict(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if value not in ("", None)}


def find_cases(wanted: CaseFilter, *, by: Actor) -> QuerySet[Case]:
    """Cases the actor may see, the most urgent first and of these the oldest."""
    cases = _narrowed(visible_to(by), wanted, by)
    if wanted.state in Case.State.values:
        cases = cases.filter(state=wanted.state)
    elif wanted.state != "all":
        cases = cases.exclude(state=Case.State.CLOSED)
    return cases.order_by("urgency", "opened_at", "pk")


def count_by_state(wanted: CaseFilter, *, by: Actor) -> Mapping[str, int]:
    """How many cases each state holds under the other filters, for the labels of the filter."""
    rows = _narrowed(visible_to(by), wanted, by).order_by().values("state").annotate(count=Count("pk"))
    return {row["state"]: row["count"] for row in rows}


def _narrowed(cases: QuerySet[Case], wanted: CaseFilter, by: Actor) -> QuerySet[Case]:
    for word in wanted.text.split()[:8]:
        cases = cases.filter(
            Q(number__icontains=word)
            | Q(summary__icontains=word)
            | Q(place__icontains=word)
            | Q(person__native_name__icontains=word)
            | Q(person__latin_name__icontains=word)
        )
    if wanted.urgency is not None:
        cases = cases.filter(urgency=wanted.urgency)
    if wanted.mission_id is not None:
        cases = cases.filter(mission=wanted.mission_id) if wanted.mission_id else cases.filter(mission=None)
    if wanted.hazard_id is not None:
        cases = cases.filter(hazard_id=wanted.hazard_id)
    if wanted.owner == "none":
        cases = cases.filter(owner=None)
    elif wanted.owner == "me":
        cases = cases.filter(owner_id=accounts.officer_of(by).pk)
    return cases


def possible_owners(case: Case) -> QuerySet[Officer]:
    """Who can be given the case: those who work cases and would see it."""
    everyone = accounts.active_officers_who(Permission.WORK_CASES)
    return everyone.exclude(~Q(mission_id=case.mission_id or 0), role=Role.MISSION_OFFICER.value)


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. `author` is a name, or empty where the line speaks for itself (person, system)."""

    id: int
    at: datetime
    kind: str
    kind_label: str
    text: str
    author: str
    is_internal: bool
    is_by_citizen: bool


def timeline(case: Case) -> list[Entry]:
    """All of a case, newest first, for those who work on it."""
    events = list(case.events.order_by("-at", "-pk"))
    names = accounts.names_of({one.by for one in events})
    return [_entry(one, names.get(one.by, "")) for one in events]


@dataclass(frozen=True)
class OwnCase:
    """A person's own case as they see it: the same milestones as the officer, without names and internal notes."""

    number: str
    state: str
    state_label: str
    opened_at: datetime
    closed_at: datetime | None
    place: str
    timeline: tuple[Entry, ...]


def own_cases(*, by: Actor) -> list[OwnCase]:
    """The cases of the citizen who asks and of their companions, newest first. Empty for anybody else."""
    if by.person_id is None:
        return []
    own = Q(person_id=by.person_id) | Q(person__lead_id=by.person_id)
    cases = Case.objects.filter(own).order_by("-opened_at", "-pk")[:50]
    by_case: dict[int, list[Entry]] = {}
    events = CaseEvent.objects.filter(case__in=[one.pk for one in cases], is_internal=False)
    for event in events.order_by("-at", "-pk"):
        by_case.setdefault(event.case_id, []).append(_entry(event, ""))
    return [
        OwnCase(
            number=one.number,
            state=one.state,
            state_label=str(Case.State(one.state).label),
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            place=one.place,
            timeline=tuple(by_case.get(one.pk, ())),
        )
        for one in cases
    ]


def _entry(event: CaseEvent, author: str) -> Entry:
    return Entry(
        id=event.pk,
        at=event.at,
        kind=event.kind,
        kind_label=str(CaseEvent.Kind(event.kind).label),
        text=_words(event),
        author=author,
        is_internal=event.is_internal,
        is_by_citizen=event.by.startswith("citizen:"),
    )


def _words(event: CaseEvent) -> str:
    """The text as written, or the words for a code the program wrote ("state:waiting", "answer:safe")."""
    if event.is_coded:
        return str(_CODED.get(event.text, event.text))
    return event.text
