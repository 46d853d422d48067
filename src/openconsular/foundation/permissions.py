"""Who acts, and what they may do. Decided by role and mission, in one place."""

from dataclasses import dataclass
from enum import StrEnum

from openconsular.foundation.errors import NotAllowed


class Role(StrEnum):
    DUTY_OFFICER = "duty_officer"
    APPROVER = "approver"
    MISSION_OFFICER = "mission_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    SEE_INCIDENTS = "see_incidents"
    SEE_PEOPLE = "see_people"
    EDIT_WARNINGS = "edit_warnings"
    SEND_WARNINGS = "send_warnings"
    APPROVE_WARNINGS = "approve_warnings"
    STOP_SENDING = "stop_sending"
    WORK_CASES = "work_cases"
    SORT_QUARANTINE = "sort_quarantine"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_STAFF = "manage_staff"
    SEE_AUDIT = "see_audit"
    EXPORT_PEOPLE = "export_people"


_P = Permission
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.DUTY_OFFICER: frozenset(
        {
            _P.SEE_INCIDENTS,
            _P.SEE_PEOPLE,
            _P.EDIT_WARNINGS,
            _P.SEND_WARNINGS,
            _P.STOP_SENDING,
            _P.WORK_CASES,
            _P.SORT_QUARANTINE,
            _P.EXPORT_PEOPLE,
        }
    ),
    Role.APPROVER: frozenset(
        {
            _P.SEE_INCIDENTS,
            _P.SEE_PEOPLE,
            _P.EDIT_WARNINGS,
            _P.SEND_WARNINGS,
            _P.APPROVE_WARNINGS,
            _P.STOP_SENDING,
            _P.WORK_CASES,
            _P.SORT_QUARANTINE,
            _P.EXPORT_PEOPLE,
        }
    ),
    # An officer at a mission looks after the people of its district; mass sending stays with the centre.
    Role.MISSION_OFFICER: frozenset({_P.SEE_INCIDENTS, _P.SEE_PEOPLE, _P.WORK_CASES}),
    # The auditor sees what was done, not the people it was done to.
    Role.AUDITOR: frozenset({_P.SEE_INCIDENTS, _P.SEE_AUDIT}),
    # The administrator keeps the machine running and has no business with people or warnings.
    Role.ADMINISTRATOR: frozenset({_P.MANAGE_SOURCES, _P.MANAGE_STAFF, _P.SORT_QUARANTINE}),
}


@dataclass(frozen=True)
class Actor:
    """Whoever does something: an officer, a citizen, the system itself, or nobody we know.

    `label` goes into the audit ("staff:7", "citizen:…", "system:worker"). `mission_id` confines an officer
    to one mission's district; None means no mission, which for a mission officer means nobody at all.
    """

    label: str
    role: Role | None = None
    mission_id: int | None = None
    officer_id: int | None = None
    person_id: int | None = None
    is_system: bool = False

    def can(self, permission: Permission) -> bool:
        return self.is_system or (self.role is not None and permission in GRANTS[self.role])

    def require(self, permission: Permission) -> None:
        if not self.can(permission):
            raise NotAllowed

    @property
    def sees_every_mission(self) -> bool:
        return self.is_system or self.role in {Role.DUTY_OFFICER, Role.APPROVER, Role.AUDITOR}


SYSTEM = Actor(label="system", is_system=True)
ANONYMOUS = Actor(label="anonymous")
