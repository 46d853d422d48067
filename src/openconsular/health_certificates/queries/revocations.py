"""Reading revocations: proposals, and the lists as published."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import Revocation, RevocationEdition, RevocationSlice


def proposals(*, by: Actor) -> QuerySet[Revocation]:
    """Revocations the actor may see and decide about: health officers all, at a mission those proposed there."""
    found = Revocation.objects.filter(environment=settings.CERTIFICATES).order_by("-pk")
    if not by.can(Permission.REVOKE_HEALTH):
        return found.none()
    if by.sees_every_mission:
        return found
    # What is proposed names record numbers; of those of other missions nothing is to be learned here.
    return found.filter(mission_id=by.mission_id or 0)


@dataclass(frozen=True)
class Edition:
    """A published list: `index` is what verifiers read first (a line with its signature above it)."""

    version: int
    entries: int
    published_at: datetime
    index: bytes
    digest: str


def newest_edition() -> Edition | None:
    row = RevocationEdition.objects.filter(environment=settings.CERTIFICATES).order_by("-version").first()
    if row is None:
        return None
    return Edition(row.version, row.entries, row.published_at, row.index_json.encode(), row.digest)


def slice_content(digest: str) -> bytes | None:
    """A slice by the SHA-256 it is named by; it never changes."""
    row = RevocationSlice.objects.filter(environment=settings.CERTIFICATES, digest=digest).first()
    return bytes(row.content) if row else None
