"""One message becomes a hazard, changes one, ends one, is ignored or is quarantined. Inside the caller's transaction."""

import hashlib
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from openconsular.domain.cap.geometry import Coverage, cover, shape_fault
from openconsular.domain.cap.judgement import Effect, judge
from openconsular.domain.cap.model import Alert, MsgType
from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.domain.cap.times import in_words
from openconsular.hazards import drafting, finding, territory
from openconsular.hazards.finding import Received
from openconsular.hazards.models import Hazard, Message, Source
from openconsular.hazards.outcomes import ItemOutcome, Outcome
from openconsular.hazards.registries import LoadedRegistries

FAR_AHEAD = timedelta(days=366)
"""An expiry further away than this is remarked on: it is often a placeholder."""

_LOCK = 7_310_201  # namespace of the locks under which one sender's messages are recorded one after the other


class Refused(Exception):
    """The message goes into quarantine for this reason."""

    def __init__(self, reason: Remark) -> None:
        self.reason = reason
        super().__init__(reason.message)


def record_alert(
    *, source: Source, alert: Alert, raw: bytes, doubt: Remark | None = None, now: datetime
) -> ItemOutcome:
    """What the message does. One in doubt does nothing by itself. Raises Refused."""
    _lock_sender(alert.sender)
    verdict = judge(alert, at=now, exercises_warn=source.is_drill)
    this = Received(source, alert, raw, now, verdict, doubt)
    if finding.is_repeated(this):
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


def _warn(this: Received) -> ItemOutcome:
    _check_doubt(this)
    later = finding.later_message(this)
    if later is not None:
        code = "cancelled-before" if later.msg_type == MsgType.CANCEL else "superseded"
        return _ignored(remark(code), this.alert, keep=this)
    coverage = _covered(this)
    draft = drafting.columns(this.alert, this.verdict.infos, coverage)
    # Whatever a drill's source says is an exercise, also when it says Actual.
    draft["is_exercise"] = draft["is_exercise"] or this.source.is_drill
    _remark_on_expiry(draft, this)
    referred = [hazard for hazard in finding.referred(this) if not finding.is_sibling(hazard, draft, this)]
    known = referred or finding.same_event(this, draft)
    for hazard in known:
        _check_source(hazard, this)
        if this.alert.sent < hazard.sent_at:
            return _come_late(hazard, draft, this, is_referred=bool(referred))
    if not known:
        return _make(this, draft)
    hazard, *others = known
    joined = [other for other in others if close(other, Hazard.State.ENDED, remark("joined"), this.now)]
    return _change(hazard, draft if referred else _together(hazard, draft), this, joined)


def _make(this: Received, draft: dict[str, Any]) -> ItemOutcome:
    hazard = Hazard.objects.create(source=this.source, first_seen_at=this.now, changed_at=this.now, **draft)
    _keep(this, Message.Effect.NEW, hazard)
    return _made(hazard, "new", this, [hazard])


def _change(hazard: Hazard, draft: dict[str, Any], this: Received, joined: list[Hazard]) -> ItemOutcome:
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


def _come_late(hazard: Hazard, draft: dict[str, Any], this: Received, *, is_referred: bool) -> ItemOutcome:
    """A newer message is known already. An older one of the same event that holds longer still counts for longer."""
    if is_referred:
        return _ignored(remark("superseded"), this.alert, keep=this, hazard=hazard)
    if not hazard.is_active or draft["lasts_until"] <= hazard.lasts_until:
        return _ignored(remark("same-event"), this.alert, keep=this, hazard=hazard)
    longer = {name: getattr(hazard, name) for name in draft} | {"expires_at": draft["expires_at"]}
    return _change(hazard, longer | {"lasts_until": draft["lasts_until"]}, this, [])


def _cancel(this: Received) -> ItemOutcome:
    """A Cancel never warns, whatever it holds; of a message not yet seen it is remembered."""
    _check_doubt(this)
    if not this.alert.references:
        raise Refused(remark("cancel-names-nothing"))
    hazards = finding.referred(this)
    for hazard in hazards:
        _check_source(hazard, this)
    if not hazards:
        named = ", ".join(reference.identifier for reference in this.alert.references)
        return _ignored(remark("nothing-to-cancel", identifier=named), this.alert, keep=this)
    return _finish(hazards, Hazard.State.CANCELLED, this)


def _end(this: Received) -> ItemOutcome:
    hazards = finding.referred(this) or finding.same_incident(this) or finding.same_ground(this)
    active = [hazard for hazard in hazards if hazard.is_active and hazard.sent_at <= this.alert.sent]
    for hazard in active:
        _check_source(hazard, this)
    if active:
        _check_doubt(this)
        return _finish(active, Hazard.State.ENDED, this)
    if this.verdict.otherwise is not None:
        raise Refused(this.verdict.otherwise)
    return _ignored(_reason(this), this.alert, keep=this, hazard=hazards[0] if hazards else None)


def _finish(hazards: list[Hazard], state: Hazard.State, this: Received) -> ItemOutcome:
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


def _covered(this: Received) -> Coverage:
    try:
        coverage = cover(this.verdict.infos, LoadedRegistries())
    except CapError as error:
        raise Refused(error.remark) from error
    objection = territory.objection(this.source, coverage.area)
    if objection is not None:
        raise Refused(objection)
    return coverage


def _remark_on_expiry(draft: dict[str, Any], this: Received) -> None:
    expires = draft["expires_at"]
    if expires is None:
        until = in_words(draft["lasts_until"])
        draft["remarks"].append(drafting.as_json(remark("expires-absent", until=until)))
    elif expires > this.alert.sent + FAR_AHEAD:
        draft["remarks"].append(drafting.as_json(remark("expires-far-ahead", expires=in_words(expires))))


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


def _check_doubt(this: Received) -> None:
    if this.doubt is not None:
        raise Refused(this.doubt)


def _check_source(hazard: Hazard, this: Received) -> None:
    """Only the source a hazard came from, or an officer by hand, may change it: feeds can be poisoned."""
    if this.source.kind != Source.Kind.FILES and hazard.source_id != this.source.pk:
        raise Refused(remark("other-source", name=hazard.source.name))


def _keep(
    this: Received, effect: Message.Effect, hazard: Hazard | None, reason: Remark | None = None
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
            "references": [
                finding.key(reference.sender, reference.identifier) for reference in alert.references
            ],
            "effect": effect,
            "code": reason.code if reason else "",
            "values": dict(reason.values) if reason else {},
            "digest": finding.digest(this.raw),
            "raw": zlib.compress(this.raw),
            "received_at": this.now,
        },
    )


def _ignored(
    reason: Remark, alert: Alert, *, keep: Received | None, hazard: Hazard | None = None
) -> ItemOutcome:
    if keep is not None and not finding.is_kept(keep, reason.code):
        _keep(keep, Message.Effect.IGNORED, hazard, reason)
    fault = shape_fault(alert.infos) if keep is not None else None
    remarks = alert.remarks + ((fault.remark,) if fault else ())
    hazard_id = hazard.pk if hazard else None
    return ItemOutcome(Outcome.IGNORED, reason.code, reason, hazard_id, title_of(alert), remarks=remarks)


def _made(hazard: Hazard, code: str, this: Received, changed: list[Hazard]) -> ItemOutcome:
    reason = remark("unchanged") if code == "unchanged" else this.verdict.reason
    remarks = this.alert.remarks if code not in ("new", "updated") else _remarks(hazard.remarks)
    ids = tuple(one.pk for one in changed)
    return ItemOutcome(Outcome.HAZARD, code, reason, hazard.pk, title_of(this.alert), ids, remarks)


def _remarks(stored: Iterable[dict[str, Any]]) -> tuple[Remark, ...]:
    return tuple(Remark(one["code"], one["values"]) for one in stored)


def title_of(alert: Alert) -> str:
    info = alert.infos[0] if alert.infos else None
    return (info.headline or info.event if info else alert.identifier)[:300]


def _reason(this: Received) -> Remark:
    return this.verdict.reason or remark("no-info")


def _lock_sender(sender: str) -> None:
    number = int.from_bytes(hashlib.sha256(sender.encode("utf-8", "surrogatepass")).digest()[:4], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, number])
