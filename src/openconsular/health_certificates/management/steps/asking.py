"""Who acts at the command line, and what every step shares."""

import argparse
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from openconsular.accounts import queries as accounts
from openconsular.foundation.permissions import Actor

Say = Callable[[str], None]
Steps = Any
OPERATOR = Actor(label="system:command", is_system=True)


def add_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", default="", help="user name of the member of staff who does this")


def actor_of(username: str) -> Actor:
    """The member of staff named with --by; without it the operator, who stands for one person."""
    if not username:
        return OPERATOR
    officer = accounts.officer_by_username(username)
    if officer is None or not officer.is_active:
        raise CommandError(f"There is nobody with the user name “{username}”.")
    return officer.actor
