"""Decisions are taken once, by whom they belong to, with a reason; and what was signed says which key and until when."""

import json
from datetime import timedelta

import pytest

from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import contents, signing
from openconsular.health_certificates.actions import issuing, records
from openconsular.health_certificates.models import Alarm, Issued, Record

pytestmark = pytest.mark.django_db


def test_a_record_is_decided_once(written, people, now):
    record = written()
    records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    for again in (records.approve_record, lambda **how: records.refuse_record(reason="no", **how)):
        with pytest.raises(Conflict):
            again(public_id=record.public_id, by=people["second"], now=now)
    record.refresh_from_db()
    assert (record.approved_by, record.refused_at) == (people["officer"].label, None)


def test_refusing_takes_a_reason_and_who_wrote_it_down_may_take_it_back(written, people, now):
    record = written()
    with pytest.raises(InvalidInput):
        records.refuse_record(public_id=record.public_id, reason=" ", by=people["officer"], now=now)
    with pytest.raises(NotFound):
        records.refuse_record(public_id=record.public_id, reason="x", by=people["elsewhere"], now=now)
    records.refuse_record(public_id=record.public_id, reason=" mine ", by=people["clinic"], now=now)
    record.refresh_from_db()
    assert (record.refused_by, record.refused_at, record.refusal) == (people["clinic"].label, now, "mine")
    other = written(given_name="Si", by="officer")
    with pytest.raises(NotAllowed):
        records.refuse_record(public_id=other.public_id, reason="x", by=people["clinic"], now=now)


def test_altered_words_are_neither_approved_nor_opened(written, people, now):
    record = written()
    stored = Record.objects.get(pk=record.pk)
    assert contents.opened(stored.content, stored.content_mac).holder.family_name == "Zhang"
    for content, mac in (
        (stored.content.replace("Zhang", "Zheng"), bytes(stored.content_mac)),
        (stored.content, bytes(32)),
        (None, bytes(stored.content_mac)),
    ):
        with pytest.raises(contents.Altered):
            contents.opened(content, mac)


def test_what_is_written_down_is_opened_again_and_what_is_empty_is_left_out(written):
    stored = Record.objects.get(pk=written().pk)
    told = json.loads(stored.content)
    assert all(told["holder"].values()) and all(told["entry"].values())
    assert not {"batch", "identifier", "place", "result", "test_type"} & set(told["entry"])
    again = contents.opened(stored.content, stored.content_mac, "an identifier")
    assert again.entry.identifier == "an identifier"
    assert (again.entry.vaccine.code, again.entry.product.code) == ("1119349007", "EU/1/20/1528")
    assert contents.document_hash(" e 12 ") == contents.document_hash("E12") != contents.document_hash("E13")
    assert contents.document_hash(" ") is None


def test_the_audit_of_a_signature_names_the_record_the_key_and_the_end(issued):
    made = issued()
    [entry] = AuditEntry.objects.filter(action=signing.ACTION)
    assert entry.actor == "system:signer"
    assert entry.detail == {
        "record": made.record_id,
        "key": bytes(made.key.kid).hex(),
        "until": made.expires_at.isoformat(),
    }
    assert made.expires_at <= made.key.not_after


def test_signing_goes_on_by_the_word_of_a_second_person(written, people, signing_key, now):
    with pytest.raises(InvalidInput):
        issuing.stop_issuing(reason=" ", by=people["health"], now=now)
    with pytest.raises(NotAllowed):
        issuing.stop_issuing(reason="x", by=people["clinic"], now=now)
    issuing.stop_issuing(reason="a theft", by=people["health"], now=now)
    record = written()
    records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    for name in ("health", "clinic"):
        with pytest.raises(NotAllowed):
            issuing.resume_issuing(by=people[name], now=now)
    with pytest.raises(signing.Stopped):
        signing.require_running()
    issuing.resume_issuing(by=people["health2"], now=now)
    signing.require_running()
    assert issuing.sign_record(record_id=record.pk, now=now) is not None
    assert Issued.objects.count() == 1


def test_an_alarm_is_settled_once_with_words_and_never_below_nothing(people, now):
    def alarm(subject="staff:1"):
        return Alarm.objects.create(
            environment="test", scope="recorder", subject=subject, count=3, limit=2, raised_at=now
        )

    first, own = alarm(), alarm(people["health"].label)
    how = {"allow": -5, "note": "looked", "by": people["health"], "now": now + timedelta(minutes=1)}
    with pytest.raises(InvalidInput):
        issuing.settle_alarm(alarm_id=first.pk, **{**how, "note": " "})
    with pytest.raises(NotAllowed):
        issuing.settle_alarm(alarm_id=own.pk, **how)
    assert issuing.settle_alarm(alarm_id=first.pk, **how).allowed == 0
    for number in (first.pk, 10**9):
        with pytest.raises(NotFound):
            issuing.settle_alarm(alarm_id=number, **how)
    assert AuditEntry.objects.filter(action="certificate.settle_alarm").count() == 1
