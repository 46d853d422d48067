"""Written down by one, approved by another, signed by the program: once, and only then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Format
from openconsular.domain.health.records.products import catalogue
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import rules, signing
from openconsular.health_certificates.actions import issuing, records
from openconsular.health_certificates.models import Alarm, Issued, Record, SigningKey
from openconsular.health_certificates.queries import records as reading

pytestmark = pytest.mark.django_db

INSERT = """
INSERT INTO health_certificates_issued (record_id, key_id, environment, identifier, text_hash, signature_hash,
    uci_hash, country_uci_hash, signed_at, expires_at)
SELECT %s, k.id, 'test', 'X', 'h', 's', %s, 'c', %s, %s FROM health_certificates_signingkey k WHERE k.purpose = 'dsc'
"""


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def sign_by_sql(record, now):
    raw(INSERT, record.pk, f"u{record.pk}".encode(), now, now + timedelta(days=1))


def test_a_dose_becomes_a_certificate(issued):
    made = issued()
    read = formats.read(made.text).certificate
    assert (read.format, read.issuer_country) == (Format.EU_DCC, "CN")
    assert read.holder.standard_family_name == "ZHANG"
    assert read.entries[0].identifier == made.identifier
    assert made.key.kid.hex() in formats.read(made.text).seal.key_ids
    assert SigningKey.objects.get(pk=made.key_id).signed_count == 1


def test_every_signature_has_one_audit_entry(issued):
    made = [issued(), issued(given_name="Si")]
    subjects = AuditEntry.objects.filter(action=signing.ACTION).values_list("subject", flat=True)
    assert sorted(subjects) == sorted(f"certificate:{one.identifier}" for one in made)


def test_signing_again_changes_nothing(issued, now):
    made = issued()
    assert issuing.sign_record(record_id=made.pk, now=now + timedelta(minutes=1)) is None
    assert Issued.objects.count() == 1


def test_a_yellow_card_and_a_health_card(issued):
    yellow = next(one.code for one in catalogue().values() if one.for_life)
    card = {"sex": "male", "nationality": "CN", "document_number": "E1234", "batch": "L7", "product": yellow}
    for form, start, more in ((Format.ICVP, "HC1:", card), (Format.SMART, "shc:/", {"vaccine": "208"})):
        made = issued(certificate_format=form, **more)
        assert made.text.startswith(start)


def test_nobody_approves_what_they_wrote(written, people, now):
    record = written(by="officer")
    with pytest.raises(NotAllowed):
        records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    with pytest.raises(IntegrityError):
        raw("UPDATE health_certificates_record SET approved_by = recorded_by, approved_at = now()")
    with pytest.raises(IntegrityError):
        raw("UPDATE health_certificates_record SET approved_by = '', approved_at = now()")


def test_no_sql_signs_what_was_not_approved(written, signing_key, people, now):
    record = written()
    with pytest.raises(IntegrityError, match="only an approved record"):
        sign_by_sql(record, now)
    records.refuse_record(public_id=record.public_id, reason="wrong", by=people["officer"], now=now)
    with pytest.raises(IntegrityError):
        sign_by_sql(record, now)
    assert not Issued.objects.exists()


def test_no_sql_signs_before_the_approval_or_with_a_key_that_may_not(written, signing_key, people, now):
    record = written()
    records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    with pytest.raises(IntegrityError):
        sign_by_sql(record, now - timedelta(minutes=1))
    with pytest.raises(IntegrityError):
        sign_by_sql(record, now + timedelta(days=181))
    sign_by_sql(record, now)
    with pytest.raises(IntegrityError):
        sign_by_sql(record, now)


def test_a_record_comes_unapproved_and_never_changes(written, people, now):
    written()
    for change in (
        "content_mac = 'x'",
        "holder_hash = 'x'",
        "recorded_by = 'staff:99'",
        "mission_id = NULL",
        "environment = 'live'",
    ):
        with pytest.raises(IntegrityError):
            raw("UPDATE health_certificates_record SET " + change)  # noqa: S608
    with pytest.raises(IntegrityError):
        raw("DELETE FROM health_certificates_record")
    with pytest.raises(IntegrityError):
        Record.objects.create(
            environment="test",
            format="eu-dcc",
            kind="test",
            content="{}",
            content_mac=b"x" * 32,
            holder_hash=b"h",
            recorded_by="a",
            recorded_at=now,
            approved_by="b",
            approved_at=now,
        )


def test_words_exchanged_below_the_program_are_not_signed(written, people, signing_key, now):
    mine, other = written(), written(family_name="Li")
    records.approve_record(public_id=mine.public_id, by=people["officer"], now=now)
    raw(
        "UPDATE health_certificates_record a SET content = b.content FROM health_certificates_record b"
        " WHERE a.id = %s AND b.id = %s",
        mine.pk,
        other.pk,
    )
    assert issuing.sign_record(record_id=mine.pk, now=now) is None
    assert not Issued.objects.exists()
    mine.refresh_from_db()
    assert mine.fault == "record-altered"


def test_the_register_only_grows(issued):
    issued()
    for sql in (
        "DELETE FROM health_certificates_issued",
        "UPDATE health_certificates_issued SET signature_hash = 'x'",
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE health_certificates_issued CASCADE",
    ):
        with pytest.raises(IntegrityError):
            raw(sql)


def test_a_correction_ends_what_it_corrects(issued, written, people, now):
    first = issued()
    later = now + timedelta(minutes=5)
    second = written(family_name="Chang", replaces=first.record.public_id, at=later)
    records.approve_record(public_id=second.public_id, by=people["officer"], now=later)
    assert not hasattr(Issued.objects.get(pk=first.pk), "revoked")
    issuing.sign_record(record_id=second.pk, now=later)
    assert Issued.objects.get(pk=first.pk).revoked.revocation.reason == "corrected"
    with pytest.raises(Conflict):
        written(family_name="Cheung", replaces=first.record.public_id)


def test_the_switch_ends_signing_even_for_sql(written, people, signing_key, now):
    record = written()
    records.approve_record(public_id=record.public_id, by=people["officer"], now=now)
    issuing.stop_issuing(reason="a stolen laptop", by=people["duty"], now=now)
    with pytest.raises(signing.Stopped):
        issuing.sign_record(record_id=record.pk, now=now)
    with pytest.raises(IntegrityError, match="stopped"):
        sign_by_sql(record, now)
    with pytest.raises(NotAllowed):
        issuing.resume_issuing(by=people["duty"], now=now)
    issuing.resume_issuing(by=people["health"], now=now)
    assert issuing.unsigned(now=now) == [record.pk]
    assert issuing.sign_record(record_id=record.pk, now=now)


def test_a_desk_that_writes_too_many_is_held(written, people, signing_key, now, monkeypatch):
    few = replace(rules.current(), an_hour_recorder=2)
    monkeypatch.setattr(rules, "current", lambda: few)
    made = []
    for i in range(4):
        record = written(given_name=f"Name{chr(65 + i)}", at=now + timedelta(minutes=i))
        records.approve_record(
            public_id=record.public_id, by=people["officer"], now=now + timedelta(minutes=i)
        )
        made.append(issuing.sign_record(record_id=record.pk, now=now + timedelta(minutes=i)))
    assert [one is not None for one in made] == [True, True, False, False]
    alarm = Alarm.objects.get()
    assert (alarm.scope, alarm.subject, alarm.count) == ("recorder", people["clinic"].label, 3)
    held = issuing.unsigned(now=now + timedelta(minutes=9))
    with pytest.raises(IntegrityError, match="alarm"):
        sign_by_sql(Record.objects.get(pk=held[0]), now + timedelta(minutes=9))
    with pytest.raises(NotAllowed):
        issuing.settle_alarm(alarm_id=alarm.pk, allow=9, note="fine", by=people["clinic"], now=now)
    issuing.settle_alarm(alarm_id=alarm.pk, allow=9, note="a school", by=people["health"], now=now)
    assert all(issuing.sign_record(record_id=one, now=now + timedelta(minutes=9)) for one in held)


RECORDERS = {"clinic", "officer", "second", "elsewhere", "health", "health2"}
APPROVERS = {"officer", "second", "health", "health2"}


def test_who_may_write_down(people, written):
    for name in people:
        if name in RECORDERS:
            assert written(by=name)
        else:
            with pytest.raises(NotAllowed):
                written(by=name)


def test_who_may_approve_and_of_which_mission(people, written, now):
    for name, by in people.items():
        record = written(given_name="For" + name.rstrip("2").title())
        if name in APPROVERS:
            assert records.approve_record(public_id=record.public_id, by=by, now=now)
        else:
            with pytest.raises((NotAllowed, NotFound)):
                records.approve_record(public_id=record.public_id, by=by, now=now)


def test_who_may_read_and_every_reading_is_audited(people, written, now):
    record = written()
    readers = {"clinic", "officer", "second", "health", "health2"}
    for name, by in people.items():
        if name in readers:
            view = reading.record_for(public_id=record.public_id, by=by, now=now)
            assert view.written.holder.family_name == "Zhang"
        else:
            with pytest.raises(NotFound):
                reading.record_for(public_id=record.public_id, by=by, now=now)
    read = AuditEntry.objects.filter(action="certificate.read").values_list("actor", flat=True)
    assert sorted(read) == sorted(people[name].label for name in readers)


def test_a_person_is_found_by_name_and_birth_without_either_in_the_clear(people, written, now):
    record = written()
    found = reading.find_by_holder(
        family_name="zhang", given_name="SAN", born_on="1980-05-17", by=people["health"], now=now
    )
    assert [one.pk for one in found] == [record.pk]
    elsewhere = reading.find_by_holder(
        family_name="Zhang", given_name="San", born_on="1980-05-17", by=people["elsewhere"], now=now
    )
    assert elsewhere == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM health_certificates_record r")
        row = cursor.fetchone()[0]
    assert "zhang" not in row.lower() and "5a68616e67" not in row
    assert "zhang" not in str(list(AuditEntry.objects.values_list("detail", "subject"))).lower()


def test_what_is_wrong_is_said_at_the_desk(written):
    with pytest.raises(InvalidInput) as refusal:
        written(happened_on="2026-06-09")
    assert set(refusal.value.fields) == {"happened_on"}
