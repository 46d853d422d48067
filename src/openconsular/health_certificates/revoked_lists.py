"""Our revocation list, edition by edition: only what was revoked since the last one is read and hashed into it.

New hashes become a segment of their key; eight segments of a size become one. Each is written whole, shortened and as
a filter, and each way of writing has its index, all of one version.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType
from openconsular.domain.health.revocation.parts import Slices
from openconsular.domain.health.revocation.segments import (
    KeySegments,
    Writing,
    names_in_index,
    names_in_segment,
    read_segment,
    to_join,
    write_index,
    write_segment,
)
from openconsular.domain.health.revocation.var_hash import VarHashList
from openconsular.domain.health.trust.model import Environment
from openconsular.foundation import audit
from openconsular.foundation.permissions import SYSTEM
from openconsular.health_certificates import publishing, rules
from openconsular.health_certificates.models import RevocationEdition, RevocationSegment, RevocationSlice

# A list that says nothing new is said again this often, so that verifiers know it is not held back.
SAID_AGAIN = timedelta(hours=6)
_LOCK = 731_012
# So many certificates at a time are taken up, for the memory's sake.
CHUNK = 200_000
_SLICES_AT_ONCE = 200
# Cards are on lists of their own (`publishing.card_revocations`) and only leave the queue here.
_TAKE = """
WITH taken AS (
    DELETE FROM health_certificates_unpublishedrevocation WHERE issued_id IN (
        SELECT issued_id FROM health_certificates_unpublishedrevocation
        WHERE environment = %s ORDER BY issued_id LIMIT %s)
    RETURNING issued_id)
SELECT encode(k.kid, 'hex'), count(*), r.format = 'smart-health-card' AS is_card,
    string_agg(i.uci_hash || i.country_uci_hash || i.signature_hash, ''::bytea)
FROM taken t
JOIN health_certificates_issued i ON i.record_id = t.issued_id
JOIN health_certificates_signingkey k ON k.id = i.key_id
JOIN health_certificates_record r ON r.id = i.record_id
GROUP BY k.kid, is_card
"""


@transaction.atomic
def publish_revocations(*, now: datetime) -> RevocationEdition | None:
    """A new edition when something was revoked since the last, or when that is old. None when there is nothing to say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    environment = settings.CERTIFICATES
    last = RevocationEdition.objects.filter(environment=environment).order_by("-version").first()
    fresh = _take_up(now)
    if last and not fresh and last.published_at > now - SAID_AGAIN:
        return None
    in_force = list(_in_force().order_by("key_id", "pk"))
    version = last.version + 1 if last else 1
    indexes = {one: publishing.signed(_index(in_force, one, version, now), now).decode() for one in Writing}
    edition = RevocationEdition.objects.create(
        environment=environment,
        version=version,
        entries=sum(one.entries for one in in_force),
        published_at=now,
        index_json=indexes[Writing.WHOLE],
        short_json=indexes[Writing.SHORT],
        bloom_json=indexes[Writing.BLOOM],
        digest=hashlib.sha256(" ".join(one.whole for one in in_force).encode()).hexdigest(),
    )
    detail = {"version": version, "entries": edition.entries, "new": fresh}
    audit.record(
        by=SYSTEM, action="certificate.publish_revocations", subject="revocations", now=now, detail=detail
    )
    return edition


def _take_up(now: datetime) -> int:
    """Everything that waits becomes segments; returns how many hashes there were."""
    fresh = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [settings.CERTIFICATES, CHUNK])
            rows = cursor.fetchall()
        if not rows:
            return fresh
        for key_id, _count, is_card, packed in rows:
            if not is_card:
                values = HashSet(bytes(packed))
                fresh += len(values)
                _add_segment(key_id, values, now)
                _join(key_id, now)


def _in_force() -> QuerySet[RevocationSegment]:
    return RevocationSegment.objects.filter(environment=settings.CERTIFICATES, joined_at__isnull=True)


def _add_segment(key_id: str, values: HashSet, now: datetime) -> None:
    digests = {}
    for writing in Writing:
        made = write_segment(values, writing)
        digests[str(writing)] = made.digest
        rows = (
            RevocationSlice(environment=settings.CERTIFICATES, name=name[:16], digest=name, content=content)
            for name, content in made.slices.items()
        )
        RevocationSlice.objects.bulk_create(rows, batch_size=_SLICES_AT_ONCE, ignore_conflicts=True)
    RevocationSegment.objects.create(
        environment=settings.CERTIFICATES, key_id=key_id, entries=len(values), made_at=now, **digests
    )


def _join(key_id: str, now: datetime) -> None:
    while True:
        held = list(_in_force().filter(key_id=key_id).order_by("pk"))
        joining = [held[place] for place in to_join([one.entries for one in held])]
        if not joining:
            return
        values = HashSet(b"".join(_packed(one) for one in joining))
        RevocationSegment.objects.filter(pk__in=[one.pk for one in joining]).update(joined_at=now)
        _add_segment(key_id, values, now)


def _packed(segment: RevocationSegment) -> bytes:
    """The whole hashes of a segment, one after the other."""
    parts = [part for _, part in read_segment(segment.whole, slice_named)]
    return b"".join(part.values.packed for part in parts if isinstance(part, VarHashList))


def short_segments() -> dict[str, list[str]]:
    """The names of the segments in force, in shortened hashes, by key; the oldest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for key_id, digest in _in_force().order_by("pk").values_list("key_id", "short"):
        found[key_id].append(digest)
    return dict(found)


def slices_for(index: bytes) -> Slices:
    """Where the slices of an index of ours are found: all read at once, not each by itself."""
    try:
        segments = _contents(names_in_index(index))
    except RevocationRefused:
        return slice_named  # an edition of the first form
    return {
        **segments,
        **_contents(one for held in segments.values() for one in names_in_segment(held)),
    }.__getitem__


def _contents(digests: Iterable[str]) -> dict[str, bytes]:
    rows = RevocationSlice.objects.filter(environment=settings.CERTIFICATES, digest__in=list(digests))
    return {digest: bytes(content) for digest, content in rows.values_list("digest", "content")}


def slice_named(digest: str) -> bytes:
    """A slice of ours. Raises KeyError."""
    row = RevocationSlice.objects.filter(environment=settings.CERTIFICATES, digest=digest).first()
    if row is None:
        raise KeyError(digest)
    return bytes(row.content)


def _index(in_force: list[RevocationSegment], writing: Writing, version: int, now: datetime) -> bytes:
    named: dict[str, list[str]] = defaultdict(list)
    for segment in in_force:
        named[segment.key_id].append(getattr(segment, str(writing)))
    return write_index(
        [KeySegments(key_id, frozenset(HashType), digests) for key_id, digests in named.items()],
        list_id=publishing.list_id(),
        environment=Environment(settings.CERTIFICATES),
        version=version,
        as_of=now,
        covers=frozenset({rules.current().country}),
    )
