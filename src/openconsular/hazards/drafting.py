"""From a message and its area to the columns of a hazard."""

import hashlib
from datetime import datetime
from typing import Any

from openconsular.domain.cap.geometry import Coverage
from openconsular.domain.cap.judgement import end_of, lasts_until, most_severe
from openconsular.domain.cap.model import Alert, Info, Status, Urgency
from openconsular.domain.cap.reasons import Remark
from openconsular.domain.geo import Area
from openconsular.hazards.gazetteer import timezone_at
from openconsular.hazards.territory import sample

_URGENCY_RANK = {
    Urgency.IMMEDIATE: 0,
    Urgency.EXPECTED: 1,
    Urgency.FUTURE: 2,
    Urgency.UNKNOWN: 3,
    Urgency.PAST: 4,
}
# What people in the area need to know; when none of it changes, nobody is told anything.
MATERIAL = ("severity", "area_digest", "events", "onset_at", "expires_at", "instructions")


def columns(alert: Alert, infos: tuple[Info, ...], coverage: Coverage) -> dict[str, Any]:
    """Everything the message says about the hazard; state, version and times of our own are not among it."""
    worst = most_severe(infos)
    content = coverage.area.to_bytes()
    digest = area_digest(coverage.area)
    return {
        "sender": alert.sender,
        "is_exercise": alert.status is Status.EXERCISE,
        "category": worst.categories[0].value,
        "severity": worst.severity.value,
        "urgency": min((info.urgency for info in infos), key=_URGENCY_RANK.__getitem__).value,
        "certainty": worst.certainty.value,
        "events": _by_language(infos, "event"),
        "headlines": _by_language(infos, "headline"),
        "places": _places(infos),
        "texts": _texts(infos),
        "event_codes": list(dict.fromkeys(code.value for info in infos for code in info.event_codes))
        + _gdacs(infos),
        "response_types": list(dict.fromkeys(one.value for info in infos for one in info.response_types)),
        "area": content,
        "area_digest": digest,
        "timezone": _timezone(coverage.area),
        "missing": list(coverage.missing),
        "remarks": [as_json(one) for one in (*alert.remarks, *coverage.remarks)],
        "effective_at": min((i.effective for i in infos if i.effective), default=None),
        "onset_at": min((i.onset for i in infos if i.onset), default=None),
        "expires_at": _latest_end(infos),
        "lasts_until": max(lasts_until(alert, info) for info in infos),
        "sent_at": alert.sent,
        "incident_key": incident_key(alert, infos),
        "area_key": area_key(alert, infos, digest),
    }


def area_digest(area: Area) -> str:
    """The same ground by the same shapes has the same digest; notes on how it was read do not count."""
    return hashlib.sha256(Area(area.polygons, area.discs).to_bytes()).hexdigest()


def area_key(alert: Alert, infos: tuple[Info, ...], digest: str) -> str:
    """The same sender, event and ground: the same event, whatever the identifier says."""
    return _hash(alert.sender, _event(infos), digest)


def incident_key(alert: Alert, infos: tuple[Info, ...]) -> str:
    """The issuer's own number of the event, where it says that it is one.

    `incidents` alone may also group warnings for several places (section 3.2.1), so it counts only where a
    parameter `eventid` repeats it, as GDACS does for the episodes of one event.
    """
    numbers = {p.value for info in infos for p in info.parameters if p.name == "eventid" and p.value}
    return _hash(alert.sender, _event(infos), alert.incidents) if alert.incidents in numbers else ""


def as_json(one: Remark) -> dict[str, Any]:
    return {"code": one.code, "values": dict(one.values)}


def _event(infos: tuple[Info, ...]) -> str:
    return infos[0].event.casefold()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _by_language(infos: tuple[Info, ...], name: str) -> dict[str, str]:
    """The words of the most severe info of each language."""
    languages = dict.fromkeys(info.language for info in infos)
    found = {
        language: str(getattr(most_severe(tuple(i for i in infos if i.language == language)), name))
        for language in languages
    }
    return {language: text for language, text in found.items() if text}


def _texts(infos: tuple[Info, ...]) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for name in ("description", "instruction", "sender_name", "web", "contact"):
        for language, text in _by_language(infos, name).items():
            texts.setdefault(language, {})[name] = text
    return texts


def _places(infos: tuple[Info, ...]) -> dict[str, str]:
    places: dict[str, dict[str, None]] = {}
    for info in infos:
        for area in info.areas:
            if area.area_desc:
                places.setdefault(info.language, {})[area.area_desc] = None
    return {language: "; ".join(names)[:1000] for language, names in places.items()}


def _gdacs(infos: tuple[Info, ...]) -> list[str]:
    """GDACS names the type of event in a parameter: EQ, TC, FL, VO, DR, WF."""
    return list(
        dict.fromkeys(p.value for i in infos for p in i.parameters if p.name == "eventtype" and p.value)
    )


def _latest_end(infos: tuple[Info, ...]) -> datetime | None:
    """None, "until further notice", as soon as one info gives no end."""
    ends = [end_of(info) for info in infos]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _timezone(area: Area) -> str:
    places = sample(area)
    return timezone_at(*places[0]) if places else ""
