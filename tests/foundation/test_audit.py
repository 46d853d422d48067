"""The audit trail cannot be changed unseen."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from openconsular.foundation import audit
from openconsular.foundation.permissions import SYSTEM

pytestmark = pytest.mark.django_db


def fill(now, count=5):
    for i in range(count):
        audit.record(by=SYSTEM, action="test", subject=f"thing:{i}", now=now + timedelta(seconds=i))


def tamper(sql, *, sealed=True):
    """As a superuser of the database would: the trigger off, the row changed, the trigger on again."""
    if sealed:
        audit.seal()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


def test_a_whole_chain_is_whole(now):
    fill(now)
    verdict = audit.verify()
    assert (verdict.is_whole, verdict.entries) == (True, 5)


@pytest.mark.parametrize(
    "sql", ["UPDATE foundation_auditentry SET action = 'x'", "DELETE FROM foundation_auditentry"]
)
def test_rows_cannot_be_changed(now, sql):
    fill(now)
    audit.seal()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert audit.verify().entries == 5


@pytest.mark.parametrize(
    ("sql", "broken_at"),
    [
        ("UPDATE foundation_auditentry SET actor = 'somebody else' WHERE subject = 'thing:2'", 3),
        ("DELETE FROM foundation_auditentry WHERE subject = 'thing:1'", 2),
        ("UPDATE foundation_auditentry SET detail = '{\"a\": 1}' WHERE subject = 'thing:4'", 5),
        ("DELETE FROM foundation_auditlink WHERE position = 4", 4),
        ("UPDATE foundation_auditlink SET position = position + 100 WHERE position > 3", 4),
    ],
)
def test_tampering_below_the_trigger_shows(now, sql, broken_at):
    fill(now)
    tamper(sql)
    assert audit.verify().broken_at == broken_at


def test_a_cut_off_end_shows_against_a_noted_head(now):
    fill(now)
    head = audit.verify().head
    assert audit.verify(head_number=5, head=head).is_whole
    tamper("DELETE FROM foundation_auditlink WHERE position > 3")
    tamper("DELETE FROM foundation_auditentry WHERE subject IN ('thing:3', 'thing:4')", sealed=False)
    assert audit.verify().is_whole
    assert audit.verify(head_number=5, head=head).broken_at == 4


def test_an_entry_altered_before_it_was_sealed_shows(now):
    fill(now)
    tamper("UPDATE foundation_auditentry SET action = 'other' WHERE subject = 'thing:0'", sealed=False)
    assert audit.verify().broken_at == 1


def test_many_entries_at_once_are_entries_like_any(now):
    many = ((f"thing:{i}", {"ü": [i], "b": "a"}) for i in range(7))
    assert audit.record_many(by=SYSTEM, action="test", now=now, entries=many) == 7
    fill(now)
    verdict = audit.verify()
    assert (verdict.is_whole, verdict.entries) == (True, 12)


def test_sealing_again_adds_nothing(now):
    fill(now)
    assert (audit.seal(), audit.seal(), audit.seal(whole=True)) == (5, 0, 0)
    assert audit.head() == (5, audit.verify().head)
