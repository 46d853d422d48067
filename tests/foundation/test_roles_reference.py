"""The table of roles that people read says what the code does."""

from pathlib import Path

from openconsular.foundation.permissions import GRANTS, Permission, Role

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"
COLUMNS = (
    Role.DUTY_OFFICER,
    Role.APPROVER,
    Role.MISSION_OFFICER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.HEALTH_OFFICER,
    Role.CLINIC,
)


def test_the_table_of_roles_is_in_step():
    rows = [line for line in REFERENCE.read_text("utf-8").splitlines() if line.startswith("| `")]
    told = {}
    for row in rows:
        permission, _what, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        told[permission.strip("`")] = {role for role, cell in zip(COLUMNS, cells, strict=True) if cell}
    assert told == {
        permission.value: {role for role in Role if permission in GRANTS[role]} for permission in Permission
    }
