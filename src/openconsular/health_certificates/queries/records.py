"""Reading records and certificates: who may see which, finding one, and what waits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, QuerySet

from openconsular.domain.health.records.recording import Written
from openconsular.domain.health.records.standard_names import standard_name
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import contents
from openconsular.health_certificates.models import Issued, Record

MOST_FOUND = 50


def visible_to(actor: Actor) -> QuerySet[Record]:
    """The records of this environment an actor may see: the health officers all, a mission's staff its own.

    Clinics see what they wrote down themselves; a citizen their own and their companions'; anybody else nothing.
    """
    records = Record.objects.filter(environment=settings.CERTIFICATES)
    if actor.can(Permission.SEE_HEALTH):
        if actor.sees_every_mission:
            return records
        records = records.filter(mission_id=actor.mission_id or 0)
        return records if actor.can(Permission.APPROVE_HEALTH) else records.filter(recorded_by=actor.label)
    if actor.person_id is not None:
        return records.filter(person_id__in=_party(actor.person_id))
    return records.none()


def _party(person_id: int) -> list[int]:
    from openconsular.citizens import queries as citizens

    return citizens.party_ids(person_id)


def state_of(record: Record) -> str:
    """In one word: "waiting", "refused", "approved" (and not signed yet), "issued" or "revoked"."""
    issued = getattr(record, "issued", None)
    if issued is not None:
        return "revoked" if hasattr(issued, "revoked") else "issued"
    if record.refused_at:
        return "refused"
    is_approved = record.approved_at or (record.batch and record.batch.approved_at)
    return "approved" if is_approved else "waiting"


@dataclass(frozen=True)
class RecordView:
    """A record opened to be read. `written` is None when its words have been deleted."""

    record: Record
    state: str
    written: Written | None
    identifier: str
    text: str


def record_for(*, public_id: UUID, by: Actor, now: datetime) -> RecordView:
    """One record with its words and its certificate. The reading is audited. NotFound where it is not theirs."""
    record = (
        visible_to(by)
        .select_related("issued", "issued__revoked", "batch", "mission", "replaces")
        .filter(public_id=public_id)
        .first()
    )
    if record is None:
        raise NotFound
    audit.record(by=by, action="certificate.read", subject=subject_of(record), now=now)
    issued: Issued | None = getattr(record, "issued", None)
    return RecordView(
        record=record,
        state=state_of(record),
        written=contents.opened(record.content, record.content_mac) if record.content else None,
        identifier=issued.identifier if issued else "",
        text=(issued.text or "") if issued else "",
    )


def subject_of(record: Record) -> str:
    return f"record:{record.public_id}"


def waiting_for(*, by: Actor) -> QuerySet[Record]:
    """What the actor could approve: written down by others, in the order of writing. Without opening any."""
    if not by.can(Permission.APPROVE_HEALTH):
        return Record.objects.none()
    waiting = visible_to(by).filter(approved_at=None, refused_at=None, batch=None)
    return waiting.exclude(recorded_by=by.label).defer("content").order_by("recorded_at", "pk")


def find_by_holder(
    *, family_name: str, given_name: str, born_on: str, by: Actor, now: datetime
) -> list[Record]:
    """Records of a person by name and day of birth ("1980-05-17"), at most 50. The search is audited, without the name."""
    wanted = contents.holder_hash(standard_name(family_name), standard_name(given_name), born_on.strip())
    return _found(visible_to(by).filter(holder_hash=wanted), by, now)


def find_by_document(*, number: str, by: Actor, now: datetime) -> list[Record]:
    """Records by the number of a passport, at most 50. The search is audited, without the number."""
    wanted = contents.document_hash(number)
    return _found(visible_to(by).filter(document_hash=wanted), by, now) if wanted else []


def find_by_identifier(*, identifier: str, by: Actor, now: datetime) -> list[Record]:
    """The record of a certificate by its identifier, as printed under the code."""
    return _found(visible_to(by).filter(issued__uci_hash=identifier_hash(identifier)), by, now)


def identifier_hash(identifier: str) -> bytes:
    """How revocation lists and the register name an identifier (see `domain.health.revocation`)."""
    from openconsular.health_certificates.sealing import uci_hash

    return uci_hash(identifier.strip().upper())


def _found(records: QuerySet[Record], by: Actor, now: datetime) -> list[Record]:
    found = list(
        records.select_related("issued", "issued__revoked", "batch", "mission").order_by("-pk")[:MOST_FOUND]
    )
    audit.record(by=by, action="certificate.search", subject="records", now=now, detail={"found": len(found)})
    return found


def counts(*, by: Actor) -> dict[str, int]:
    """How many wait, are approved and not signed, and were issued, of what the actor may see."""
    records = visible_to(by)
    numbers = records.aggregate(issued=Count("issued"), all=Count("pk"))
    single = records.filter(batch=None)
    return {
        "waiting": single.filter(approved_at=None, refused_at=None).count(),
        "approved": single.filter(approved_at__isnull=False, issued=None).count(),
        "issued": numbers["issued"],
        "all": numbers["all"],
    }
