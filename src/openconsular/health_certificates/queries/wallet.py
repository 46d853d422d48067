"""What a holder sees: the certificates of a family, and the little of one that others need to see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from openconsular.citizens import queries as citizens
from openconsular.domain.health.verdict import State, Verdict
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor
from openconsular.health_certificates import contents
from openconsular.health_certificates.models import Issued
from openconsular.health_certificates.queries.trust import verify


@dataclass(frozen=True)
class HeldCertificate:
    """A certificate in its holder's hands. `text` is what the code holds; "" when it was deleted here by its term.

    `state` is "valid", "not-yet-valid", "expired", "revoked" or another word of `verdict.State`. `person_id` is whose
    it is in the registry, None for nobody's. `replaced_by` is the certificate that corrects this one, once it is signed.
    """

    public_id: UUID
    identifier: str
    format: str
    kind: str
    name: str
    born_on: str
    disease: str
    product: str
    happened_on: str
    issued_at: datetime
    valid_from: str
    expires_at: datetime
    state: str
    text: str
    person_id: int | None
    is_replaced: bool
    replaced_by: UUID | None = None


def certificates_of_family(*, by: Actor, now: datetime) -> list[HeldCertificate]:
    """Certificates of the citizen who asks and of their companions, the newest first. Audited as one reading."""
    if by.person_id is None:
        return []
    mine = _issued().filter(record__person_id__in=citizens.party_ids(by.person_id))
    found = [held_certificate(one, now) for one in mine.order_by("-signed_at", "-pk")[:200]]
    if found:
        detail = {"certificates": len(found)}
        audit.record(by=by, action="certificate.wallet", subject=by.label, now=now, detail=detail)
    return found


def certificate_of_family(*, public_id: UUID, by: Actor, now: datetime) -> HeldCertificate:
    """One of them. NotFound where it is none of theirs."""
    for one in certificates_of_family(by=by, now=now):
        if one.public_id == public_id:
            return one
    raise NotFound


def certificates_claimed(*, public_ids: Collection[UUID], by: Actor, now: datetime) -> list[HeldCertificate]:
    """Those handed over on this visit to somebody who proved to be their holder (`actions.claims`). Audited."""
    found = [
        held_certificate(one, now)
        for one in _issued().filter(record__public_id__in=public_ids).order_by("-signed_at", "-pk")[:50]
    ]
    if found:
        detail = {"certificates": len(found)}
        audit.record(by=by, action="certificate.claimed", subject=by.label, now=now, detail=detail)
    return found


def states_of(*, public_ids: Collection[UUID], now: datetime) -> dict[UUID, str]:
    """The state of certificates by identifiers only their holders know, and nothing else of them.

    "replaced" where a corrected one has been signed.
    """
    found = [held_certificate(one, now) for one in _issued().filter(record__public_id__in=public_ids)[:50]]
    return {one.public_id: "replaced" if one.is_replaced else one.state for one in found}


def _issued() -> QuerySet[Issued]:
    found = Issued.objects.filter(environment=settings.CERTIFICATES)
    return found.select_related("record", "record__replaced_by", "record__replaced_by__issued", "revoked")


def held_certificate(issued: Issued, now: datetime) -> HeldCertificate:
    """For those who already may see it; reads nothing from the audit and writes nothing to it."""
    record = issued.record
    written = contents.opened(record.content, record.content_mac) if record.content else None
    holder, entry = (written.holder, written.entry) if written else (None, None)
    correction = getattr(record, "replaced_by", None)
    is_replaced = correction is not None and hasattr(correction, "issued")
    return HeldCertificate(
        public_id=record.public_id,
        identifier=issued.identifier,
        format=record.format,
        kind=record.kind,
        name=holder.full_name if holder else "",
        born_on=holder.born_on if holder else "",
        disease=(entry.disease.display or entry.disease.code) if entry else "",
        product=(entry.product.display or entry.product.code) if entry else "",
        happened_on=entry.happened_on if entry else "",
        issued_at=issued.signed_at,
        valid_from=entry.valid_from if entry else "",
        expires_at=issued.expires_at,
        state=_state(issued, now),
        text=issued.text or "",
        person_id=record.person_id,
        is_replaced=is_replaced,
        replaced_by=correction.public_id if correction is not None and is_replaced else None,
    )


def _state(issued: Issued, now: datetime) -> str:
    if hasattr(issued, "revoked"):
        return State.REVOKED
    if now >= issued.expires_at:
        return State.EXPIRED
    return verify(issued.text, now=now).state if issued.text else State.VALID


@dataclass(frozen=True)
class Reduced:
    """What a guard needs and no more: the word, the reason, the name and the year of birth, to compare with a passport."""

    state: State
    is_valid: bool
    reason: str
    name: str
    birth_year: str


def reduced(verdict: Verdict) -> Reduced:
    """A verdict without what the holder need not show. Of what cannot be believed it tells no name."""
    holder = verdict.certificate.holder if verdict.certificate else None
    is_signed = verdict.state in (State.VALID, State.EXPIRED, State.NOT_YET_VALID, State.REVOKED)
    shown = holder if is_signed else None
    return Reduced(
        state=verdict.state,
        is_valid=verdict.state is State.VALID,
        reason=verdict.reason,
        name=_name(shown.full_name, shown.given_name, shown.family_name) if shown else "",
        birth_year=shown.born_on[:4] if shown else "",
    )


def _name(full: str, given: str, family: str) -> str:
    return full or " ".join(part for part in (given, family) if part)
