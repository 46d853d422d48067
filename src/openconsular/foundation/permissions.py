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
    HEALTH_OFFICER = "health_officer"
    CLINIC = "clinic"


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
    SEE_HEALTH = "see_health"
    RECORD_HEALTH = "record_health"
    APPROVE_HEALTH = "approve_health"
    REVOKE_HEALTH = "revoke_health"
    STOP_ISSUING = "stop_issuing"
    MANAGE_HEALTH_KEYS = "manage_health_keys"
    MANAGE_ENTRY_RULES = "manage_entry_rules"


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
            # Whoever is on duty at night can end the signing of certificates; nothing else of them is theirs.
            _P.STOP_ISSUING,
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
            _P.STOP_ISSUING,
        }
    ),
    # An officer at a mission looks after the people of its district; mass sending stays with the centre.
    Role.MISSION_OFFICER: frozenset(
        {
            _P.SEE_INCIDENTS,
            _P.SEE_PEOPLE,
            _P.WORK_CASES,
            _P.SEE_HEALTH,
            _P.RECORD_HEALTH,
            _P.APPROVE_HEALTH,
            _P.REVOKE_HEALTH,
        }
    ),
    # The auditor sees what was done, not the people it was done to.
    Role.AUDITOR: frozenset({_P.SEE_INCIDENTS, _P.SEE_AUDIT}),
    # The administrator keeps the machine running and has no business with people or warnings.
    Role.ADMINISTRATOR: frozenset(
        {_P.MANAGE_SOURCES, _P.MANAGE_STAFF, _P.SORT_QUARANTINE, _P.MANAGE_HEALTH_KEYS, _P.MANAGE_ENTRY_RULES}
    ),
    # What is in somebody's health record is for those only whose work it is.
    Role.HEALTH_OFFICER: frozenset(
        {
            _P.SEE_HEALTH,
            _P.RECORD_HEALTH,
            _P.APPROVE_HEALTH,
            _P.REVOKE_HEALTH,
            _P.STOP_ISSUING,
            _P.MANAGE_ENTRY_RULES,
        }
    ),
    # Whoever gives the dose writes it down. It takes somebody else to make a certificate of it.
    Role.CLINIC: frozenset({_P.SEE_HEALTH, _P.RECORD_HEALTH}),
}

# Who is not bound to one mission's district.
CENTRAL = frozenset({Role.DUTY_OFFICER, Role.APPROVER, Role.AUDITOR, Role.HEALTH_OFFICER})
# Who is nobody without a mission.
AT_A_MISSION = frozenset({Role.MISSION_OFFICER, Role.CLINIC})


@dataclass(frozen=True)
class Actor:
    """Whoever does something: an officer, a citizen, the system itself, or nobody we know.

    `label` goes into the audit ("staff:7", "citizen:…", "system:worker"). `mission_id` confines an officer
    to one mission's district; None means no mission, which for a mission officer or a clinic means nobody at all.
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
        return self.is_system or self.role in CENTRAL


SYSTEM = Actor(label="system", is_system=True)
ANONYMOUS = Actor(label="anonymous")
