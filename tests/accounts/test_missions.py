"""Missions come from the profile, and the longest district code decides whose a place is."""

from dataclasses import replace

import pytest

from openconsular.accounts import actions, queries
from openconsular.foundation import audit, profile
from openconsular.foundation.errors import NotAllowed
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM, Actor, Role

pytestmark = pytest.mark.django_db


def country(*missions):
    """The shipped profile with missions of our own: (code, district ...)."""
    shipped = profile.load("cn")
    facts = shipped.missions[0]
    made = [replace(facts, code=code, district=tuple(district)) for code, *district in missions]
    return replace(shipped, missions=tuple(made))


def load(made, now):
    return actions.load_missions(profile=made, by=SYSTEM, now=now)


def test_loading_twice_changes_nothing_and_leaves_one_audit_entry(now):
    shipped = profile.load("cn")
    assert load(shipped, now) == len(shipped.missions) > 0
    assert load(shipped, now) == 0
    assert AuditEntry.objects.filter(action="accounts.load_missions").count() == 1
    assert audit.verify().is_whole


def test_a_changed_mission_is_brought_in_step(now):
    load(country(("embassy", "XX"), ("consulate", "XX-01")), now)
    assert load(country(("embassy", "XX"), ("consulate", "XX-01", "XX-02")), now) == 1
    assert queries.mission_for("XX", "XX-02").code == "consulate"


def test_a_mission_that_left_the_profile_keeps_its_row_and_loses_its_district(now):
    load(country(("embassy", "XX"), ("consulate", "XX-01")), now)
    load(country(("embassy", "XX")), now)
    assert queries.mission_by_code("consulate") is not None
    assert queries.mission_for("XX", "XX-01").code == "embassy"


@pytest.mark.parametrize(
    ("land", "region", "expected"),
    [
        ("XX", "XX-01", "consulate"),
        ("XX", "XX-09", "embassy"),
        ("XX", "", "embassy"),
        ("YY", "YY-01", None),
        ("", "", None),
    ],
)
def test_the_longest_district_code_wins(now, land, region, expected):
    load(country(("embassy", "XX"), ("consulate", "XX-01")), now)
    found = queries.mission_for(land, region)
    assert (found.code if found else None) == expected
    by_index = queries.mission_id_in(queries.mission_index(), land, region)
    assert by_index == (found.pk if found else None)


def test_the_index_takes_one_query(now, django_assert_num_queries):
    load(profile.load("cn"), now)
    with django_assert_num_queries(1):
        queries.mission_index()


def test_only_an_administrator_loads_missions(now):
    with pytest.raises(NotAllowed):
        actions.load_missions(profile=profile.load("cn"), by=Actor("staff:1", Role.DUTY_OFFICER), now=now)
