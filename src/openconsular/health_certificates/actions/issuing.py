"""Signing what was approved, the switch that ends all of it, and the alarms that hold it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from openconsular.domain.health.certificate import Format
from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import alarms, rules, signing
from openconsular.health_certificates.models import Alarm, Issued, IssuingSwitch, Record
from openconsular.health_certificates.queries.keys import signing_key
from openconsular.health_certificates.revoking import revoke_corrected
from openconsular.health_certificates.signing import ToSign

# A record older than this that has no signature is looked at by a person, not by the sweep.
SWEPT_FOR = timedelta(days=30)


@transaction.atomic
def sign_record(*, record_id: int, now: datetime) -> Issued | None:
    """Sign one approved record that is not of a batch. None where it has its signature, is held, or may not be signed.

    May run any number of times and at once: a record gets one signature. Corrections revoke what they replace in the
    same transaction.
    """
    signing.require_running()
    record = Record.objects.filter(
        pk=record_id, batch=None, approved_at__isnull=False, environment=settings.CERTIFICATES
    ).first()
    if record is None or record.content is None or not signing.lock_record(record_id):
        return None
    if alarms.is_held(record, now=now):
        return None
    at = signing.whole_second(now)
    key = signing_key(kind=record.kind, now=at, lives=rules.current().valid_for[record.format])
    to_sign = ToSign(record.pk, record.public_id, record.format, record.content, bytes(record.content_mac))
    signed, failures = signing.sign([to_sign], key=key, sealer=signing.sealer_of(key), at=at)
    if failures:
        _note_fault(record, failures[0].code, now)
        return None
    signing.store(signed, key=key, at=at)
    if record.replaces_id is not None:
        revoke_corrected(record, now=now)
    return Issued.objects.get(pk=record.pk)


def _note_fault(record: Record, code: str, now: datetime) -> None:
    Record.objects.filter(pk=record.pk).update(fault=code)
    subject, detail = f"record:{record.public_id}", {"code": code}
    audit.record(by=signing.SIGNER, action="certificate.not_signed", subject=subject, now=now, detail=detail)


def unsigned(*, now: datetime) -> list[int]:
    """Approved records without a signature, the oldest first: what the sweep hands to `sign_record`."""
    waiting = Record.objects.filter(
        environment=settings.CERTIFICATES,
        batch=None,
        approved_at__gt=now - SWEPT_FOR,
        issued=None,
        content__isnull=False,
        fault="",
    )
    return list(waiting.order_by("approved_at").values_list("pk", flat=True)[:1000])


def formats() -> list[str]:
    """The formats this installation issues."""
    return [one.value for one in Format if one.value in rules.current().valid_for]


# ------------------------------------------------------------------ the switch and the alarms


@transaction.atomic
def stop_issuing(*, reason: str, by: Actor, now: datetime) -> None:
    """End all signing at once, also in the middle of a batch."""
    by.require(Permission.STOP_ISSUING)
    if not reason.strip():
        raise InvalidInput(_("Say why."), fields={"reason": _("missing")})
    _switch(True, reason.strip()[:200], by, now)


@transaction.atomic
def resume_issuing(*, by: Actor, now: datetime) -> None:
    """Let signing go on. Not by who stopped it: a second person has looked."""
    by.require(Permission.STOP_ISSUING)
    switch = IssuingSwitch.objects.select_for_update().filter(pk=1).first()
    if switch is not None and switch.is_stopped and switch.changed_by == by.label and not by.is_system:
        raise NotAllowed(_("Another person than who stopped it lets it go on."))
    _switch(False, "", by, now)


def _switch(is_stopped: bool, reason: str, by: Actor, now: datetime) -> None:
    IssuingSwitch.objects.update_or_create(
        pk=1,
        defaults={
            "is_stopped": is_stopped,
            "changed_by": by.label[:60],
            "changed_at": now,
            "reason": reason,
        },
    )
    action = "certificate.stop_issuing" if is_stopped else "certificate.resume_issuing"
    audit.record(by=by, action=action, subject="issuing", now=now, detail={"reason": reason})


@transaction.atomic
def settle_alarm(*, alarm_id: int, allow: int, note: str, by: Actor, now: datetime) -> Alarm:
    """Say that somebody has looked, and up to how many in this hour are right (`allow`). Never about oneself, nor by
    who wrote down or approved any of it."""
    by.require(Permission.STOP_ISSUING)
    alarm = Alarm.objects.select_for_update().filter(pk=alarm_id, settled_at=None).first()
    if alarm is None:
        raise NotFound
    if alarm.subject == by.label or _took_part(alarm, by):
        raise NotAllowed(_("Another person settles this alarm."))
    if not note.strip():
        raise InvalidInput(_("Write what you found."), fields={"note": _("missing")})
    alarm.settled_at, alarm.settled_by = now, by.label[:60]
    alarm.allowed, alarm.note = max(0, allow), note.strip()[:300]
    alarm.save()
    detail = {"alarm": alarm.pk, "allowed": alarm.allowed}
    audit.record(
        by=by, action="certificate.settle_alarm", subject=f"rate:{alarm.subject}", now=now, detail=detail
    )
    return alarm


def _took_part(alarm: Alarm, by: Actor) -> bool:
    """Whether who settles wrote down or approved what the alarm is about: records of its subject that are held, or of
    the day before it."""
    mission = alarm.subject.removeprefix("mission:")
    about = Q(mission_id=int(mission)) if alarm.scope == Alarm.Scope.MISSION else Q(recorded_by=alarm.subject)
    since = alarm.raised_at - timedelta(days=1)
    lately = Q(recorded_at__gt=since) | Q(approved_at__gt=since) | Q(approved_at__isnull=False, issued=None)
    mine = Q(recorded_by=by.label) | Q(approved_by=by.label)
    return Record.objects.filter(about, lately, mine, environment=alarm.environment, batch=None).exists()
