"""People in need, and the staff of two missions and the centre."""

import pytest

from openconsular.casework import actions
from openconsular.citizens.models import Person
from openconsular.foundation.permissions import SYSTEM, Role
from tests.accounts.conftest import missions, staff  # noqa: F401
from tests.casework.hazards import make_hazard


@pytest.fixture
def person(db, now):
    def make(name="张三", **fields):
        return Person.objects.create(
            native_name=name, created_at=now, updated_at=now, is_synthetic=True, **fields
        )

    return make


@pytest.fixture
def hazard(db, now):
    return make_hazard(now)


@pytest.fixture
def duty(staff):  # noqa: F811
    return staff("duty", password=None)


@pytest.fixture
def cebu(staff):  # noqa: F811
    return staff("cebu-officer", Role.MISSION_OFFICER, "cebu", None)


@pytest.fixture
def manila(staff):  # noqa: F811
    return staff("manila-officer", Role.MISSION_OFFICER, "manila", None)


@pytest.fixture
def case(person, hazard, missions, now):  # noqa: F811
    """Opens a case at a mission: case("cebu")."""

    def make(mission="cebu", who=None, **fields):
        wanted = {
            "summary": "被困在三楼",
            "place": "宿务",
            "people_count": 2,
            "urgency": 2,
            "hazard_id": hazard.pk,
            "by": SYSTEM,
            "now": now,
        } | fields
        mission_id = missions[mission].pk if mission else None
        return actions.open_case(person_id=(who or person()).pk, mission_id=mission_id, **wanted)

    return make
