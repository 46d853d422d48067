"""Reading revocations: proposals, and the lists as published."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from openconsular.domain.health.revocation.segments import Writing
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import trusting
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


def newest_edition(writing: Writing = Writing.WHOLE) -> Edition | None:
    """None when nothing was published, or not in this way of writing."""
    row = RevocationEdition.objects.filter(environment=settings.CERTIFICATES).order_by("-version").first()
    if row is None:
        return None
    index = {Writing.WHOLE: row.index_json, Writing.SHORT: row.short_json, Writing.BLOOM: row.bloom_json}[
        writing
    ]
    return Edition(row.version, row.entries, row.published_at, index.encode(), row.digest) if index else None


def slice_content(digest: str) -> bytes | None:
    """A slice by the SHA-256 it is named by; it never changes."""
    row = RevocationSlice.objects.filter(environment=settings.CERTIFICATES, digest=digest).first()
    return bytes(row.content) if row else None


def hashes_near(list_id: str, key: str, head: bytes) -> bytes | None:
    """The whole hashes of a key in a list held here that begin with `head`, one after the other.

    Whoever asks with the first two bytes learns whether a certificate is revoked and does not say which it is. None
    when no list of this name holds whole hashes of this key.
    """
    held = trusting.believed().revocations.lists.get(list_id)
    about = held.keys.get(key) if held else None
    return about.exact.near(head) if about and about.exact is not None else None
