"""Writing down, approving, refusing, correcting. Whoever writes down never approves; nobody signs by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.accounts import queries as accounts
from openconsular.citizens import queries as citizens
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.recording import FIELDS, Refused, Written, write_down
from openconsular.foundation import audit, jobs
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import contents, rules, sealing
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries.records import subject_of, visible_to
from openconsular.health_certificates.reasons import reason_text
from openconsular.health_certificates.signing import whole_second


@transaction.atomic
def record_event(
    *,
    certificate_format: Format,
    kind: Kind,
    fields: Mapping[str, str],
    mission_id: int | None = None,
    person_public_id: UUID | None = None,
    replaces: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Record:
    """Write down a dose, a test or a recovery (`domain.health.recording.FIELDS`). It waits for somebody else's approval.

    `mission_id` counts for those who belong to none. `person_public_id` is the registered person it is of, for their
    wallet; `replaces` the record this one corrects.
    Raises InvalidInput with the field.
    """
    by.require(Permission.RECORD_HEALTH)
    written = checked(fields, certificate_format, kind, now)
    content = contents.pack(written)
    corrected = _corrected(replaces, by) if replaces else None
    person_id = _person_id(person_public_id, by, now)
    if person_id is None and corrected is not None and _is_same_holder(corrected, written):
        # The corrected certificate lands where the one it replaces lies.
        person_id = corrected.person_id
    record = Record.objects.create(
        environment=settings.CERTIFICATES,
        format=certificate_format.value,
        kind=kind.value,
        mission_id=mission_of(by, mission_id),
        person_id=person_id,
        replaces=corrected,
        content=content,
        content_mac=contents.mac(content),
        holder_hash=contents.holder_hash_of(written.holder),
        document_hash=contents.document_hash(written.holder.document_number),
        recorded_by=by.label[:60],
        recorded_at=now,
    )
    _audit(record, "record", by, now, format=record.format, kind=record.kind)
    return record


def checked(fields: Mapping[str, str], certificate_format: Format, kind: Kind, now: datetime) -> Written:
    """The fields as something that can be certified. Raises InvalidInput with the field and the reason in words."""
    known = {name: " ".join(str(value).split()) for name, value in fields.items() if name in FIELDS}
    policy = rules.current()
    try:
        written = write_down(
            known,
            certificate_format=certificate_format,
            kind=kind,
            country=policy.country,
            issuer=policy.issuer,
            today=now.date(),
            for_tests=rules.is_for_tests(),
        )
        sealing.check(written, certificate_format, now)
    except Refused as refusal:
        reason = reason_text(refusal.code)
        raise InvalidInput(reason, fields={refusal.field: reason}) from refusal
    except sealing.CannotSeal as fault:
        raise InvalidInput(fault.message, code=fault.code) from fault
    return written


def mission_of(by: Actor, mission_id: int | None) -> int | None:
    """Whose record it becomes: the mission of who writes it, or for the ministry the one it names."""
    if not by.sees_every_mission:
        if by.mission_id is None:
            raise NotAllowed
        return by.mission_id
    if mission_id is not None and not accounts.missions().filter(pk=mission_id).exists():
        raise InvalidInput(_("There is no such mission."), fields={"mission": _("unknown")})
    return mission_id


def _person_id(public_id: UUID | None, by: Actor, now: datetime) -> int | None:
    if public_id is None:
        return None
    return int(citizens.person_for(actor=by, public_id=public_id, now=now).pk)


def _corrected(public_id: UUID, by: Actor) -> Record:
    record = visible_to(by).filter(public_id=public_id, issued__isnull=False).first()
    if record is None:
        raise NotFound
    if Record.objects.filter(replaces=record).exists():
        raise Conflict(_("This certificate is being corrected already."))
    return record


def _is_same_holder(before: Record, written: Written) -> bool:
    """Whether a correction is still about the same person: a dose written under the wrong name goes to no wallet."""
    if bytes(before.holder_hash) == contents.holder_hash_of(written.holder):
        return True
    if before.content is None:
        return False
    return contents.opened(before.content, before.content_mac).holder.born_on == written.holder.born_on


@transaction.atomic
def approve_record(*, public_id: UUID, by: Actor, now: datetime) -> Record:
    """Approve what somebody else wrote down; it is then signed by the program, within seconds."""
    record = _waiting(public_id, by)
    if record.recorded_by == by.label:
        raise NotAllowed(_("Another person than who wrote it down approves it."))
    contents.opened(record.content, record.content_mac)
    record.approved_by, record.approved_at = by.label[:60], whole_second(now)
    record.save(update_fields=["approved_by", "approved_at"])
    _audit(record, "approve", by, now)
    jobs.after_commit_by_name("sign_record", queue=jobs.URGENT, record_id=record.pk)
    return record


@transaction.atomic
def refuse_record(*, public_id: UUID, reason: str, by: Actor, now: datetime) -> Record:
    """Refuse what was written down. Who wrote it may take it back in the same way."""
    record = _waiting(public_id, by, may_be_own=True)
    if not reason.strip():
        raise InvalidInput(_("Say why."), fields={"reason": _("missing")})
    record.refused_by, record.refused_at, record.refusal = by.label[:60], now, reason.strip()[:300]
    # What it was to correct can be corrected by another one.
    corrected, record.replaces = record.replaces, None
    record.save(update_fields=["refused_by", "refused_at", "refusal", "replaces"])
    _audit(record, "refuse", by, now, **({"replaces": subject_of(corrected)} if corrected else {}))
    return record


def _waiting(public_id: UUID, by: Actor, *, may_be_own: bool = False) -> Record:
    record = visible_to(by).select_for_update(of=("self",)).filter(public_id=public_id, batch=None).first()
    is_own = may_be_own and record is not None and record.recorded_by == by.label
    if not is_own:
        by.require(Permission.APPROVE_HEALTH)
    if record is None:
        raise NotFound
    if record.approved_at or record.refused_at:
        raise Conflict(_("This was decided already."))
    return record


def _audit(record: Record, action: str, by: Actor, now: datetime, **detail: Any) -> None:
    audit.record(
        by=by,
        action=f"certificate.{action}",
        subject=subject_of(record),
        now=now,
        detail={"environment": record.environment, "mission": record.mission_id, **detail},
    )
