"""Missions and staff to act with."""

import pytest

from openconsular.accounts import actions, queries
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM, Role

PASSWORD = "correct horse battery staple"


@pytest.fixture
def missions(db, now):
    actions.load_missions(profile=profile.load("cn"), by=SYSTEM, now=now)
    return {one.code: one for one in queries.missions()}


@pytest.fixture
def staff(missions, now):
    """Adds a member of staff with a password: staff("duty") or staff("li", Role.MISSION_OFFICER, "cebu")."""

    def add(username, role=Role.DUTY_OFFICER, mission=None, password=PASSWORD):
        return actions.add_officer(
            username=username,
            display_name=username.title(),
            role=role,
            mission_id=missions[mission].pk if mission else None,
            password=password,
            by=SYSTEM,
            now=now,
        )

    return add
