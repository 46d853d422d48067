"""A typhoon over Luzon, people in its way, and the officers who warn them; all through the doors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from openconsular.accounts.actions import add_officer, load_missions
from openconsular.alerts import actions, jobs
from openconsular.alerts.models import Incident, Recipient, Warning
from openconsular.citizens.actions import load_synthetic
from openconsular.domain.cap import model as cap
from openconsular.domain.cap.write import to_xml
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.gateways import configured
from openconsular.hazards import actions as hazards
from openconsular.hazards.models import Source

LUZON = ((16.7, 119.7), (16.6, 121.4), (14.6, 123.0), (13.3, 124.7), (12.9, 121.9), (13.3, 120.4))
MANILA_ONLY = ((14.9, 120.8), (14.9, 121.3), (14.3, 121.3), (14.3, 120.8))
NOWHERE = ((-40.0, -30.0), (-40.0, -29.0), (-41.0, -29.0))


@dataclass(frozen=True)
class Staff:
    duty: Actor
    approver: Actor
    manila: Actor
    cebu: Actor
    auditor: Actor
    administrator: Actor


@pytest.fixture
def staff(db, now) -> Staff:
    load_missions(profile=profile.current(), by=SYSTEM, now=now)
    from openconsular.accounts.queries import mission_by_code

    def one(name: str, role: Role, mission: str = "") -> Actor:
        where = mission_by_code(mission)
        return add_officer(
            username=name,
            display_name=name,
            role=role,
            mission_id=where.pk if where else None,
            by=SYSTEM,
            now=now,
        ).actor

    return Staff(
        duty=one("duty", Role.DUTY_OFFICER),
        approver=one("approver", Role.APPROVER),
        manila=one("manila-officer", Role.MISSION_OFFICER, "manila"),
        cebu=one("cebu-officer", Role.MISSION_OFFICER, "cebu"),
        auditor=one("auditor", Role.AUDITOR),
        administrator=one("administrator", Role.ADMINISTRATOR),
    )


@pytest.fixture
def people(staff, now):
    """Three hundred synthetic citizens, most of them in the Philippines."""
    return load_synthetic(count=300, seed=7, now=now, by=SYSTEM, share={"PH": 0.8})


@pytest.fixture
def source(db, now) -> Source:
    return hazards.add_source(
        name="weather", kind="http", url="http://127.0.0.1:9/feed", is_drill=True, by=SYSTEM, now=now
    )


Published = Callable[..., int]


@pytest.fixture
def publish(source) -> Published:
    """Records a CAP message as if it had been fetched; returns the id of the hazard it made or changed."""

    def record(
        identifier: str,
        *,
        now: datetime,
        msg_type: str = "Alert",
        references: tuple[tuple[str, datetime], ...] = (),
        polygon: tuple[tuple[float, float], ...] = LUZON,
        severity: str = "Severe",
        response: str = "",
        urgency: str = "Immediate",
        lasts_hours: int = 24,
    ) -> int:
        ring = " ".join(f"{lat},{lon}" for lat, lon in (*polygon, polygon[0]))
        infos = tuple(
            cap.Info(
                event=event,
                language=language,
                categories=(cap.Category.MET,),
                response_types=(cap.ResponseType(response),) if response else (),
                urgency=cap.Urgency(urgency),
                severity=cap.Severity(severity),
                certainty=cap.Certainty.OBSERVED,
                expires=now + timedelta(hours=lasts_hours),
                headline=headline,
                areas=(cap.Area(area_desc=place, polygons=(ring,)),),
            )
            for event, language, headline, place in (
                ("台风", "zh-Hans", "台风登陆吕宋", "吕宋岛"),
                ("Typhoon", "en", "Typhoon over Luzon", "Luzon"),
            )
        )
        alert = cap.Alert(
            identifier=identifier,
            sender="weather@example.org",
            sent=now,
            status=cap.Status.EXERCISE,
            msg_type=cap.MsgType(msg_type),
            references=tuple(cap.Reference("weather@example.org", one, sent) for one, sent in references),
            infos=infos,
        )
        result = hazards.record_document(source=source, raw=to_xml(alert), now=now, by=SYSTEM)
        (item,) = result.items
        assert item.hazard_id is not None, item
        return item.hazard_id

    return record


@pytest.fixture
def typhoon(publish, people, now) -> Warning:
    """The proposal that a typhoon over Luzon brings about."""
    warning = actions.match(hazard_id=publish("one", now=now), by=SYSTEM, now=now)
    assert warning is not None
    return warning


@pytest.fixture
def released(typhoon, staff, now, outbox) -> Warning:
    """The typhoon's warning, submitted and handed over to the console twins."""
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    hand_over(typhoon)
    typhoon.refresh_from_db()
    return typhoon


def hand_over(warning: Warning) -> None:
    """What the workers do with the shards of a warning."""
    for shard in warning.shards.values_list("pk", flat=True):
        jobs.deliver_shard.func(shard_id=shard)


@pytest.fixture
def outbox():
    """Fresh console twins; what was handed to them."""
    configured.gateway_for.cache_clear()
    yield configured.gateway_for
    configured.gateway_for.cache_clear()


def row_of(incident: Incident, **wanted: object) -> Recipient:
    row = incident.recipients.filter(**wanted).order_by("pk").first()
    assert row is not None
    return row
