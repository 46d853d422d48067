"""Whether a message warns, ends something, or neither: status, scope, type, times and tests, but not yet the area."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openconsular.domain.cap.model import (
    Alert,
    Info,
    MsgType,
    NamedValue,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.domain.cap.times import in_words, read_time

CLOCK_TOLERANCE = timedelta(hours=24)  # an issuer who forgets the offset is wrong by up to 14 hours
NO_EXPIRY_LASTS = timedelta(days=7)
"""Without `expires` each recipient sets its own policy (section 3.2.2). This is ours; officers may end sooner."""

# Event codes of the US Emergency Alert System that are tests (47 CFR 11.31(e)): demonstration, periodic, monthly, weekly.
_SAME_TESTS = {"DMO", "NPT", "RMT", "RWT"}
_TEST_NAME = re.compile(
    r"(?:^|[-_:. ])(?:is)?(?:technical)?test[-_ ]?(?:alert|message|mode)?$", re.IGNORECASE
)
_TEST_EVENTS = {"test", "testing", "test alert", "exercise", "drill"}
_TRUE = {"true", "yes", "1", "test", "y"}
_TEST_TEXT = re.compile(
    r"this is (?:only )?a test\b|for test(?:ing)?(?: and evaluation)? purposes|\btest message\b|\bcap test\b"
    r"|exercise[ ,.!]+exercise[ ,.!]+exercise|\bprobealarm\b|ceci est un (?:test|exercice)|esto es (?:una prueba|un simulacro)"
    r"|\bprobewarnung\b|\btestwarnung\b|\bübungs(?:alarm|warnung|meldung)\b|questo è un(?:'| )?(?:test|esercitazione)"
    r"|est[ea] é um(?:a)? (?:teste|simulação)|isto é um teste|учебная тревога|это учебн|これは(?:訓練|テスト)|훈련\s*상황"
    r"|这是一次(?:测试|演练|演习)|仅供测试|(?:测试|演练)(?:信息|消息|预警)"
    # Headlines that begin with it: "TEST: ...", "[Exercise] ...", "*** TEST ***".
    r"|^\W*(?:test|exercise|drill)(?:\s*[-:*\])!–—]+|\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_SEVERITY_RANK = {
    name: rank for rank, name in enumerate(("Unknown", "Minor", "Moderate", "Severe", "Extreme"))
}


class Effect(StrEnum):
    """What a message is to do."""

    WARN = "warn"
    CANCEL = "cancel"
    END = "end"
    IGNORE = "ignore"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Verdict:
    """`infos` are those that warn. `reason` says why not, or why something ends.

    END and CANCEL act on a hazard already known; where none is known, `reason` is why the message is ignored,
    unless `otherwise` asks for an officer.
    """

    effect: Effect
    infos: tuple[Info, ...] = ()
    reason: Remark | None = None
    otherwise: Remark | None = None


def judge(alert: Alert, *, at: datetime, exercises_warn: bool = False) -> Verdict:
    """What `alert` does at the instant `at`; exercises warn only from a source set up for drills."""
    return _by_header(alert, at, exercises_warn) or _by_infos(alert, at)


def end_of(info: Info) -> datetime | None:
    """When the issuer says that it ends: `expires`, or the event's own end where a later one is given.

    The US National Weather Service lets a message expire before the event it describes and then updates it.
    """
    ends = next((p.value for p in info.parameters if p.name == "eventEndingTime"), "")
    if not ends or info.expires is None:
        return info.expires
    try:
        instant, had_offset = read_time(ends, "eventEndingTime")
    except CapError:
        return info.expires
    return max(info.expires, instant) if had_offset else info.expires


def lasts_until(alert: Alert, info: Info) -> datetime:
    """When we stop believing it: the issuer's end, else NO_EXPIRY_LASTS after it was sent or begins."""
    return end_of(info) or max(filter(None, (alert.sent, info.effective, info.onset))) + NO_EXPIRY_LASTS


def most_severe(infos: tuple[Info, ...]) -> Info:
    return max(infos, key=lambda info: _SEVERITY_RANK[info.severity])


def _by_header(alert: Alert, at: datetime, exercises_warn: bool) -> Verdict | None:
    if alert.status is not Status.ACTUAL and not (exercises_warn and alert.status is Status.EXERCISE):
        return Verdict(Effect.IGNORE, reason=remark("status-not-actual", status=alert.status))
    if alert.msg_type in (MsgType.ACK, MsgType.ERROR):
        return Verdict(Effect.IGNORE, reason=remark("acknowledgement", type=alert.msg_type))
    if alert.scope is not Scope.PUBLIC:
        return Verdict(Effect.REFUSE, reason=remark("scope-not-public", scope=alert.scope))
    marker = _test_marker(alert)
    if marker:
        return Verdict(Effect.IGNORE, reason=remark("marked-as-test", marker=marker))
    if alert.sent > at + CLOCK_TOLERANCE:
        return Verdict(Effect.REFUSE, reason=remark("sent-in-the-future", sent=in_words(alert.sent)))
    if alert.msg_type is MsgType.CANCEL:
        return Verdict(Effect.CANCEL, reason=remark("cancelled"))
    if not alert.infos:
        return Verdict(Effect.REFUSE, reason=remark("no-info"))
    return None


def _by_infos(alert: Alert, at: datetime) -> Verdict:
    over = {info: _why_over(info) for info in alert.infos}
    contradiction = next(
        (info for info in alert.infos if over[info] is None and _contradicts_itself(info)), None
    )
    if contradiction is not None and contradiction.expires and contradiction.effective:
        times = {"expires": in_words(contradiction.expires), "effective": in_words(contradiction.effective)}
        return Verdict(Effect.REFUSE, reason=remark("expires-before-effective", **times))
    current = tuple(info for info in alert.infos if lasts_until(alert, info) > at)
    warning = tuple(info for info in current if over[info] is None)
    if warning:
        return _warn_unless_it_says_test(warning)
    ended = next((reason for info in current if (reason := over[info]) is not None), None)
    if ended is None:
        return Verdict(Effect.END, reason=_why_expired(alert))
    severity = most_severe(current).severity
    is_grave = ended.code == "urgency-past" and severity in (Severity.SEVERE, Severity.EXTREME)
    return Verdict(
        Effect.END, reason=ended, otherwise=remark("past-but-severe", severity=severity) if is_grave else None
    )


def _warn_unless_it_says_test(warning: tuple[Info, ...]) -> Verdict:
    for info in warning:
        found = _TEST_TEXT.search("\n".join((info.event, info.headline, info.description)))
        said = found[0] if found else info.event if info.event.casefold() in _TEST_EVENTS else ""
        if said:
            return Verdict(Effect.REFUSE, reason=remark("text-says-test", text=said))
    return Verdict(Effect.WARN, infos=warning)


def _why_over(info: Info) -> Remark | None:
    if ResponseType.ALL_CLEAR in info.response_types:
        return remark("all-clear")
    ended = next((p for p in info.parameters if _says_ended(p)), None)
    if ended is not None:
        return remark("status-ended", marker=f"{ended.name}: {ended.value}")
    if info.urgency is Urgency.PAST:
        return remark("urgency-past")
    return None


def _says_ended(parameter: NamedValue) -> bool:
    """Canada marks one place of a running alert as over (CAP-CP layer EC-MSC-SMC, Alert_Location_Status)."""
    return parameter.name.endswith("Alert_Location_Status") and parameter.value.strip().lower() == "ended"


def _contradicts_itself(info: Info) -> bool:
    return info.expires is not None and info.effective is not None and info.expires < info.effective


def _why_expired(alert: Alert) -> Remark:
    ends = [end_of(info) for info in alert.infos]
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        days = NO_EXPIRY_LASTS.days
        return remark("expired-by-age", sent=in_words(alert.sent), days=days)
    return remark("expired", expires=in_words(max(known)))


def _test_marker(alert: Alert) -> str:
    """How an issuer says "test" while the status is Actual; Luxembourg uses the parameter cb-eu-level."""
    for info in alert.infos:
        for code in info.event_codes:
            if code.name.upper() == "SAME" and code.value.strip().upper() in _SAME_TESTS:
                return f"{code.name}: {code.value}"
        for parameter in info.parameters:
            value = parameter.value.strip().lower()
            is_level = "level" in parameter.name.lower() and value == "test"
            if is_level or (_TEST_NAME.search(parameter.name) and value in _TRUE):
                return f"{parameter.name}: {parameter.value}"
    return ""
