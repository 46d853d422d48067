"""The link with which a new member of staff chooses a password works once, for three days."""

from datetime import timedelta

import pytest

from openconsular.accounts import actions
from openconsular.accounts.setup_link import DeadLink
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import SYSTEM, Role

NEW = "a fine long new passphrase"


@pytest.fixture
def invited(staff):
    return staff("invited", Role.APPROVER, password=None)


def token_of(path):
    return path.rstrip("/").rsplit("/", 1)[1]


@pytest.fixture
def token(invited, now):
    return token_of(actions.issue_setup_link(officer_id=invited.pk, by=SYSTEM, now=now))


def use(token, at, password=NEW):
    return actions.set_first_password(token=token, password=password, now=at)


def test_it_works_once(token, invited, now):
    assert not invited.has_usable_password()
    assert use(token, now + timedelta(hours=71)).check_password(NEW)
    with pytest.raises(DeadLink):
        use(token, now + timedelta(hours=71), "another long passphrase here")


def test_a_weak_password_does_not_use_it_up(token, now):
    with pytest.raises(InvalidInput):
        use(token, now, "short")
    assert use(token, now).check_password(NEW)


def test_it_dies_of_age(token, now):
    with pytest.raises(DeadLink):
        use(token, now + timedelta(hours=73))


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t[::-1], lambda t: ""])
def test_an_altered_one_is_dead(token, now, change):
    with pytest.raises(DeadLink):
        use(change(token), now)


def test_it_dies_with_the_account(token, invited, now):
    actions.deactivate(officer_id=invited.pk, by=SYSTEM, now=now)
    with pytest.raises(DeadLink):
        use(token, now)


def test_a_reset_kills_the_password_and_older_links(token, invited, now):
    use(token, now)
    with pytest.raises(Conflict):
        actions.issue_setup_link(officer_id=invited.pk, by=SYSTEM, now=now)
    second = token_of(actions.reset_access(officer_id=invited.pk, by=SYSTEM, now=now))
    third = token_of(actions.reset_access(officer_id=invited.pk, by=SYSTEM, now=now))
    invited.refresh_from_db()
    assert not invited.has_usable_password()
    with pytest.raises(DeadLink):
        use(second, now)
    assert use(third, now).check_password(NEW)
