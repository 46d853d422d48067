"""From a proposal to messages on their way: submit, approve, release, stop. Two persons where many are told."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from openconsular.alerts import audience, ledger
from openconsular.alerts.envelopes import envelopes
from openconsular.alerts.events import note
from openconsular.alerts.models import Delivery, SendingSwitch, Shard, Warning
from openconsular.alerts.proposing import OPEN, people_of, usable_area
from openconsular.foundation import audit
from openconsular.foundation.database import copy_rows, count_anew
from openconsular.foundation.errors import Conflict, NotAllowed, NotFound
from openconsular.foundation.jobs import after_commit
from openconsular.foundation.permissions import Actor, Permission
from openconsular.hazards import queries as hazards

# One job hands over this many messages: large enough that the queue does not matter, small enough that a killed
# worker leaves little in doubt.
SHARD_SIZE = 4000


class AudienceChanged(Conflict):
    """The number of people has changed since you read it. Check the new number and confirm again."""

    code = "audience-changed"


def recount(*, warning_id: int, by: Actor, now: datetime) -> int:
    """Match once more and return how many people an open proposal will reach."""
    by.require(Permission.SEE_INCIDENTS)
    with transaction.atomic():
        return _recount(_open_warning(warning_id), now)


def _open_warning(warning_id: int) -> Warning:
    hazard_id = Warning.objects.filter(pk=warning_id).values_list("incident__hazard_id", flat=True).first()
    if hazard_id is None:
        raise NotFound
    # The hazard first, as matching does: two orders would let an officer and a match wait for each other.
    hazards.lock(hazard_id)
    warning = Warning.objects.select_for_update().get(pk=warning_id)
    if warning.state not in OPEN:
        raise Conflict("This warning is not open any more.")
    return warning


def _recount(warning: Warning, now: datetime) -> int:
    area = usable_area(bytes(warning.area))
    if warning.kind in {Warning.Kind.WARNING, Warning.Kind.UPDATE}:
        hazard = hazards.lock(warning.incident.hazard_id)
        since = audience.window_since(hazard.starts_at, now)
        members = audience.find(area, starts_at=since, ends_at=hazard.lasts_until)
        ledger.write(incident_id=warning.incident_id, members=members, now=now)
    warning.audience_size = people_of(warning).count()
    warning.save(update_fields=["audience_size"])
    return warning.audience_size


def submit(*, warning_id: int, confirmed_size: int, by: Actor, now: datetime) -> Warning:
    """Send a proposal, having read back how many people it reaches; above the limit it waits for a second person.

    Raises AudienceChanged, with the new number stored, when `confirmed_size` is not the number of this moment.
    """
    by.require(Permission.SEND_WARNINGS)
    with transaction.atomic():
        warning = _open_warning(warning_id)
        if warning.state != Warning.State.PROPOSED:
            raise Conflict("This warning already waits for approval.")
        size = _recount(warning, now)
        is_confirmed = size == confirmed_size and size > 0
        if is_confirmed:
            warning.submitted_by_id, warning.submitted_at = by.officer_id, now
            warning.confirmed_size = size
            if warning.needs_approval:
                warning.state = Warning.State.SUBMITTED
                warning.save()
                note(warning.incident, "submitted", now=now, warning=warning.kind, size=size)
            else:
                _release(warning, now)
            _audit(warning, "submit", by, now)
    if size == 0:
        raise Conflict("Nobody would be told. There is nothing to send.", code="empty-audience")
    if not is_confirmed:
        raise AudienceChanged(f"It now reaches {size} people. Check and confirm this number.")
    return warning


def approve(*, warning_id: int, by: Actor, now: datetime) -> Warning:
    """The second person's yes: the warning leaves. Nobody approves what they submitted themselves."""
    by.require(Permission.APPROVE_WARNINGS)
    with transaction.atomic():
        warning = _open_warning(warning_id)
        if warning.state != Warning.State.SUBMITTED:
            raise Conflict("This warning does not wait for approval.")
        if warning.submitted_by_id == by.officer_id:
            raise NotAllowed("A second person has to approve what you submitted.", code="second-person")
        if people_of(warning).count() != warning.confirmed_size:
            warning.state, warning.confirmed_size = Warning.State.PROPOSED, None
            warning.save()
            changed = True
        else:
            changed = False
            warning.approved_by_id, warning.approved_at = by.officer_id, now
            _release(warning, now)
            _audit(warning, "approve", by, now)
    if changed:
        raise AudienceChanged
    return warning


def send_back(*, warning_id: int, by: Actor, now: datetime, reason: str = "") -> Warning:
    """Take a submitted warning back to the desk, by the approver's no or the sender's second thought.

    `reason` says what has to change; it goes into the audit trail, where the desk reads it.
    """
    by.require(Permission.SEND_WARNINGS)
    with transaction.atomic():
        warning = _open_warning(warning_id)
        warning.state, warning.submitted_by, warning.submitted_at = Warning.State.PROPOSED, None, None
        warning.confirmed_size = None
        warning.save()
        note(warning.incident, "sent_back", now=now, warning=warning.kind)
        _audit(warning, "send_back", by, now, reason=reason[:300])
    return warning


def discard(*, warning_id: int, by: Actor, now: datetime) -> Warning:
    """Decide not to send a proposal. The people stay in the ledger."""
    by.require(Permission.EDIT_WARNINGS)
    with transaction.atomic():
        warning = _open_warning(warning_id)
        warning.state, warning.finished_at = Warning.State.DISCARDED, now
        warning.save(update_fields=["state", "finished_at"])
        note(warning.incident, "discarded", now=now, warning=warning.kind)
        _audit(warning, "discard", by, now)
    return warning


def restore(*, warning_id: int, by: Actor, now: datetime) -> Warning:
    """Undo a discard, as long as no newer proposal of its kind stands."""
    by.require(Permission.EDIT_WARNINGS)
    with transaction.atomic():
        warning = Warning.objects.select_for_update().get(pk=warning_id)
        stands = warning.incident.warnings.filter(state__in=OPEN, kind=warning.kind).exists()
        if warning.state != Warning.State.DISCARDED or stands:
            raise Conflict("There is nothing to restore, or a newer proposal stands.")
        warning.state, warning.finished_at = Warning.State.PROPOSED, None
        warning.save(update_fields=["state", "finished_at"])
        _audit(warning, "restore", by, now)
    return warning


def _release(warning: Warning, now: datetime) -> None:
    """Write every delivery and queue the work, all in the caller's transaction: it is there whole or not at all."""
    if is_sending_stopped():
        raise Conflict("All sending is stopped. Switch it on again first.", code="sending-stopped")
    from openconsular.alerts.jobs import deliver_shard  # the job runs this layer's own code

    warning.state, warning.released_at = Warning.State.SENDING, now
    warning.save()
    shards = _shards(warning, now)
    written = copy_rows("alerts_delivery", _DELIVERY, _delivery_rows(warning, shards), _DELIVERY_TYPES)
    for shard, _ in shards:
        after_commit(deliver_shard, shard_id=shard.pk)
    # After the work is queued: no message waits for it.
    count_anew("alerts_delivery", written)
    told = sum(len(part) for _, part in shards)
    note(
        warning.incident, "released", now=now, warning=warning.kind, size=warning.audience_size, messages=told
    )
    if not shards:
        warning.state, warning.finished_at = Warning.State.SENT, now
        warning.save(update_fields=["state", "finished_at"])


_DELIVERY = (
    "warning_id",
    "shard_id",
    "recipient_id",
    "contact_id",
    "channel",
    "language",
    "state",
    "attempts",
    "in_doubt",
    "provider_ref",
    "error_code",
)
_DELIVERY_TYPES = (
    "int8",
    "int8",
    "int8",
    "int8",
    "varchar",
    "varchar",
    "varchar",
    "int2",
    "int2",
    "varchar",
    "varchar",
)


class Envelope(NamedTuple):
    recipient_id: int
    contact_id: int
    language: str


Filled = list[tuple[Shard, list[Envelope]]]


def _shards(warning: Warning, now: datetime) -> Filled:
    planned: Filled = []
    for channel, all_of_it in envelopes(people_of(warning)).items():
        for number, start in enumerate(range(0, len(all_of_it), SHARD_SIZE)):
            part = [Envelope(*one) for one in all_of_it[start : start + SHARD_SIZE]]
            shard = Shard(warning=warning, channel=channel, number=number, size=len(part), not_before=now)
            planned.append((shard, part))
    Shard.objects.bulk_create(shard for shard, _ in planned)
    return planned


def _delivery_rows(warning: Warning, shards: Filled) -> Iterator[tuple[object, ...]]:
    for shard, part in shards:
        for one in part:
            yield (
                *(warning.pk, shard.pk, one.recipient_id, one.contact_id, shard.channel, one.language),
                *(Delivery.State.QUEUED.value, 0, 0, "", ""),
            )


def _audit(warning: Warning, what: str, by: Actor, now: datetime, **more: str) -> None:
    audit.record(
        by=by,
        action=f"warning.{what}",
        subject=f"warning:{warning.pk}",
        now=now,
        detail={"kind": warning.kind, "audience": warning.audience_size, "state": warning.state, **more},
    )


def is_sending_stopped() -> bool:
    return SendingSwitch.objects.filter(is_stopped=True).exists()


def stop_sending(*, reason: str, by: Actor, now: datetime) -> None:
    """Stop everything that leaves, at once. What is queued waits; what was handed over cannot be called back."""
    by.require(Permission.STOP_SENDING)
    _switch(True, reason=reason, by=by, now=now)


def resume_sending(*, by: Actor, now: datetime) -> None:
    """Let messages leave again, and queue the work that waited."""
    by.require(Permission.STOP_SENDING)
    _switch(False, reason="", by=by, now=now)
    from openconsular.alerts.jobs import deliver_shard

    for pk in Shard.objects.filter(state=Shard.State.QUEUED).values_list("pk", flat=True):
        after_commit(deliver_shard, shard_id=pk)


def _switch(is_stopped: bool, *, reason: str, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        SendingSwitch.objects.update_or_create(
            id=1,
            defaults={"is_stopped": is_stopped, "reason": reason, "changed_by": by.label, "changed_at": now},
        )
        audit.record(
            by=by,
            action="sending.stop" if is_stopped else "sending.resume",
            subject="sending",
            now=now,
            detail={"reason": reason},
        )


def stop_warning(*, warning_id: int, by: Actor, now: datetime) -> Warning:
    """Stop one warning under way: what is still queued never leaves. Propose a retraction for what did."""
    by.require(Permission.STOP_SENDING)
    with transaction.atomic():
        warning = Warning.objects.select_for_update().get(pk=warning_id)
        if warning.state != Warning.State.SENDING:
            raise Conflict("This warning is not being sent.")
        warning.state, warning.finished_at = Warning.State.STOPPED, now
        warning.save(update_fields=["state", "finished_at"])
        warning.deliveries.filter(state=Delivery.State.QUEUED).update(state=Delivery.State.CANCELLED)
        warning.shards.filter(state=Shard.State.QUEUED).update(state=Shard.State.DONE)
        note(warning.incident, "stopped", now=now, warning=warning.kind)
        _audit(warning, "stop", by, now)
    return warning
