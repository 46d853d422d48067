"""One incident at Cebu, with a person, a warning, an answer and a case: what the addresses speak of."""

import zlib
from datetime import timedelta

from openconsular.accounts import actions as accounts
from openconsular.accounts import queries as missions
from openconsular.alerts import links
from openconsular.alerts.models import Answer, Incident, Recipient, Warning, WarningText
from openconsular.casework import actions as casework
from openconsular.citizens.models import Contact, Person, Stay, Trip
from openconsular.domain.geo import Area
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM, Role
from openconsular.hazards.models import Quarantined
from openconsular.health_certificates.models import Record
from tests.casework.hazards import make_hazard
from tests.matrix import expectations as e
from tests.matrix.certificates import make_certificates

ROLES = {
    e.DUTY: (Role.DUTY_OFFICER, None),
    e.APPROVER: (Role.APPROVER, None),
    e.MISSION: (Role.MISSION_OFFICER, "cebu"),
    e.ELSEWHERE: (Role.MISSION_OFFICER, "manila"),
    e.AUDITOR: (Role.AUDITOR, None),
    e.ADMIN: (Role.ADMINISTRATOR, None),
    e.HEALTH: (Role.HEALTH_OFFICER, None),
    e.CLINIC: (Role.CLINIC, "cebu"),
}


def make_staff(now):
    accounts.load_missions(profile=profile.load("cn"), by=SYSTEM, now=now)
    made = {}
    for name, (role, code) in ROLES.items():
        mission = missions.mission_by_code(code) if code else None
        made[name] = accounts.add_officer(
            username=name.replace("_", "-"),
            display_name=name,
            role=role,
            mission_id=mission.pk if mission else None,
            password="a passphrase for the matrix",
            by=SYSTEM,
            now=now,
        )
    return made


def make_world(staff, now):
    """The arguments of every address, by name, and two citizens: the one they speak of, and another."""
    cebu = missions.mission_by_code("cebu")
    ring = [[123.5, 10.0], [124.5, 10.0], [124.5, 11.0], [123.5, 11.0], [123.5, 10.0]]
    area = Area.from_geojson({"type": "Polygon", "coordinates": [ring]})
    hazard = make_hazard(now, area=area.to_bytes())
    person = Person.objects.create(native_name="张三", created_at=now, updated_at=now, is_synthetic=True)
    child = Person.objects.create(
        native_name="张小", lead=person, relation="child", created_at=now, updated_at=now, is_synthetic=True
    )
    contact = Contact.objects.create(
        person=person,
        kind="phone",
        value="+8613800000000",
        value_hash=b"1" * 16,
        verified_at=now,
        created_at=now,
    )
    trip = Trip.objects.create(person=person, title="宿务", created_at=now)
    stay = Stay.objects.create(
        person=person,
        trip=trip,
        kind="leg",
        label="宿务",
        country="PH",
        region="PH-07",
        mission=cebu,
        lat=10.3,
        lon=123.9,
        morton=0,
        timezone="Asia/Manila",
        starts_at=now,
        ends_at=now + timedelta(days=2),
    )
    incident = Incident.objects.create(hazard=hazard, title="Typhoon", opened_at=now)
    recipient = Recipient.objects.create(
        incident=incident,
        person=person,
        party=person.pk,
        mission=cebu,
        country="PH",
        region="PH-07",
        language="zh-Hans",
        lat=10.3,
        lon=123.9,
        reason={
            "kind": "leg",
            "label": "宿务",
            "until": (now + timedelta(days=1)).isoformat(),
            "certainty": "inside",
        },
        state_at=now,
    )
    warning = Warning.objects.create(
        incident=incident,
        kind=Warning.Kind.WARNING,
        grade="do-not-go",
        area=area.to_bytes(),
        audience_size=1,
        approval_above=0,
        proposed_at=now,
    )
    WarningText.objects.create(
        warning=warning, language="zh-Hans", sms="台风。{link}", subject="台风", body="台风。{link}"
    )
    # Words are written before they are submitted, and stand from then on.
    Warning.objects.filter(pk=warning.pk).update(
        state=Warning.State.SUBMITTED, submitted_by=staff[e.DUTY], submitted_at=now, confirmed_size=1
    )
    case = casework.open_case(
        person_id=person.pk,
        hazard_id=hazard.pk,
        mission_id=cebu.pk,
        summary="被困",
        place="宿务",
        people_count=1,
        urgency=1,
        by=SYSTEM,
        now=now,
    )
    answer = Answer.objects.create(
        recipient=recipient, value="help", via="link", key="k", at=now, by=f"citizen:{person.pk}", case=case
    )
    target = accounts.add_officer(
        username="target", display_name="Target", role=Role.AUDITOR, by=SYSTEM, now=now
    )
    quarantined = Quarantined.objects.create(
        source=hazard.source,
        code="not-xml",
        reason="x",
        raw=zlib.compress(b"<"),
        digest="0" * 64,
        received_at=now,
        last_seen_at=now,
    )
    arguments = {
        "public_id": child.public_id,
        "contact_id": contact.pk,
        "trip_id": trip.pk,
        "stay_id": stay.pk,
        "quarantined_id": quarantined.pk,
        "source_id": hazard.source_id,
        "officer_id": target.pk,
        "number": case.number,
        "event_id": 1,
        "hazard_id": hazard.pk,
        "incident_id": incident.pk,
        "recipient_id": recipient.pk,
        "answer_id": answer.pk,
        "warning_id": warning.pk,
        "language": "zh-Hans",
        "token": links.token_for(recipient.pk),
        **make_certificates(staff, now),
    }
    Record.objects.filter(public_id=arguments["record_id"]).update(person=person)
    stranger = Person.objects.create(native_name="王五", created_at=now, updated_at=now, is_synthetic=True)
    return arguments, {e.CITIZEN: person, e.STRANGER: stranger}
