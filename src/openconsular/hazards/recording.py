"""One message becomes a hazard, changes one, ends one, is ignored or is quarantined. Inside the caller's transaction."""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from openconsular.domain.cap.geometry import Coverage, cover, shape_fault
from openconsular.domain.cap.judgement import Effect, Verdict, judge
from openconsular.domain.cap.model import Alert, MsgType
from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.domain.cap.times import in_words
from openconsular.hazards import drafting, territory
from openconsular.hazards.models import Hazard, Message, Source
from openconsular.hazards.outcomes import ItemOutcome, Outcome
from openconsular.hazards.registries import LoadedRegistries

FAR_AHEAD = timedelta(days=366)
"""An expiry further away than this is remarked on: it is often a placeholder."""

SPLIT_WITHIN = timedelta(minutes=10)
"""Messages that continue the same one within this time are its parts and not each other's successors."""

_LOCK = 7_310_201  # namespace of the locks under which one sender's messages are recorded one after the other


class Refused(Exception):
    """The message goes into quarantine for this reason."""

    def __init__(self, reason: Remark) -> None:
        self.reason = reason
        super().__init__(reason.message)


@dataclass
class _Recording:
    source: Source
    alert: Alert
    raw: bytes
    now: datetime
    verdict: Verdict


def record_alert(*, source: Source, alert: Alert, raw: bytes, now: datetime) -> ItemOutcome:
    """What the message does. Raises Refused."""
    _lock_sender(alert.sender)
    this = _Recording(source, alert, raw, now, judge(alert, at=now, exercises_warn=source.is_drill))
    if _is_repeated(this):
        return _ignored(remark("repeated"), alert, keep=None)
    match this.verdict.effect:
        case Effect.REFUSE:
            raise Refused(_reason(this))
        case Effect.IGNORE:
            return _ignored(_reason(this), alert, keep=this)
        case Effect.CANCEL:
            return _cancel(this)
        case Effect.END:
            return _end(this)
        case Effect.WARN:
            return _warn(this)


def _warn(this: _Recording) -> ItemOutcome:
    later = _later_message(this)
    if later is not None:
        code = "cancelled-before" if later.msg_type == MsgType.CANCEL else "superseded"
        return _ignored(remark(code), this.alert, keep=this)
    coverage = _covered(this)
    draft = drafting.columns(this.alert, this.verdict.infos, coverage)
    # Whatever a drill's source says is an exercise, also when it says Actual.
    draft["is_exercise"] = draft["is_exercise"] or this.source.is_drill
    _remark_on_expiry(draft, this)
    referred = [hazard for hazard in _referred(this) if not _is_sibling(hazard, draft, this)]
    known = referred or _same_event(this, draft)
    for hazard in known:
        _check_source(hazard, this)
        if this.alert.sent < hazard.sent_at:
            return _come_late(hazard, draft, this, is_referred=bool(referred))
    if not known:
        return _make(this, draft)
    hazard, *others = known
    joined = [other for other in others if close(other, Hazard.State.ENDED, remark("joined"), this.now)]
    return _change(hazard, draft if referred else _together(hazard, draft), this, joined)


def _make(this: _Recording, draft: dict[str, Any]) -> ItemOutcome:
    hazard = Hazard.objects.create(source=this.source, first_seen_at=this.now, changed_at=this.now, **draft)
    _keep(this, Message.Effect.NEW, hazard)
    return _made(hazard, "new", this, [hazard])


def _change(hazard: Hazard, draft: dict[str, Any], this: _Recording, joined: list[Hazard]) -> ItemOutcome:
    is_material = not hazard.is_active or _differs(hazard, draft)
    for name, value in draft.items():
        setattr(hazard, name, value)
    if is_material:
        hazard.state, hazard.ended_at, hazard.end_code, hazard.end_values = Hazard.State.ACTIVE, None, "", {}
        hazard.version += 1
        hazard.changed_at = this.now
    hazard.save()
    _keep(this, Message.Effect.UPDATED if is_material else Message.Effect.UNCHANGED, hazard)
    changed = [hazard, *joined] if is_material else joined
    return _made(hazard, "updated" if is_material else "unchanged", this, changed)


def _come_late(hazard: Hazard, draft: dict[str, Any], this: _Recording, *, is_referred: bool) -> ItemOutcome:
    """A newer message is known already. An older one of the same event that holds longer still counts for longer."""
    if is_referred:
        return _ignored(remark("superseded"), this.alert, keep=this, hazard=hazard)
    if not hazard.is_active or draft["lasts_until"] <= hazard.lasts_until:
        return _ignored(remark("same-event"), this.alert, keep=this, hazard=hazard)
    longer = {name: getattr(hazard, name) for name in draft} | {"expires_at": draft["expires_at"]}
    return _change(hazard, longer | {"lasts_until": draft["lasts_until"]}, this, [])


def _cancel(this: _Recording) -> ItemOutcome:
    """A Cancel never warns, whatever it holds; of a message not yet seen it is remembered."""
    if not this.alert.references:
        raise Refused(remark("cancel-names-nothing"))
    hazards = _referred(this)
    for hazard in hazards:
        _check_source(hazard, this)
    if not hazards:
        named = ", ".join(reference.identifier for reference in this.alert.references)
        return _ignored(remark("nothing-to-cancel", identifier=named), this.alert, keep=this)
    return _finish(hazards, Hazard.State.CANCELLED, this)


def _end(this: _Recording) -> ItemOutcome:
    hazards = _referred(this) or _same_incident(this) or _same_ground(this)
    active = [hazard for hazard in hazards if hazard.is_active and hazard.sent_at <= this.alert.sent]
    for hazard in active:
        _check_source(hazard, this)
    if active:
        return _finish(active, Hazard.State.ENDED, this)
    if this.verdict.otherwise is not None:
        raise Refused(this.verdict.otherwise)
    return _ignored(_reason(this), this.alert, keep=this, hazard=hazards[0] if hazards else None)


def _finish(hazards: list[Hazard], state: Hazard.State, this: _Recording) -> ItemOutcome:
    closed = []
    for hazard in hazards:
        hazard.sent_at = max(hazard.sent_at, this.alert.sent)
        if close(hazard, state, _reason(this), this.now):
            closed.append(hazard)
    effect = Message.Effect.CANCELLED if state is Hazard.State.CANCELLED else Message.Effect.ENDED
    _keep(this, effect, hazards[0], _reason(this))
    return _made(hazards[0], effect.value, this, closed)


def close(hazard: Hazard, state: Hazard.State, reason: Remark, now: datetime) -> bool:
    """Whether it was open until now."""
    was_active = hazard.is_active
    if was_active:
        hazard.version += 1
        hazard.state, hazard.ended_at, hazard.changed_at = state, now, now
        hazard.end_code, hazard.end_values = reason.code, dict(reason.values)
    hazard.save()
    return was_active


def _covered(this: _Recording) -> Coverage:
    try:
        coverage = cover(this.verdict.infos, LoadedRegistries())
    except CapError as error:
        raise Refused(error.remark) from error
    objection = territory.objection(this.source, coverage.area)
    if objection is not None:
        raise Refused(objection)
    return coverage


def _remark_on_expiry(draft: dict[str, Any], this: _Recording) -> None:
    expires = draft["expires_at"]
    if expires is None:
        until = in_words(draft["lasts_until"])
        draft["remarks"].append(drafting.as_json(remark("expires-absent", until=until)))
    elif expires > this.alert.sent + FAR_AHEAD:
        draft["remarks"].append(drafting.as_json(remark("expires-far-ahead", expires=in_words(expires))))


def _is_repeated(this: _Recording) -> bool:
    """The same bytes again, or the same message again after it did something.

    A message that did nothing then (it had expired, say) and comes in another wording now is judged anew.
    """
    alert = this.alert
    known = Message.objects.filter(sender=alert.sender, identifier=alert.identifier)
    if known.filter(digest=_digest(this.raw)).exists():
        return True
    return known.filter(sent=alert.sent).exclude(effect=Message.Effect.IGNORED).exists()


def _later_message(this: _Recording) -> Message | None:
    """A message, received already, that refers to this one and was sent after it."""
    alert = this.alert
    later = Message.objects.filter(
        references__contains=[_key(alert.sender, alert.identifier)], sent__gt=alert.sent
    )
    if this.source.kind != Source.Kind.FILES:
        later = later.filter(source=this.source)
    return later.exclude(identifier=alert.identifier).order_by("-sent").first()


def _referred(this: _Recording) -> list[Hazard]:
    """Hazards of the messages it refers to, and of earlier copies of itself; the newest first."""
    named = {(ref.sender, ref.identifier) for ref in this.alert.references} | {
        (this.alert.sender, this.alert.identifier)
    }
    ids: set[int] = set()
    for sender, identifier in named:
        found = Message.objects.filter(sender=sender, identifier=identifier, hazard__isnull=False)
        ids.update(found.values_list("hazard_id", flat=True))
    return _locked(Hazard.objects.filter(pk__in=ids))


def _same_event(this: _Recording, draft: dict[str, Any]) -> list[Hazard]:
    """Without a reference: the issuer's own number of the event, or the same ground at the same time."""
    incident = _same_incident(this)
    if incident:
        return incident
    alike = _locked(
        Hazard.objects.filter(
            area_key=draft["area_key"],
            is_exercise=draft["is_exercise"],
            state=Hazard.State.ACTIVE,
            source=this.source,
        )
    )
    return [hazard for hazard in alike if _overlaps(hazard, draft)][:1]


def _same_incident(this: _Recording) -> list[Hazard]:
    key = drafting.incident_key(this.alert, this.alert.infos)
    return _locked(Hazard.objects.filter(incident_key=key, source=this.source))[:1] if key else []


def _same_ground(this: _Recording) -> list[Hazard]:
    """For an all-clear that refers to nothing: the active hazard of the same event on the same ground.

    A message that has merely expired, or is past, says nothing about others of its kind.
    """
    if _reason(this).code not in ("all-clear", "status-ended"):
        return []
    try:
        coverage = cover(this.alert.infos, LoadedRegistries())
    except CapError:
        return []
    key = drafting.area_key(this.alert, this.alert.infos, drafting.area_digest(coverage.area))
    return _locked(Hazard.objects.filter(area_key=key, state=Hazard.State.ACTIVE, source=this.source))[:1]


def _is_sibling(hazard: Hazard, draft: dict[str, Any], this: _Recording) -> bool:
    """Whether the hazard was just continued by another message, for other ground: one event became two.

    The US National Weather Service updates one alert by several at once, each for a part of the area.
    """
    last = hazard.messages.exclude(effect=Message.Effect.IGNORED).order_by("-sent", "-pk").first()
    if last is None or hazard.area_digest == draft["area_digest"] or last.identifier == this.alert.identifier:
        return False
    is_named = any(ref.identifier == last.identifier for ref in this.alert.references)
    return not is_named and abs(this.alert.sent - last.sent) <= SPLIT_WITHIN


def _overlaps(hazard: Hazard, draft: dict[str, Any]) -> bool:
    """Tomorrow's heat is another event than today's, though sender, event and area are the same."""
    start = draft["onset_at"] or draft["effective_at"] or draft["sent_at"]
    ends_before = hazard.lasts_until < start
    starts_after = draft["lasts_until"] < hazard.starts_at
    return not ends_before and not starts_after


def _together(hazard: Hazard, draft: dict[str, Any]) -> dict[str, Any]:
    """Two messages of one event that do not refer to each other both hold: the longer time counts."""
    both = dict(draft)
    if hazard.expires_at is None or (
        both["expires_at"] is not None and both["expires_at"] < hazard.expires_at
    ):
        both["expires_at"] = hazard.expires_at
    both["lasts_until"] = max(hazard.lasts_until, both["lasts_until"])
    both["onset_at"] = min(filter(None, (hazard.onset_at, both["onset_at"])), default=None)
    return both


def _differs(hazard: Hazard, draft: dict[str, Any]) -> bool:
    def material(texts: Any, name: str, value: Any) -> Any:
        if name != "instructions":
            return value
        return {language: words.get("instruction", "") for language, words in texts.items()}

    return any(
        material(hazard.texts, name, getattr(hazard, name, None))
        != material(draft["texts"], name, draft.get(name))
        for name in drafting.MATERIAL
    )


def _check_source(hazard: Hazard, this: _Recording) -> None:
    """Only the source a hazard came from, or an officer by hand, may change it: feeds can be poisoned."""
    if this.source.kind != Source.Kind.FILES and hazard.source_id != this.source.pk:
        raise Refused(remark("other-source", name=hazard.source.name))


def _locked(hazards: QuerySet[Hazard]) -> list[Hazard]:
    return list(hazards.select_for_update(of=("self",)).order_by("-sent_at", "-pk"))


def _keep(
    this: _Recording, effect: Message.Effect, hazard: Hazard | None, reason: Remark | None = None
) -> None:
    alert = this.alert
    Message.objects.update_or_create(
        sender=alert.sender,
        identifier=alert.identifier,
        sent=alert.sent,
        defaults={
            "source": this.source,
            "hazard": hazard,
            "msg_type": alert.msg_type.value,
            "status": alert.status.value,
            "references": [_key(reference.sender, reference.identifier) for reference in alert.references],
            "effect": effect,
            "code": reason.code if reason else "",
            "values": dict(reason.values) if reason else {},
            "digest": _digest(this.raw),
            "raw": zlib.compress(this.raw),
            "received_at": this.now,
        },
    )


def _ignored(
    reason: Remark, alert: Alert, *, keep: _Recording | None, hazard: Hazard | None = None
) -> ItemOutcome:
    if keep is not None:
        _keep(keep, Message.Effect.IGNORED, hazard, reason)
    fault = shape_fault(alert.infos) if keep is not None else None
    remarks = alert.remarks + ((fault.remark,) if fault else ())
    hazard_id = hazard.pk if hazard else None
    return ItemOutcome(Outcome.IGNORED, reason.code, reason, hazard_id, title_of(alert), remarks=remarks)


def _made(hazard: Hazard, code: str, this: _Recording, changed: list[Hazard]) -> ItemOutcome:
    reason = remark("unchanged") if code == "unchanged" else this.verdict.reason
    remarks = this.alert.remarks if code not in ("new", "updated") else _remarks(hazard.remarks)
    ids = tuple(one.pk for one in changed)
    return ItemOutcome(Outcome.HAZARD, code, reason, hazard.pk, title_of(this.alert), ids, remarks)


def _remarks(stored: Iterable[dict[str, Any]]) -> tuple[Remark, ...]:
    return tuple(Remark(one["code"], one["values"]) for one in stored)


def title_of(alert: Alert) -> str:
    info = alert.infos[0] if alert.infos else None
    return (info.headline or info.event if info else alert.identifier)[:300]


def _reason(this: _Recording) -> Remark:
    return this.verdict.reason or remark("no-info")


def _key(sender: str, identifier: str) -> str:
    return f"{sender} {identifier}"


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _lock_sender(sender: str) -> None:
    number = int.from_bytes(hashlib.sha256(sender.encode("utf-8", "surrogatepass")).digest()[:4], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, number])
