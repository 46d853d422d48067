"""What became of the e-mails about a certificate, and where its holder could be written to."""

from dataclasses import dataclass
from datetime import datetime

from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import ClaimMail, Issued


@dataclass(frozen=True)
class SentMail:
    """One e-mail. `address` is masked, and "" where it was deleted by its term."""

    number: int
    address: str
    state: str
    created_by: str
    created_at: datetime
    sent_at: datetime | None
    link_expires_at: datetime
    via: str
    fault: str
    fault_told: str
    may_repeat: bool


def mails_of(issued: Issued, *, by: Actor) -> list[SentMail]:
    """The ten newest. Who may see the certificate may see these; their addresses as far as `masked` shows them."""
    found = ClaimMail.objects.filter(issued=issued).order_by("-pk")[:10]
    return [
        SentMail(
            number=one.pk,
            address=masked(one.address or "", by=by),
            state=one.state,
            created_by=one.created_by,
            created_at=one.created_at,
            sent_at=one.sent_at,
            link_expires_at=one.link_expires_at,
            via=one.via,
            fault=one.fault,
            fault_told=one.fault_told,
            may_repeat=bool(one.address) and one.state != ClaimMail.State.QUEUED,
        )
        for one in found
    ]


def masked(address: str, *, by: Actor) -> str:
    """Enough to tell one address from another: "z•••@example.org".

    Without its first letter for a clinic, which may not look into the registry the address may come from.
    """
    local, at, domain = address.partition("@")
    first = local[:1] if by.can(Permission.SEE_PEOPLE) else ""
    return f"{first}•••@{domain}" if at else ""
