"""What a message does: warn, cancel, end, nothing, or ask an officer."""

from datetime import timedelta

import pytest

from openconsular.domain.cap.judgement import NO_EXPIRY_LASTS, Effect, end_of, judge, lasts_until
from openconsular.domain.cap.read import parse_alert
from tests.conftest import NOW
from tests.domain.cap.messages import alert, info

OVER = "<effective>2026-05-30T06:00:00Z</effective><expires>2026-05-31T18:00:00Z</expires>"
ALL_CLEAR = "<responseType>AllClear</responseType>"


def verdict(raw, at=NOW, **more):
    return judge(parse_alert(raw), at=at, **more)


def parameter(name, value):
    return f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter>"


def test_a_current_public_alert_warns():
    found = verdict(alert())
    assert found.effect is Effect.WARN
    assert len(found.infos) == 1


@pytest.mark.parametrize("status", ["Test", "Exercise", "Draft", "System"])
def test_only_actual_messages_warn(status):
    found = verdict(alert(status=status))
    assert (found.effect, found.reason.code) == (Effect.IGNORE, "status-not-actual")
    assert status in found.reason.message


def test_an_exercise_warns_where_exercises_are_held():
    assert verdict(alert(status="Exercise"), exercises_warn=True).effect is Effect.WARN
    assert verdict(alert(status="Test"), exercises_warn=True).effect is Effect.IGNORE


@pytest.mark.parametrize("scope", ["Private", "Restricted"])
def test_what_is_not_public_goes_to_an_officer(scope):
    found = verdict(alert(scope=f"<scope>{scope}</scope>"))
    assert (found.effect, found.reason.code) == (Effect.REFUSE, "scope-not-public")


def test_a_cancel_never_warns_whatever_it_holds():
    assert verdict(alert(msg_type="Cancel", references="x")).effect is Effect.CANCEL


def test_a_test_cancels_nothing():
    assert verdict(alert(msg_type="Cancel", status="Test", references="x")).effect is Effect.IGNORE


@pytest.mark.parametrize("msg_type", ["Ack", "Error"])
def test_answers_to_other_messages_do_nothing(msg_type):
    assert verdict(alert(msg_type=msg_type)).reason.code == "acknowledgement"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cb-eu-level", "TEST"),
        ("testAlert", "true"),
        ("isTest", "yes"),
        ("technicalTestAlert", "TRUE"),
        ("x:test_mode", "1"),
    ],
)
def test_markers_of_tests(name, value):
    assert verdict(alert(info(parameters=parameter(name, value)))).reason.code == "marked-as-test"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("testAlert", "false"),
        ("cb-eu-level", "1"),
        ("latest", "true"),
        ("contest", "1"),
        ("ProtestLevel", "yes"),
    ],
)
def test_what_only_looks_like_a_marker_warns(name, value):
    assert verdict(alert(info(parameters=parameter(name, value)))).effect is Effect.WARN


def test_event_codes_of_tests():
    code = "<eventCode><valueName>SAME</valueName><value>RWT</value></eventCode>"
    assert verdict(alert(info(extra=code))).reason.code == "marked-as-test"


@pytest.mark.parametrize(
    "text",
    [
        "This is a test of the system", "Probealarm - Land", "这是一次测试", "TEST MESSAGE", "TEST: River rising",
        "*** TEST ***", "[Exercise] Evacuation", "Probewarnung", "Questo è un test", "Isto é um teste", "Учебная тревога",
        "これは訓練です", "演练信息：请勿惊慌",
    ],
)  # fmt: skip
def test_an_actual_message_that_says_test_goes_to_an_officer(text):
    found = verdict(alert(info(texts=f"<headline>{text}</headline>")))
    assert (found.effect, found.reason.code) == (Effect.REFUSE, "text-says-test")


@pytest.mark.parametrize("text", ["This is a testcase", "Latest messages", "Protests in the city", "Test results expected: stay inside",
                                  "Exercise caution: high surf", "军事演习信息：实弹射击，禁止进入"])  # fmt: skip
def test_other_words_do_not_say_test(text):
    assert verdict(alert(info(texts=f"<headline>{text}</headline>"))).effect is Effect.WARN


def test_an_expired_message_says_when_it_expired():
    found = verdict(alert(info(times=OVER)))
    assert (found.effect, found.reason.code) == (Effect.END, "expired")
    assert "2026-05-31 18:00 UTC" in found.reason.message


def test_expiry_is_judged_at_the_time_asked_for():
    assert (
        verdict(alert(info(times=OVER), sent="2026-05-30T05:00:00Z"), at=NOW - timedelta(days=2)).effect
        is Effect.WARN
    )


def test_only_infos_that_hold_warn():
    found = verdict(alert(info(times=OVER), info(event="Storm"), info(event="Heat", response=ALL_CLEAR)))
    assert [one.event for one in found.infos] == ["Storm"]


def test_times_that_contradict_each_other_go_to_an_officer():
    times = "<effective>2026-06-02T06:00:00Z</effective><expires>2026-06-01T18:00:00Z</expires>"
    assert verdict(alert(info(times=times))).reason.code == "expires-before-effective"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"response": ALL_CLEAR}, "all-clear"),
        ({"urgency": "Past", "severity": "Moderate"}, "urgency-past"),
        ({"parameters": parameter("layer:EC-MSC-SMC:1.1:Alert_Location_Status", "ended")}, "status-ended"),
    ],
)
def test_ways_to_say_that_it_is_over(change, code):
    found = verdict(alert(info(**change)))
    assert (found.effect, found.reason.code, found.otherwise) == (Effect.END, code, None)


def test_something_grave_that_is_past_asks_for_an_officer():
    found = verdict(alert(info(urgency="Past", severity="Extreme")))
    assert found.effect is Effect.END
    assert found.otherwise.code == "past-but-severe"


def test_no_info():
    assert verdict(alert("<incidents>x</incidents>")).reason.code == "no-info"


def test_a_message_from_tomorrow_goes_to_an_officer():
    found = verdict(alert(sent="2026-06-03T05:00:00Z"))
    assert (found.effect, found.reason.code) == (Effect.REFUSE, "sent-in-the-future")


def test_without_an_expiry_a_message_counts_for_a_while():
    raw = alert(info(times=""), sent="2026-06-01T05:00:00Z")
    message = parse_alert(raw)
    assert lasts_until(message, message.infos[0]) == message.sent + NO_EXPIRY_LASTS
    assert verdict(raw).effect is Effect.WARN
    assert verdict(raw, at=NOW + NO_EXPIRY_LASTS).reason.code == "expired-by-age"


def test_an_event_that_outlasts_its_message():
    later = parameter("eventEndingTime", "2026-06-02T00:00:00+00:00")
    message = parse_alert(alert(info(parameters=later)))
    assert end_of(message.infos[0]).day == 2
    assert end_of(parse_alert(alert(info(parameters=parameter("eventEndingTime", "x")))).infos[0]).day == 1
