"""Every address of the site with every kind of person. Deny by default: an address nobody thought of fails here."""

import copy
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from openconsular.citizens.session import CITIZEN_KEY
from tests.matrix import expectations as e
from tests.matrix.world import make_staff, make_world

STARTS = ("/", "/console/", "/staff/people/", "/console/certificates/")
SIGN_IN = ("/staff/login/", "/sign-in/")


def addresses(patterns=None, outer=frozenset()) -> Iterator[tuple[str, frozenset[str]]]:
    """The name of every address, and the names of its arguments."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        arguments = outer | set(one.pattern.converters)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, arguments)
        else:
            yield one.name, arguments


def test_every_address_has_a_line_and_every_line_an_address():
    found = [name for name, _arguments in addresses()]
    assert None not in found, "an address without a name cannot be looked up in the table"
    assert set(found) == set(e.TABLE)


def test_every_line_speaks_of_everyone():
    for name, row in e.TABLE.items():
        assert set(row.policy) == set(e.EVERYONE), name


@pytest.fixture
def world(db, settings):
    settings.IS_DRILL = True  # the second factor has tests of its own; here it would only be in the way
    now = timezone.now()
    staff = make_staff(now)
    return staff, *make_world(staff, now)


@pytest.mark.parametrize("who", e.EVERYONE)
def test_the_matrix(world, who, client):
    staff, arguments, citizens = world
    if who in staff:
        client.force_login(staff[who])
    elif who in citizens:
        session = client.session
        session[CITIZEN_KEY] = citizens[who].pk
        session.save()
    surprises = []
    for name, wanted in addresses():
        row = e.TABLE.get(name)
        if row is None:
            continue  # the first test names it
        known = arguments | row.arguments
        answer = ask(client, row, reverse(name, kwargs={one: known[one] for one in wanted}))
        if kind_of(answer) != row.policy[who]:
            told = f"{answer.status_code} {answer.headers.get('Location', '')}"
            surprises.append(f"{row.method} {name}: {told}, expected {row.policy[who]}")
    assert not surprises, "\n".join(surprises)


def ask(client: Client, row: e.Row, path: str):
    """One request whose effects are taken back, in the database and in the browser."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = client.post(path, row.data) if row.method == "POST" else client.get(path)
        transaction.set_rollback(True)
    client.cookies = cookies
    for close in answer._resource_closers:  # answer.close() would also end the database connection
        close()
    return answer


def kind_of(answer) -> str:
    if answer.status_code in (403, 404):
        return str(answer.status_code)
    if answer.status_code in (301, 302):
        target = answer["Location"]
        if target.startswith(SIGN_IN):
            return e.TO_SIGN_IN
        if target.startswith("/staff/confirm/"):
            return e.TO_CONFIRM
        # After a step "the start" is where the step leads; instead of a page it means: nothing for you here.
        is_step = answer.request["REQUEST_METHOD"] == "POST"
        return e.TO_START if target in STARTS and not is_step else e.OPEN
    # 400 and 409 are a page's own words about what was posted; 5xx never is.
    assert answer.status_code < 500, answer.status_code
    return e.OPEN
