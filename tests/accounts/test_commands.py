"""The commands of the operator: the first administrator, and the audit trail."""

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from openconsular.accounts import queries
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Role
from tests.foundation.test_audit import fill, tamper

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_first_administrator_gets_a_link_that_works(client):
    said = run("staff", "add", "ada", "--role", "administrator", "--name", "Ada Example")
    path = next(line for line in said.splitlines() if "/staff/welcome/" in line).split("8000", 1)[1]
    answer = client.post(path, {"password": "a fine long passphrase", "again": "a fine long passphrase"})
    assert answer["Location"] == "/staff/login/"
    assert queries.officer_by_username("ada").check_password("a fine long passphrase")
    assert run("staff", "list") == "ada: administrator\n"


def test_a_mission_officer_needs_no_other_step(db):
    run("staff", "add", "li", "--role", "mission_officer", "--mission", "cebu")
    assert queries.officer_by_username("li").mission.code == "cebu"
    with pytest.raises(CommandError, match="atlantis"):
        run("staff", "add", "wu", "--role", "mission_officer", "--mission", "atlantis")
    with pytest.raises(InvalidInput):
        run("staff", "add", "wu", "--role", "mission_officer")


def test_a_password_from_a_pipe(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a fine long passphrase\n"))
    run("staff", "add", "ada", "--role", "auditor", "--ask-password")
    assert queries.officer_by_username("ada").check_password("a fine long passphrase")
    with pytest.raises(Conflict):
        run("staff", "add", "Ada", "--role", "auditor")


def test_a_reset_by_command(staff):
    staff("duty", Role.DUTY_OFFICER)
    assert "/staff/welcome/" in run("staff", "reset", "duty")
    assert not queries.officer_by_username("duty").has_usable_password()
    with pytest.raises(CommandError):
        run("staff", "reset", "nobody")


def test_the_trail_is_checked_against_a_noted_head(now):
    assert run("audit", "head") == "0 \n"
    fill(now)
    number, head = run("audit", "head").split()
    assert (int(number), head) == (5, audit.verify().head)
    assert head in run("audit", "verify", "--head-number", number, "--head", head.upper())
    tamper("DELETE FROM foundation_auditlink WHERE position = 5")
    tamper("DELETE FROM foundation_auditentry WHERE subject = 'thing:4'", sealed=False)
    assert "4 entries" in run("audit", "verify")
    with pytest.raises(CommandError, match="5"):
        run("audit", "verify", "--head-number", number, "--head", head)
