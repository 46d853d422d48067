"""A certificate of Cebu that its clinic wrote down, and all that hangs on it."""

import json

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.permissions import Actor, Role
from openconsular.health_certificates.actions import (
    batches,
    issuing,
    keys,
    records,
    revocations,
    rules,
    trust,
)
from openconsular.health_certificates.models import Alarm, EntryRule
from tests.domain.health.test_rules import source
from tests.health_certificates.conftest import DOSE, make_chain
from tests.matrix import expectations as e


def make_certificates(staff, now):
    """The arguments of the addresses about certificates."""
    clinic, officer, keeper = (staff[one].actor for one in (e.CLINIC, e.MISSION, e.ADMIN))
    make_chain(now)
    common = {"certificate_format": Format.EU_DCC, "kind": Kind.VACCINATION}
    record = records.record_event(**common, fields=DOSE, by=clinic, now=now)
    records.approve_record(public_id=record.public_id, by=officer, now=now)
    issued = issuing.sign_record(record_id=record.pk, now=now)
    assert issued is not None
    other = records.record_event(**common, fields=DOSE | {"happened_on": "2026-05-01"}, by=clinic, now=now)
    records.approve_record(public_id=other.public_id, by=officer, now=now)
    second = issuing.sign_record(record_id=other.pk, now=now)
    both = [issued.identifier, second.identifier]
    colleague = Actor("staff:0", Role.MISSION_OFFICER, mission_id=officer.mission_id)
    revocation = revocations.revoke(identifiers=both, reason="error", by=colleague, now=now)
    batch = batches.open_batch(name="May", **common, by=clinic, now=now)
    keys.make_key(label="next", purpose=Purpose.DSC, by=keeper, now=now)
    trust.add_source(name="others", kind="jwks", by=keeper, now=now)
    rules.add_rule_source(name="others", kind="rules", by=keeper, now=now)
    rules.import_rules(name="others", content=json.dumps([source()]).encode(), by=keeper, now=now)
    alarm = Alarm.objects.create(
        environment="test", scope="recorder", subject="staff:0", count=9, limit=1, raised_at=now
    )
    return {
        "record_id": record.public_id,
        "batch_id": batch.public_id,
        "revocation_id": revocation.public_id,
        "alarm_id": alarm.pk,
        "label": "test-dsc",
        "name": "others",
        "rule_id": EntryRule.objects.get().pk,
    }
