"""The register as a list: its filters, its numbers, the words of the rows on a page, and what looks the same."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from openconsular.domain.health.records.recording import Written
from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor
from openconsular.health_certificates import contents
from openconsular.health_certificates.contents import Altered
from openconsular.health_certificates.models import Batch, Chunk, Record, RevokedCertificate
from openconsular.health_certificates.queries.batches import visible_to as batches_visible_to
from openconsular.health_certificates.queries.records import visible_to

MOST_ALIKE = 200

_APPROVED = Q(approved_at__isnull=False) | Q(batch__approved_at__isnull=False)
_STATES: dict[str, Q] = {
    "waiting": Q(approved_at=None, refused_at=None, issued=None)
    & (Q(batch=None) | Q(batch__state="submitted")),
    "approved": _APPROVED & Q(issued=None),
    "issued": Q(issued__isnull=False, issued__revoked=None),
    "revoked": Q(issued__revoked__isnull=False),
    "refused": Q(refused_at__isnull=False) | Q(batch__state="refused"),
}
STATES = tuple(_STATES)


@dataclass(frozen=True)
class RecordFilter:
    """What the register is narrowed to; an empty tuple narrows nothing."""

    states: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    missions: tuple[int, ...] = ()
    batch_id: int | None = None

    def as_detail(self) -> dict[str, object]:
        """The filters in use, for the audit trail and to know whether there are any."""
        return {name: value for name, value in vars(self).items() if value}


def find_records(wanted: RecordFilter, *, by: Actor) -> QuerySet[Record]:
    """The records of the register under a filter, the newest first, without their words."""
    found = _narrowed(wanted, by)
    if wanted.states:
        states = Q()
        for name in wanted.states:
            states |= _STATES[name]
        found = found.filter(states)
    return found.select_related("issued", "issued__revoked", "batch", "mission").order_by("-pk")


@dataclass(frozen=True)
class Counts:
    """How many records there are in each state, and in any, those still being checked included."""

    by_state: dict[str, int]
    total: int

    def of(self, states: Collection[str]) -> int:
        """Of these states; of all where none is named. A record is in one state at most."""
        return sum(self.by_state[name] for name in states) if states else self.total


def count(wanted: RecordFilter, *, by: Actor) -> Counts:
    """The numbers of the register under every filter but that by state.

    Rows of batches are counted by their chunks, which know how many were accepted and signed: a million of them is
    five hundred chunks.
    """
    # "issued" alone would hide the relation of that name.
    numbers = {f"in_{name}": Count("pk", filter=condition) for name, condition in _STATES.items()}
    counted = _narrowed(wanted, by).filter(batch=None).aggregate(total=Count("pk"), **numbers)
    by_state = {name: counted[f"in_{name}"] for name in _STATES}
    found = _batches(wanted, by)
    total = counted["total"]
    parts = Chunk.objects.filter(batch__in=found).values("batch__state", "batch__approved_at")
    for part in parts.annotate(rows_accepted=Sum("accepted"), rows_signed=Sum("signed")).order_by():
        accepted, signed = part["rows_accepted"], part["rows_signed"]
        total += accepted
        if part["batch__approved_at"]:
            by_state["approved"] += accepted - signed
            by_state["issued"] += signed
        elif part["batch__state"] == Batch.State.SUBMITTED:
            by_state["waiting"] += accepted
        elif part["batch__state"] == Batch.State.REFUSED:
            by_state["refused"] += accepted
    revoked = RevokedCertificate.objects.filter(issued__record__batch__in=found).count()
    by_state["issued"] -= revoked
    by_state["revoked"] += revoked
    return Counts(by_state, total)


def _batches(wanted: RecordFilter, by: Actor) -> QuerySet[Batch]:
    """The batches whose rows stand in the register under the filters."""
    found = batches_visible_to(by)
    if wanted.formats:
        found = found.filter(format__in=wanted.formats)
    if wanted.kinds:
        found = found.filter(kind__in=wanted.kinds)
    if wanted.missions:
        found = found.filter(mission_id__in=wanted.missions)
    return found.filter(pk=wanted.batch_id) if wanted.batch_id else found


def _narrowed(wanted: RecordFilter, by: Actor) -> QuerySet[Record]:
    return narrow(visible_to(by), wanted)


def narrow(found: QuerySet[Record], wanted: RecordFilter) -> QuerySet[Record]:
    """`found` under every filter but that by state."""
    if wanted.formats:
        found = found.filter(format__in=wanted.formats)
    if wanted.kinds:
        found = found.filter(kind__in=wanted.kinds)
    if wanted.missions:
        found = found.filter(mission_id__in=wanted.missions)
    return found.filter(batch_id=wanted.batch_id) if wanted.batch_id else found


def words_of(records: Iterable[Record], *, by: Actor, now: datetime) -> dict[int, Written]:
    """The words of the rows on a page, by record number. Whose they were is audited in one entry."""
    opened = {one.pk: written for one in records if (written := _words(one)) is not None}
    if opened:
        detail = {"records": sorted(opened)}
        audit.record(by=by, action="certificate.list", subject="records", now=now, detail=detail)
    return opened


def _words(record: Record) -> Written | None:
    """None where the words were deleted, or are not those that were written down: opening it will say so."""
    try:
        return contents.opened(record.content, record.content_mac) if record.content else None
    except Altered:
        return None


def alike(
    written: Written, certificate_format: str, *, by: Actor, except_for: Record | None = None
) -> list[Record]:
    """Records of the same person that attest the same event in the same format, not refused or revoked.

    The same event is the same kind, disease and day; another format of it is no duplicate but a second paper.

    Only among what the actor may see; what another mission wrote down is not told here.
    """
    found = _of_same_holders([written], by).filter(format=certificate_format, kind=written.entry.kind.value)
    if except_for is not None:
        found = found.exclude(pk__in=[except_for.pk, except_for.replaces_id or 0])
    rows = found.select_related("issued", "batch", "mission").order_by("-pk")[:MOST_ALIKE]
    return [one for one in rows if (words := _words(one)) is not None and _is_same_event(words, written)]


def with_twins(opened: Mapping[int, Written], records: Iterable[Record], *, by: Actor) -> set[int]:
    """Which of the records of a page attest what another one attests as well, as `alike` finds it.

    One question for all of them. `opened` holds their words by record number.
    """
    asked = [(one, opened[one.pk]) for one in records if one.pk in opened]
    if not asked:
        return set()
    others: dict[bytes, list[tuple[Record, Written]]] = {}
    rows = _of_same_holders([words for _one, words in asked], by).order_by("-pk")
    for other in rows[: MOST_ALIKE * len(asked)]:
        if (words := opened.get(other.pk) or _words(other)) is not None:
            for mark in {bytes(other.holder_hash), bytes(other.document_hash or b"")} - {b""}:
                others.setdefault(mark, []).append((other, words))
    return {
        one.pk
        for one, words in asked
        if any(
            _is_twin(one, words, *other)
            for mark in (bytes(one.holder_hash), bytes(one.document_hash or b""))
            for other in others.get(mark, ())
        )
    }


def _of_same_holders(written: Iterable[Written], by: Actor) -> QuerySet[Record]:
    """Records of these people that are neither refused nor revoked."""
    holders = [one.holder for one in written]
    same = Q(holder_hash__in=[contents.holder_hash_of(one) for one in holders])
    documents = [mark for one in holders if (mark := contents.document_hash(one.document_number))]
    if documents:
        same |= Q(document_hash__in=documents)
    found = visible_to(by).filter(same, refused_at=None)
    return found.exclude(issued__revoked__isnull=False).exclude(batch__state="refused")


def _is_twin(one: Record, words: Written, other: Record, others_words: Written) -> bool:
    return (
        other.pk not in (one.pk, one.replaces_id)
        and (other.format, other.kind) == (one.format, one.kind)
        and _is_same_event(others_words, words)
    )


def _is_same_event(one: Written, other: Written) -> bool:
    same_disease = one.entry.disease.code == other.entry.disease.code
    return same_disease and one.entry.happened_on[:10] == other.entry.happened_on[:10]


def missions_with_records(*, by: Actor) -> set[int]:
    """Missions that stand in the register, of what the actor may see."""
    with_batches = batches_visible_to(by).filter(mission__isnull=False).values_list("mission_id", flat=True)
    return missions_of(visible_to(by).filter(batch=None)) | set(with_batches)


def missions_of(records: QuerySet[Record]) -> set[int]:
    found = records.filter(mission__isnull=False).order_by()
    return set(found.values_list("mission_id", flat=True).distinct())
