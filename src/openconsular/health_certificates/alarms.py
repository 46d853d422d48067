"""Unusual rates: more in an hour than a desk or a mission does hold the signing until somebody has looked."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor
from openconsular.health_certificates import rules
from openconsular.health_certificates.models import Alarm, Record

HOUR = timedelta(hours=1)
WATCH = Actor(label="system:watch", is_system=True)


def is_held(record: Record, *, now: datetime) -> bool:
    """Whether a record must wait: an alarm is open for its recorder or mission, or is raised by it now."""
    policy = rules.current()
    recent = Record.objects.filter(
        environment=record.environment,
        batch=None,
        recorded_at__gt=record.recorded_at - HOUR,
        recorded_at__lte=record.recorded_at,
    )
    subjects = [(Alarm.Scope.RECORDER, record.recorded_by, policy.an_hour_recorder)]
    if record.mission_id is not None:
        subjects.append((Alarm.Scope.MISSION, f"mission:{record.mission_id}", policy.an_hour_mission))
    held = False
    for scope, subject, limit in subjects:
        mine = (
            recent.filter(recorded_by=subject)
            if scope == Alarm.Scope.RECORDER
            else recent.filter(mission_id=record.mission_id or 0)
        )
        held |= _check(record.environment, scope, subject, limit, mine.count(), now)
    return held


def _check(environment: str, scope: str, subject: str, limit: int, count: int, now: datetime) -> bool:
    alarms = Alarm.objects.filter(environment=environment, subject=subject)
    if alarms.filter(settled_at=None).exists():
        return True
    settled = alarms.filter(raised_at__gt=now - HOUR).order_by("-pk").first()
    if count <= max(limit, settled.allowed if settled else 0):
        return False
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(
                environment=environment, scope=scope, subject=subject, count=count, limit=limit, raised_at=now
            )
            detail = {"alarm": alarm.pk, "count": count, "limit": limit}
            audit.record(
                by=WATCH, action="certificate.alarm", subject=f"rate:{subject}", now=now, detail=detail
            )
    except IntegrityError:
        # Another worker has just raised it.
        return True
    return True
