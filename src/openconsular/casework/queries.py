"""Reading cases: who may see which, the list with its filters, and a person's view of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from openconsular.accounts import queries as accounts
from openconsular.accounts.queries import Officer
from openconsular.casework.models import Case as Case
from openconsular.casework.models import CaseEvent as CaseEvent
from openconsular.citizens import queries as citizens
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission, Role

UNDO_WITHIN = timedelta(minutes=15)

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
    """What the list is narrowed by. Several values of one kind mean any of them; none means no limit.

    Without a state, closed cases are left out. `missions` holds ids, 0 for the ministry itself; `owner` is "me",
    "none" or "".
    """

    text: str = ""
    states: tuple[str, ...] = ()
    urgencies: tuple[int, ...] = ()
    missions: tuple[int, ...] = ()
    hazard_id: int | None = None
    owner: str = ""

    def as_detail(self) -> dict[str, object]:
        """For the audit trail. The words searched for stay out of it: they are personal data, and it is for ever."""
        return {name: value if name != "text" else "..." for name, value in vars(self).items() if value}


def find_cases(wanted: CaseFilter, *, by: Actor) -> QuerySet[Case]:
    """Cases the actor may see, the most urgent first and of these the oldest."""
    cases = _narrowed(visible_to(by), wanted, by)
    cases = cases.filter(state__in=wanted.states) if wanted.states else cases.exclude(state=Case.State.CLOSED)
    return cases.order_by("urgency", "opened_at", "pk")


def count_by_state(wanted: CaseFilter, *, by: Actor) -> Mapping[str, int]:
    """How many cases each state holds under the other filters, for the labels of the filter."""
    rows = _narrowed(visible_to(by), wanted, by).order_by().values("state").annotate(count=Count("pk"))
    return {row["state"]: row["count"] for row in rows}


def count_without_owner(*, by: Actor) -> int:
    """How many open cases nobody has taken yet."""
    return visible_to(by).filter(state=Case.State.OPEN, owner=None).count()


def missions_with_open_cases(*, by: Actor) -> set[int]:
    """Ids of the missions with cases that are not closed; 0 for the ministry."""
    open_ones = visible_to(by).exclude(state=Case.State.CLOSED).order_by()
    return {pk or 0 for pk in open_ones.values_list("mission_id", flat=True).distinct()}


def record_list_read(wanted: CaseFilter, numbers: list[str], *, by: Actor, now: datetime) -> None:
    """Note that the actor saw these cases in a list, with the names of the people concerned."""
    if numbers:
        detail = {"filter": wanted.as_detail(), "cases": numbers}
        audit.record(by=by, action="casework.read_list", subject="cases", now=now, detail=detail)


def _narrowed(cases: QuerySet[Case], wanted: CaseFilter, by: Actor) -> QuerySet[Case]:
    for word in wanted.text.split()[:8]:
        cases = cases.filter(
            Q(number__icontains=word)
            | Q(summary__icontains=word)
            | Q(place__icontains=word)
            | Q(person__native_name__icontains=word)
            | Q(person__latin_name__icontains=word)
        )
    if wanted.urgencies:
        cases = cases.filter(urgency__in=wanted.urgencies)
    if wanted.missions:
        of_ministry = Q(mission=None) if 0 in wanted.missions else Q()
        cases = cases.filter(Q(mission__in=[one for one in wanted.missions if one]) | of_ministry)
    if wanted.hazard_id is not None:
        cases = cases.filter(hazard_id=wanted.hazard_id)
    if wanted.owner == "none":
        cases = cases.filter(owner=None)
    elif wanted.owner == "me":
        cases = cases.filter(owner_id=accounts.officer_of(by).pk)
    return cases


def erased_people_with_words() -> set[int]:
    """Ids of people the registry has erased and whose cases still hold words about them."""
    of_erased = Case.objects.filter(person__erased_at__isnull=False)
    said = Exists(CaseEvent.objects.filter(case=OuterRef("pk"), is_coded=False).exclude(text=""))
    with_words = of_erased.filter(~Q(summary="") | ~Q(place="") | said)
    return set(with_words.values_list("person_id", flat=True))


def undoable(case: Case, *, by: Actor, now: datetime) -> CaseEvent | None:
    """The last step on a case if the actor may still take it back (see `actions.undo`)."""
    last = case.events.order_by("-pk").first()
    if last is None or last.by != by.label or not last.before or now - last.at > UNDO_WITHIN:
        return None
    return last


def possible_owners(case: Case) -> QuerySet[Officer]:
    """Who can be given the case: those who work cases and would see it."""
    everyone = accounts.active_officers_who(Permission.WORK_CASES)
    return everyone.exclude(~Q(mission_id=case.mission_id or 0), role=Role.MISSION_OFFICER.value)


@dataclass(frozen=True)
class Reach:
    """One way to reach somebody: a phone in E.164 or an e-mail address. `whose` is set for a contact they trust."""

    kind: str
    value: str
    whose: str
    is_verified: bool


@dataclass(frozen=True)
class PersonSummary:
    """What an officer needs to know of the person in a case. An erased person has a name of "" and no contacts."""

    public_id: UUID
    name: str
    latin_name: str
    born_on: date | None
    languages: tuple[str, ...]
    relation: str
    lead_name: str
    companions: tuple[str, ...]
    contacts: tuple[Reach, ...]


def person_of(case: Case, *, by: Actor, now: datetime) -> PersonSummary:
    """The person of a case with their opened contacts; where they gave none, those of whom they travel with.

    Whoever may see the case may see this, wherever the person is registered; the reading is audited.
    """
    if not visible_to(by).filter(pk=case.pk).exists():
        raise NotFound
    person = case.person
    companions = list(person.companions.order_by("pk"))
    with_them = [one.pk for one in (*companions, person.lead) if one is not None]
    detail = {"case": case.number, "people": [person.pk, *with_them]}
    audit.record(by=by, action="person.read", subject=citizens.subject_of(person), now=now, detail=detail)
    rows = list(person.contacts.order_by("is_trusted_other", "pk"))
    if person.lead and not rows:
        rows = list(person.lead.contacts.order_by("is_trusted_other", "pk"))
    return PersonSummary(
        public_id=person.public_id,
        name=str(person),
        latin_name=person.latin_name,
        born_on=person.born_on,
        languages=tuple(person.languages),
        relation=person.relation,
        lead_name=str(person.lead) if person.lead else "",
        companions=tuple(map(str, companions)),
        contacts=tuple(
            Reach(
                kind=one.kind,
                value=one.value,
                whose=(one.other_name or "?") if one.is_trusted_other else "",
                is_verified=one.verified_at is not None,
            )
            for one in rows
        ),
    )


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
