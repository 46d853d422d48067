"""Ways around: what one person alone, or somebody who is quick, might try at the doors there are."""

import dataclasses
import io
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from openconsular.domain.health.certificate import Format, Kind
from openconsular.foundation.errors import Conflict, NotAllowed
from openconsular.gateways.trust_lists.base import ListDocument, ListUnavailable
from openconsular.health_certificates import batch_rows, batching, fetching, forgetting, publishing, rules
from openconsular.health_certificates.actions import (
    batches,
    claims,
    issuing,
    records,
    revocations,
    stopping,
    trust,
)
from openconsular.health_certificates.delivery import WrongCode
from openconsular.health_certificates.models import Alarm, Batch, Chunk, Issued, Record
from openconsular.health_certificates.queries.trust import verify
from tests.health_certificates.conftest import DOSE, KEEPER, SECOND_KEEPER
from tests.health_certificates.test_batches import file_of, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(people, now):
    """A batch of the clinic that is being received."""
    what = {"certificate_format": Format.EU_DCC, "kind": Kind.VACCINATION}
    return batches.open_batch(name="May", **what, by=people["clinic"], now=now)


def test_a_batch_taken_back_while_it_comes_in_stays_taken_back(opened, people, now, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 2)
    mine = {"public_id": opened.public_id, "by": people["clinic"], "now": now}

    def slowly():
        lines = list(batch_rows.lines_of(io.BytesIO(file_of(*map(line, range(5))))))
        yield from lines[:4]
        stopping.withdraw_batch(**mine)
        yield from lines[4:]

    with pytest.raises(Conflict):
        batches.receive(lines=slowly(), **mine)
    opened.refresh_from_db()
    assert opened.state == Batch.State.REFUSED
    assert Chunk.objects.filter(batch=opened).count() == 1


def test_a_file_sent_twice_at_once_adds_nothing_to_a_batch_that_is_whole(opened, people, now, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 2)
    mine = {"public_id": opened.public_id, "by": people["clinic"], "now": now}
    whole = list(batch_rows.lines_of(io.BytesIO(file_of(*map(line, range(4))))))

    def with_more():
        yield from whole
        batches.receive(lines=iter(whole), **mine)
        yield from (line(i) for i in range(4, 8))

    with pytest.raises(Conflict):
        batches.receive(lines=with_more(), **mine)
    opened.refresh_from_db()
    assert (opened.state, opened.rows) == (Batch.State.CHECKING, 4)
    assert Chunk.objects.filter(batch=opened).count() == 2


def test_who_sent_a_batch_does_not_let_it_go_on_when_it_was_stopped(people, signing_key, now):
    what = {"certificate_format": Format.EU_DCC, "kind": Kind.VACCINATION}
    mine = batches.open_batch(name="May", **what, by=people["officer"], now=now)
    lines = batch_rows.lines_of(io.BytesIO(file_of(*map(line, range(2)))))
    batches.receive(public_id=mine.public_id, lines=lines, by=people["officer"], now=now)
    batching.work(mine.pk, lambda: now)
    named = {"public_id": mine.public_id, "now": now}
    batches.approve_batch(confirmed_count=2, by=people["second"], **named)
    stopping.stop_batch(by=people["health"], **named)
    with pytest.raises(NotAllowed):
        stopping.go_on_with_batch(by=people["officer"], **named)
    assert stopping.go_on_with_batch(by=people["second"], **named).state == Batch.State.APPROVED


def test_who_wrote_or_approved_what_raised_an_alarm_does_not_settle_it(people, signing_key, now, monkeypatch):
    few = dataclasses.replace(rules.current(), an_hour_recorder=100, an_hour_mission=2)
    monkeypatch.setattr(rules, "current", lambda: few)
    for letter in "ABC":
        record = records.record_event(
            certificate_format=Format.EU_DCC,
            kind=Kind.VACCINATION,
            fields=DOSE | {"given_name": letter},
            mission_id=people["clinic"].mission_id,
            by=people["health"],
            now=now,
        )
        records.approve_record(public_id=record.public_id, by=people["health2"], now=now)
        issuing.sign_record(record_id=record.pk, now=now)
    alarm = Alarm.objects.get()
    assert alarm.scope == Alarm.Scope.MISSION
    for name in ("health", "health2"):
        with pytest.raises(NotAllowed):
            issuing.settle_alarm(alarm_id=alarm.pk, allow=9, note="fine", by=people[name], now=now)
    issuing.settle_alarm(alarm_id=alarm.pk, allow=9, note="a school", by=people["duty"], now=now)


def test_a_code_of_the_test_environment_opens_nothing_in_the_live_one(issued, people, now, settings):
    made = issued()
    told = claims.make_claim(public_id=made.record.public_id, by=people["clinic"], now=now)
    settings.CERTIFICATES = "live"
    with pytest.raises(WrongCode):
        claims.claim_by_code(code=told.code, born_on="1980-05-17", address="192.0.2.1", now=now)


def test_nobody_takes_back_what_is_proposed_about_their_own_work(issued, people, now):
    made = [issued(), issued(given_name="Other")]
    named = [one.identifier for one in made]
    proposal = revocations.revoke(identifiers=named, reason="fraud", by=people["health"], now=now)
    proposal.mission_id = people["officer"].mission_id
    proposal.save()
    taking = {"public_id": proposal.public_id, "now": now}
    with pytest.raises(NotAllowed):
        revocations.withdraw_revocation(by=people["officer"], **taking)
    assert revocations.withdraw_revocation(by=people["health2"], **taking).withdrawn_by
    own = revocations.revoke(identifiers=named, reason="error", by=people["officer"], now=now)
    assert revocations.withdraw_revocation(
        public_id=own.public_id, by=people["officer"], now=now
    ).withdrawn_by


def test_nobody_alone_says_whose_signatures_count_for_real(now, settings):
    settings.CERTIFICATES = "live"
    named = {"name": "theirs", "by": KEEPER, "now": now}
    assert not trust.add_source(kind="dsc-list", **named).is_enabled
    with pytest.raises(NotAllowed):
        trust.switch_source(is_enabled=True, **named)
    assert trust.switch_source(name="theirs", is_enabled=True, by=SECOND_KEEPER, now=now).is_enabled
    revoked = {"name": "revoked", "kind": "revocations", "issuer": "XA-live", "by": KEEPER, "now": now}
    assert trust.add_source(**revoked).is_enabled
    settings.CERTIFICATES = "test"
    assert trust.add_source(kind="dsc-list", **named).is_enabled


@pytest.mark.parametrize("name", ["own", "own-cards"])
def test_no_list_of_others_takes_the_name_of_ours(name, now):
    with pytest.raises(Conflict):
        trust.add_source(name=name, kind="dsc-list", by=KEEPER, now=now)


def test_no_two_revocation_lists_go_by_one_name(now):
    trust.add_source(name="one", kind="revocations", issuer="XA-live", by=KEEPER, now=now)
    two = {"name": "two", "by": KEEPER, "now": now}
    with pytest.raises(Conflict):
        trust.add_source(kind="revocations", issuer="XA-live", **two)
    trust.switch_source(name="one", is_enabled=False, by=KEEPER, now=now)
    trust.add_source(kind="revocations", issuer="XA-live", **two)
    with pytest.raises(Conflict):
        trust.switch_source(name="one", is_enabled=True, by=KEEPER, now=now)


def test_a_copy_of_our_own_list_neither_counts_nor_ends_all_verifying(issued, list_key, people, now):
    made = issued()
    publishing.publish_revocations(now=now)
    index = publishing.publish_revocations(now=now + timedelta(hours=7)).index_json.partition("\n")[2]
    copied = json.dumps({"index": json.dumps(json.loads(index) | {"version": 999}), "slices": {}})
    trust.add_source(name="copy", kind="revocations", issuer=publishing.list_id(), by=KEEPER, now=now)
    trust.import_list(name="copy", content=copied.encode(), by=KEEPER, now=now)
    assert verify(made.text, now=now).state == "valid"
    revocations.revoke(identifiers=[made.identifier], reason="fraud", by=people["health"], now=now)
    publishing.publish_revocations(now=now + timedelta(hours=8))
    assert verify(made.text, now=now).state == "revoked"


def test_a_list_whose_parts_are_too_large_together_is_not_read_to_its_end(now):
    class Endless:
        asked = 0

        def read(self, source, address="", **conditions):
            self.asked += 1
            return ListDocument(address, bytes(fetching.LIST_BYTES_MOST // 2))

    reader = Endless()
    parts = {"also": [f"https://a.example/{number}" for number in range(50)]}
    common = {"url": "https://a.example/list", "anchors": parts, "by": KEEPER, "now": now}
    source = trust.add_source(name="parts", kind="dsc-list", **common)
    with pytest.raises(ListUnavailable):
        fetching.gather(source, reader, now)
    assert reader.asked == 3


def test_a_refused_correction_does_not_keep_a_certificate_from_being_corrected(issued, written, people, now):
    made = issued()
    wrong = written(replaces=made.record.public_id, dose="1")
    records.refuse_record(public_id=wrong.public_id, reason="no", by=people["officer"], now=now)
    right = written(replaces=made.record.public_id, dose="1")
    with pytest.raises(Conflict):
        written(replaces=made.record.public_id, dose="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Record.objects.filter(pk=right.pk).update(replaces=None)
    records.approve_record(public_id=right.public_id, by=people["officer"], now=now)
    issuing.sign_record(record_id=right.pk, now=now)
    made.refresh_from_db()
    assert made.revoked.revocation.reason == "corrected"


# ------------------------------------------------------------------ forgetting


LATER = timedelta(days=800)


def test_what_nobody_decided_and_what_could_not_be_signed_is_forgotten(written, people, signing_key, now):
    waits, faulty = written(), written(given_name="Other")
    records.approve_record(public_id=faulty.public_id, by=people["officer"], now=now)
    Record.objects.filter(pk=faulty.pk).update(fault="card-too-long")
    forgetting.forget(now=now + timedelta(days=300))
    assert Record.objects.filter(content__isnull=True).count() == 0
    forgetting.forget(now=now + LATER)
    assert Record.objects.filter(content__isnull=True).count() == 2
    waits.refresh_from_db()
    assert (waits.refused_by, waits.refused_at) == ("system", now + LATER)
    with pytest.raises(Conflict):
        records.approve_record(public_id=waits.public_id, by=people["officer"], now=now + LATER)


def test_rows_of_a_file_that_broke_off_or_was_taken_back_are_forgotten(opened, people, now, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 2)
    mine = {"public_id": opened.public_id, "by": people["clinic"], "now": now}

    def broken():
        yield from list(batch_rows.lines_of(io.BytesIO(file_of(*map(line, range(3))))))[:3]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        batches.receive(lines=broken(), **mine)
    assert Chunk.objects.exclude(raw=None).count() == 1
    forgetting.forget(now=now + timedelta(days=40))
    opened.refresh_from_db()
    assert (opened.state, opened.refused_by) == (Batch.State.REFUSED, "system")
    assert not Chunk.objects.exclude(raw=None).exists()


def test_a_batch_nobody_decided_about_or_let_go_on_is_forgotten(
    opened, people, signing_key, now, monkeypatch
):
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 2)

    def checked(batch, rows):
        lines = batch_rows.lines_of(io.BytesIO(file_of(*rows)))
        batches.receive(public_id=batch.public_id, lines=lines, by=people["clinic"], now=now)
        batching.work(batch.pk, lambda: now)
        batch.refresh_from_db()
        return batch

    what = {"certificate_format": Format.EU_DCC, "kind": Kind.VACCINATION}
    other = batches.open_batch(name="June", **what, by=people["clinic"], now=now)
    waits, half = checked(opened, map(line, range(2))), checked(other, map(line, range(4, 8)))
    batches.approve_batch(public_id=half.public_id, confirmed_count=4, by=people["officer"], now=now)
    batching.work(half.pk, lambda: now, most=1)
    stopping.stop_batch(public_id=half.public_id, by=people["officer"], now=now)
    forgetting.forget(now=now + LATER)
    waits.refresh_from_db()
    half.refresh_from_db()
    assert (waits.state, half.state) == (Batch.State.REFUSED, Batch.State.DONE)
    assert not Record.objects.exclude(content=None).exists()
    assert Issued.objects.filter(text=None).count() == 2
