"""The clinic's day of the demonstration, on a small scale."""

import pytest

from openconsular.accounts import actions as accounts
from openconsular.accounts import queries as missions
from openconsular.citizens import actions as citizens
from openconsular.domain.health.carriers import pictures
from openconsular.drills import clinic
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM, Role
from openconsular.health_certificates import publishing
from openconsular.health_certificates.actions import claims
from openconsular.health_certificates.models import Issued
from openconsular.health_certificates.queries import trust


@pytest.fixture
def officers(db, now):
    accounts.load_missions(profile=profile.current(), by=SYSTEM, now=now)
    citizens.load_synthetic(count=300, seed=1, now=now, by=SYSTEM, share={"PH": 0.9})
    near = next(one.code for one in profile.current().missions if one.country == "PH")
    officer = accounts.add_officer(
        username="mission",
        display_name="Mission",
        role=Role.MISSION_OFFICER,
        mission_id=missions.mission_by_code(near).pk,
        password="a passphrase for the drill",
        by=SYSTEM,
        now=now,
    )
    return {"mission": officer.actor}


def test_a_clinic_s_day_leaves_certificates_to_look_at(officers, now, tmp_path):
    sign_ins, said = [], []
    made = clinic.prepare(
        officers=officers, sign_ins=sign_ins, folder=tmp_path, now=now, say=said.append, certificates=8
    )
    assert said == [] and made is not None and made.certificates == 8
    assert [one.username for one in sign_ins] == ["clinic", "health"]
    assert {one.record.format for one in Issued.objects.select_related("record")} == {"eu-dcc", "icvp"}
    # One was revoked; one was corrected, which revokes it as well. The room's workers publish it when they start.
    publishing.publish_revocations(now=now)
    states = [trust.verify(one.text, now=now).state for one in Issued.objects.all()]
    assert sorted(states) == ["revoked", "revoked", *["valid"] * 7]
    held = claims.claim_by_code(code=made.claim_code, born_on=made.born_on, address="127.0.0.1", now=now)
    (text,) = pictures.codes_in((tmp_path / "certificate.pdf").read_bytes())
    assert text == held.text and made.sample == str(tmp_path / "certificate.pdf")


def test_a_drill_without_a_mission_near_goes_on_without_a_clinic(db, now, tmp_path):
    assert clinic.prepare(officers={}, sign_ins=[], folder=tmp_path, now=now, say=print) is None


def test_what_fails_is_said_and_ends_nothing(officers, now, tmp_path):
    said = []
    for _ in range(2):
        found = clinic.prepare(
            officers=officers, sign_ins=[], folder=tmp_path, now=now, say=said.append, certificates=4
        )
    assert found is None and len(said) == 1
