"""Staff of two missions, keys that sign, records to be signed, files of many."""

import io

import pytest

from openconsular.accounts.models import Officer
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.permissions import Actor, Role
from openconsular.health_certificates import batch_rows, batching
from openconsular.health_certificates.actions import batches, issuing, keys, records
from tests.accounts.conftest import missions, staff  # noqa: F401

KEEPER = Actor(label="staff:901", role=Role.ADMINISTRATOR, officer_id=901)
SECOND_KEEPER = Actor(label="staff:902", role=Role.ADMINISTRATOR, officer_id=902)


def make_chain(now, environment="test", kinds=(), label="dsc", **limits):
    """An authority and a document signer in use."""
    mark = f"{environment}-{label}"
    common = {"by": KEEPER, "now": now}
    keys.make_key(label=f"sca-{mark}", purpose=Purpose.SCA, environment=environment, **common)
    keys.certify_self(label=f"sca-{mark}", **common)
    keys.activate_key(label=f"sca-{mark}", by=SECOND_KEEPER, now=now)
    keys.make_key(
        label=mark,
        purpose=Purpose.DSC,
        environment=environment,
        kinds=[Kind(one) for one in kinds],
        **limits,
        **common,
    )
    keys.certify_with(label=mark, authority=f"sca-{mark}", **common)
    return keys.activate_key(label=mark, by=SECOND_KEEPER, now=now)


@pytest.fixture
def signing_key(db, now):
    return make_chain(now)


DOSE = {
    "family_name": "Zhang",
    "given_name": "San",
    "born_on": "1980-05-17",
    "vaccine": "1119349007",
    "product": "EU/1/20/1528",
    "maker": "ORG-100030215",
    "dose": "2",
    "doses": "2",
    "happened_on": "2026-05-30",
}


@pytest.fixture
def people(staff):  # noqa: F811
    """Everybody who has a part in it, by role and mission."""
    made = {
        "clinic": staff("clinic", Role.CLINIC, "cebu", None),
        "officer": staff("officer", Role.MISSION_OFFICER, "cebu", None),
        "second": staff("second", Role.MISSION_OFFICER, "cebu", None),
        "elsewhere": staff("elsewhere", Role.MISSION_OFFICER, "manila", None),
        "health": staff("health", Role.HEALTH_OFFICER, None, None),
        "health2": staff("health2", Role.HEALTH_OFFICER, None, None),
        "duty": staff("duty", Role.DUTY_OFFICER, None, None),
        "approver": staff("approver", Role.APPROVER, None, None),
        "auditor": staff("auditor", Role.AUDITOR, None, None),
        "admin": staff("admin", Role.ADMINISTRATOR, None, None),
    }
    return {name: one.actor for name, one in made.items()}


@pytest.fixture
def written(people, now):
    """Writes a record down: written(), written(family_name="Li"), written(by="officer")."""

    def write(
        by="clinic", at=None, certificate_format=Format.EU_DCC, kind=Kind.VACCINATION, replaces=None, **fields
    ):
        return records.record_event(
            certificate_format=certificate_format,
            kind=kind,
            fields=DOSE | fields,
            replaces=replaces,
            by=people[by],
            now=at or now,
        )

    return write


@pytest.fixture
def issued(written, people, signing_key, now):
    """Writes down, approves and signs: issued() -> Issued."""

    def make(by="clinic", approver="officer", at=None, **fields):
        record = written(by=by, at=at, **fields)
        records.approve_record(public_id=record.public_id, by=people[approver], now=at or now)
        return issuing.sign_record(record_id=record.pk, now=at or now)

    return make


@pytest.fixture
def list_key(db, now, signing_key):
    """The key that signs our lists."""
    keys.make_key(label="lists", purpose=Purpose.LIST, by=KEEPER, now=now)
    keys.certify_with(label="lists", authority="sca-test-dsc", by=KEEPER, now=now)
    return keys.activate_key(label="lists", by=SECOND_KEEPER, now=now)


@pytest.fixture
def as_(client, settings, people):
    """A browser signed in by name: as_("clinic"). An exercise, so that the second factor is not in the way."""
    settings.IS_DRILL = True
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def sign_in(name):
        client.force_login(Officer.objects.get(pk=people[name].officer_id))
        return client

    return sign_in


@pytest.fixture
def send(people, now, monkeypatch):
    """Sends a file, by the clinic, in chunks of five rows: send(b"...") -> Batch."""
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 5)

    def send(content, by="clinic", batch=None):
        batch = batch or batches.open_batch(
            name="May", certificate_format=Format.EU_DCC, kind=Kind.VACCINATION, by=people[by], now=now
        )
        lines = batch_rows.lines_of(io.BytesIO(content))
        return batches.receive(public_id=batch.public_id, lines=lines, by=people[by], now=now)

    return send


def work(batch, now):
    batching.work(batch.pk, lambda: now)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def submitted(send, now):
    return lambda content, **more: work(send(content, **more), now)
