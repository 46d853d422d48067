"""`openconsular staff`: the first administrator, and anybody else without a browser."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from openconsular.accounts import actions, queries
from openconsular.foundation import profile
from openconsular.foundation.permissions import Actor, Role

OPERATOR = Actor(label="system:command", is_system=True)


class Command(BaseCommand):
    help = "Add staff, reset their access, or list them."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        add = steps.add_parser("add", help="add a member of staff and print a one-time link")
        add.add_argument("username")
        add.add_argument("--role", required=True, choices=[role.value for role in Role])
        add.add_argument("--mission", default="", help="code of the mission")
        add.add_argument("--name", default="", help="the name shown to colleagues")
        add.add_argument("--ask-password", action="store_true", help="ask for a password instead of a link")
        reset = steps.add_parser("reset", help="forget all credentials of someone and print a new link")
        reset.add_argument("username")
        steps.add_parser("list", help="print everyone with role and access")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        if step == "add":
            self._add(**options)
        elif step == "reset":
            self._reset(options["username"])
        else:
            for one in queries.find_staff(OPERATOR):
                access = "" if one.is_active else " (without access)"
                mission = f" at {one.mission.code}" if one.mission else ""
                self.stdout.write(f"{one.username}: {one.role}{mission}{access}")

    def _add(
        self, *, username: str, role: str, mission: str, name: str, ask_password: bool, **_: Any
    ) -> None:
        now = timezone.now()
        officer = actions.add_officer(
            username=username,
            display_name=name,
            role=Role(role),
            mission_id=self._mission_id(mission),
            password=_ask_password() if ask_password else None,
            by=OPERATOR,
            now=now,
        )
        self.stdout.write(f"{officer.username} is added as {officer.role}.")
        if not ask_password:
            self._say_link(actions.issue_setup_link(officer_id=officer.pk, by=OPERATOR, now=now))

    def _reset(self, username: str) -> None:
        officer = queries.officer_by_username(username)
        if officer is None:
            raise CommandError(f"There is nobody with the user name “{username}”.")
        self._say_link(actions.reset_access(officer_id=officer.pk, by=OPERATOR, now=timezone.now()))

    def _say_link(self, path: str) -> None:
        self.stdout.write("To choose a password, once and within 72 hours:")
        self.stdout.write(f"{settings.PUBLIC_URL}{path}")

    def _mission_id(self, code: str) -> int | None:
        if not code:
            return None
        actions.load_missions(profile=profile.current(), by=OPERATOR, now=timezone.now())
        mission = queries.mission_by_code(code)
        if mission is None:
            raise CommandError(f"The profile has no mission “{code}”.")
        return mission.pk


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords differ.")
    return password
