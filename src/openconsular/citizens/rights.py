"""Who may change whose record."""

from openconsular.citizens.models import Person
from openconsular.citizens.queries.people import visible_to
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission


def require_may_change(by: Actor, person: Person) -> None:
    """The person, who leads their party, the system, or an officer who works cases and may see them.

    Raises NotFound, so that nobody learns of a record by trying.
    """
    if by.is_system or (by.person_id is not None and by.person_id in (person.pk, person.lead_id)):
        return
    if by.can(Permission.WORK_CASES) and visible_to(by).filter(pk=person.pk).exists():
        return
    raise NotFound


def locked(person_id: int) -> Person:
    """A person's row, locked until commit. What belongs to a person is changed under this lock."""
    person = Person.objects.select_for_update().filter(pk=person_id, erased_at__isnull=True).first()
    if person is None:
        raise NotFound
    return person
