"""Answers count once, for everyone they are meant for; help always has a case; nothing said is lost."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from openconsular.alerts import actions, links, queries
from openconsular.alerts.models import Answer, Recipient, UnreadReply
from openconsular.casework.models import Case
from openconsular.citizens.models import Contact
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import Actor
from openconsular.gateways.base import Reply

pytest_db = pytest.mark.django_db


def citizen(row):
    return Actor(label=f"citizen:{row.person_id}", person_id=row.person_id)


def answer(row, value, key, now, **more):
    given = actions.Given(recipient_id=row.pk, value=value, via="link", key=key, **more)
    return actions.record_answer(given, by=citizen(row), now=now)


def a_family(warning):
    """A row whose party has at least two people."""
    for row in warning.incident.recipients.filter(state=Recipient.State.REACHED).order_by("pk"):
        if warning.incident.recipients.filter(party=row.party).count() > 1:
            return row
    raise AssertionError("the synthetic people have no family in the area")


def states(row):
    return set(
        Recipient.objects.filter(incident_id=row.incident_id, party=row.party).values_list("state", flat=True)
    )


@pytest_db
def test_one_answer_counts_for_the_family(released, now):
    row = a_family(released)
    answer(row, "safe", "k", now)
    assert states(row) == {"safe"}


@pytest_db
def test_or_for_one_alone(released, now):
    row = a_family(released)
    answer(row, "safe", "k", now, for_party=False)
    assert states(row) == {"safe", "reached"}


@pytest_db
def test_help_opens_one_case_however_often_it_is_pressed(released, now):
    row = a_family(released)
    first = answer(row, "help", "k1", now, note="water rising", place="roof")
    second = answer(row, "help", "k2", now + timedelta(minutes=1))
    case = Case.objects.get()
    assert first.case_id == second.case_id == case.pk
    assert case.people_count == Recipient.objects.filter(party=row.party).count()
    assert (case.place, case.mission_id) == ("roof", row.mission_id)


@pytest_db
def test_nobody_calls_off_the_help_that_another_of_the_party_asked_for(released, now):
    one = a_family(released)
    party = Recipient.objects.filter(incident_id=one.incident_id, party=one.party).order_by("pk")
    other = party.exclude(pk=one.pk).first()
    answer(one, "help", "k1", now)
    assert states(one) == {"help"}
    answer(other, "safe", "k2", now + timedelta(minutes=1))
    assert party.get(pk=one.pk).state == "help"
    assert {row.state for row in party.exclude(pk=one.pk)} == {"safe"}
    # Who asked for it may say so themselves.
    answer(one, "safe", "k3", now + timedelta(minutes=2))
    assert states(one) == {"safe"}
    answer(other, "elsewhere", "k4", now + timedelta(minutes=3))
    assert states(one) == {"elsewhere"}


@pytest_db
def test_help_without_a_case_cannot_be_stored(released, now):
    row = released.incident.recipients.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(recipient=row, value="help", via="link", key="x", at=now, by="nobody")


@pytest_db
def test_the_same_key_is_the_same_answer(released, now):
    row = a_family(released)
    assert answer(row, "safe", "k", now).pk == answer(row, "safe", "k", now + timedelta(minutes=3)).pk
    assert Answer.objects.count() == 1


@pytest_db
def test_an_answer_can_be_taken_back_for_a_while(released, now):
    row = a_family(released)
    given = answer(row, "safe", "k", now)
    actions.undo_answer(
        answer_id=given.pk, recipient_id=row.pk, by=citizen(row), now=now + timedelta(minutes=1)
    )
    assert states(row) == {"reached"}
    later = answer(row, "safe", "k2", now)
    with pytest.raises(Conflict):
        actions.undo_answer(
            answer_id=later.pk, recipient_id=row.pk, by=citizen(row), now=now + timedelta(hours=1)
        )


@pytest_db
def test_a_withdrawn_call_for_help_leaves_its_case_open(released, now):
    row = a_family(released)
    given = answer(row, "help", "k", now)
    actions.undo_answer(answer_id=given.pk, recipient_id=row.pk, by=citizen(row), now=now)
    assert Case.objects.get().state == Case.State.OPEN
    assert states(row) == {"reached"}


@pytest_db
def test_everyone_is_in_exactly_one_state(released, staff, now):
    rows = list(released.incident.recipients.filter(state="reached").order_by("pk"))
    for number, (row, value) in enumerate(zip(rows, ["safe", "help", "elsewhere"] * 5, strict=False)):
        answer(row, value, f"k{number}", now)
    actions.mark_silent(now=timezone.now() + timedelta(days=1))  # hand-over happened by the real clock
    ledger = queries.ledger_of(released.incident, staff.duty)
    assert ledger.affected == released.incident.recipients.count()
    assert ledger.affected == ledger.safe + ledger.help + ledger.elsewhere + ledger.unanswered
    assert ledger.reached == 0


@pytest_db
def test_an_incident_closes_only_when_everybody_is_accounted_for(released, staff, now):
    with pytest.raises(Conflict):
        actions.close_incident(incident_id=released.incident_id, by=staff.duty, now=now)
    for number, row in enumerate(released.incident.recipients.order_by("pk")):
        answer(row, "safe", f"all{number}", now)
    actions.close_incident(incident_id=released.incident_id, by=staff.duty, now=now)
    released.incident.refresh_from_db()
    assert released.incident.closed_at == now


# ------------------------------------------------------------------ by SMS


def a_phone(warning):
    delivery = warning.deliveries.filter(channel="sms").select_related("recipient", "contact").first()
    return delivery.recipient, Contact.objects.get(pk=delivery.contact_id).value


@pytest_db
@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("1", "safe"),
        ("平安", "safe"),
        ("SAFE", "safe"),
        ("２", "help"),
        ("求助", "help"),
        ("help!", "help"),
        ("3", "elsewhere"),
    ],
)
def test_replies_are_understood(released, now, text, state):
    row, number = a_phone(released)
    assert actions.record_replies([Reply(number, text, now)], now=now) == 1
    row.refresh_from_db()
    assert row.state == state


@pytest_db
@pytest.mark.parametrize("text", ["不安全", "not safe", "we are not safe"])
def test_a_denied_safe_is_never_safe(released, now, text):
    row, number = a_phone(released)
    actions.record_replies([Reply(number, text, now)], now=now)
    row.refresh_from_db()
    assert row.state != "safe"


@pytest_db
def test_the_same_reply_delivered_twice_counts_once(released, now):
    _, number = a_phone(released)
    reply = Reply(number, "1", now)
    actions.record_replies([reply, reply], now=now)
    assert Answer.objects.count() == 1


@pytest_db
@pytest.mark.parametrize(("text", "known"), [("what happened?", True), ("1", False)])
def test_what_cannot_be_placed_is_kept_for_an_officer(released, staff, now, text, known):
    _, number = a_phone(released)
    actions.record_replies([Reply(number if known else "+99911122233", text, now)], now=now)
    kept = UnreadReply.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sender, text FROM alerts_unreadreply")
        sealed = b"".join(map(bytes, cursor.fetchone()))
    assert number.encode() not in sealed
    actions.settle_unread(reply_id=kept.pk, by=staff.duty, now=now)
    with pytest.raises(Conflict):
        actions.settle_unread(reply_id=kept.pk, by=staff.duty, now=now)


# ------------------------------------------------------------------ by link


@given(st.integers(0, 2**48 - 1))
def test_a_token_names_its_row(number):
    assert links.recipient_of(links.token_for(number)) == number
    assert len(links.token_for(number)) == 19


@given(st.integers(0, 2**48 - 1), st.integers(0, 18), st.sampled_from("AZaz09-_"))
def test_a_changed_token_names_nothing(number, position, sign):
    token = links.token_for(number)
    changed = token[:position] + sign + token[position + 1 :]
    if changed == token:
        return
    try:
        # The last character of base64 holds unused bits: another letter may write the same bytes.
        assert links.recipient_of(changed) == number
        assert position == 18
    except links.BrokenLink:
        pass


@pytest_db
def test_the_link_works_without_sign_in_script_or_cookies(released, now):
    row = a_family(released)
    page = f"/a/{links.token_for(row.pk)}"
    client = Client(enforce_csrf_checks=True)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "Set-Cookie" not in shown.headers
    posted = client.post(page, {"answer": "help", "key": "abc", "note": "stuck"})
    assert posted.status_code == 302
    after = client.get(page).content.decode()
    assert Case.objects.get().number in after
    assert states(row) == {"help"}


@pytest_db
def test_opening_a_link_answers_nothing(released):
    """Mail scanners and previews open links; only a person presses a button."""
    row = a_family(released)
    Client().get(f"/a/{links.token_for(row.pk)}?answer=safe")
    assert not Answer.objects.exists()


@pytest_db
@pytest.mark.parametrize("token", ["", "x", "A" * 19, "../../etc", "é" * 19])
def test_a_broken_link_says_what_to_do(released, token):
    reply = Client().get(f"/a/{token}")
    assert reply.status_code == 404


@pytest_db
def test_a_wrong_value_changes_nothing(released):
    row = a_family(released)
    reply = Client().post(f"/a/{links.token_for(row.pk)}", {"answer": "maybe"})
    assert reply.status_code == 400
    assert states(row) == {"reached"}
