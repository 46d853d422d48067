"""Messages become hazards, change them, end them, or do nothing, with a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from openconsular.domain.geo import Area
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM
from openconsular.hazards import actions, queries
from openconsular.hazards.models import Hazard, Message, Quarantined, Source
from openconsular.hazards.outcomes import Outcome
from tests.conftest import NOW
from tests.domain.cap.messages import SQUARE, alert, info, polygons
from tests.domain.cap.test_signature import sign

pytestmark = pytest.mark.django_db

OTHER = "30,40 30,41 31,41 31,40 30,40"
ALL_CLEAR = "<responseType>AllClear</responseType>"


def update(*infos, identifier="two", refers_to="one", sent="2026-06-01T06:00:00Z", msg_type="Update", **more):
    named = f"office@example.org,{refers_to},2026-06-01T05:00:00+00:00"
    return alert(*infos, identifier=identifier, sent=sent, msg_type=msg_type, references=named, **more)


def outcome(item):
    return item.outcome.value, item.code


def hazard():
    return Hazard.objects.get()


class TestNew:
    def test_a_message_becomes_a_hazard(self, record):
        item = record(alert())
        assert outcome(item) == ("hazard", "new")
        found = hazard()
        assert item.changed == (found.pk,)
        assert (found.severity, found.urgency, found.certainty, found.category) == (
            "Severe",
            "Immediate",
            "Observed",
            "Met",
        )
        assert found.headlines == {"en": "River rising"}
        assert found.events == {"en": "Flood"}
        assert found.places == {"en": "Somewhere"}
        assert found.expires_at == datetime(2026, 6, 1, 18, tzinfo=UTC)
        assert found.is_active
        assert not found.is_exercise
        area = Area.from_bytes(bytes(found.area))
        assert area.covers(10.5, 20.5)
        assert not area.covers(20.5, 10.5)

    def test_every_language_is_kept_and_the_gravest_info_speaks(self, record):
        record(
            alert(
                info(severity="Minor", texts="<headline>small</headline>"),
                info(severity="Extreme", texts="<headline>large</headline>"),
                info(language="<language>fr</language>", event="Crue", texts="<headline>grand</headline>"),
            )
        )
        assert hazard().headlines == {"en": "large", "fr": "grand"}
        assert hazard().severity == "Extreme"

    def test_the_clock_of_the_place_is_known(self, record):
        record(alert(info(area=polygons("47.0,16.0 47.0,16.5 47.5,16.5 47.0,16.0"))))
        assert hazard().timezone == "Europe/Vienna"

    def test_without_an_expiry_it_lasts_a_week_and_says_so(self, record):
        item = record(alert(info(times="")))
        assert hazard().expires_at is None
        assert hazard().lasts_until == datetime(2026, 6, 8, 5, tzinfo=UTC)
        assert "expires-absent" in [remark.code for remark in item.remarks]

    def test_it_stands_in_the_audit_trail(self, record):
        record(alert())
        assert AuditEntry.objects.get(action="hazard.record").detail["hazards"] == [hazard().pk]

    def test_a_hostile_headline_stays_text(self, record):
        record(alert(info(texts="<headline>&lt;img src=x onerror=1&gt;Fire\u202e</headline>")))
        assert hazard().headlines["en"] == "Fire"


class TestOneEventOnce:
    def test_the_same_message_again_is_repeated(self, record):
        record(alert())
        assert outcome(record(alert())) == ("ignored", "repeated")
        assert Message.objects.count() == 1

    def test_the_same_identifier_sent_again_later_is_the_same_hazard(self, record):
        record(alert())
        item = record(alert(info(severity="Extreme"), sent="2026-06-01T06:00:00Z"))
        assert outcome(item) == ("hazard", "updated")
        assert (hazard().severity, hazard().version) == ("Extreme", 2)

    def test_a_new_identifier_for_the_same_event_is_the_same_hazard(self, record):
        record(alert())
        for number in range(2, 6):
            record(alert(identifier=f"copy-{number}", sent=f"2026-06-01T05:0{number}:00Z"))
        assert hazard().version == 1
        assert Message.objects.filter(effect="unchanged").count() == 4

    def test_an_older_copy_that_comes_late_changes_nothing(self, record):
        record(alert(identifier="new", sent="2026-06-01T06:00:00Z"))
        assert outcome(record(alert(identifier="old"))) == ("ignored", "same-event")
        assert hazard().version == 1

    def test_an_older_message_that_holds_longer_counts_for_longer(self, record):
        record(alert(identifier="new", sent="2026-06-01T06:00:00Z"))
        longer = "<effective>2026-06-01T06:00:00Z</effective><expires>2026-06-02T18:00:00Z</expires>"
        assert outcome(record(alert(info(times=longer), identifier="old"))) == ("hazard", "updated")
        assert hazard().lasts_until.day == 2

    def test_another_place_or_event_or_sender_is_another_hazard(self, record):
        record(alert())
        record(alert(info(area=polygons(OTHER)), identifier="2"))
        record(alert(info(event="Storm"), identifier="3"))
        record(alert(identifier="4", sender="other@example.org"))
        assert Hazard.objects.count() == 4

    def test_tomorrows_warning_is_another_one_than_todays(self, record):
        record(alert())
        tomorrow = "<onset>2026-06-02T06:00:00Z</onset><expires>2026-06-02T18:00:00Z</expires>"
        record(alert(info(times=tomorrow), identifier="2"))
        assert Hazard.objects.count() == 2

    def test_episodes_of_one_numbered_event_are_one_hazard(self, record):
        def episode(number, area):
            name = "<parameter><valueName>eventid</valueName><value>77</value></parameter>"
            return alert(
                info(parameters=name, area=polygons(area)),
                identifier=f"77_{number}",
                sent=f"2026-06-01T0{number}:00:00Z",
                extra="<incidents>77</incidents>",
            )

        record(episode(4, SQUARE))
        record(episode(5, OTHER))
        assert Area.from_bytes(bytes(hazard().area)).covers(30.5, 40.5)
        assert hazard().version == 2

    def test_a_message_that_did_nothing_then_is_judged_anew_in_other_words(self, record):
        over = "<expires>2026-05-31T18:00:00Z</expires>"
        assert record(alert(info(times=over))).code == "expired"
        assert outcome(record(alert())) == ("hazard", "new")

    def test_what_had_expired_is_judged_anew_at_another_time(self, record):
        assert record(alert(), now=NOW + timedelta(days=1)).code == "expired"
        assert outcome(record(alert())) == ("hazard", "new")


class TestUpdates:
    def test_an_update_changes_the_hazard_it_refers_to(self, record):
        record(alert())
        item = record(update(info(area=polygons(OTHER), severity="Extreme")))
        assert outcome(item) == ("hazard", "updated")
        assert hazard().version == 2
        assert not Area.from_bytes(bytes(hazard().area)).covers(10.5, 20.5)

    def test_an_update_that_changes_nothing_people_need_to_know(self, record):
        record(alert())
        item = record(update(info(texts="<headline>Again</headline><description>Reworded.</description>")))
        assert outcome(item) == ("hazard", "unchanged")
        assert item.changed == ()
        assert (hazard().version, hazard().headlines["en"]) == (1, "Again")

    def test_an_update_to_a_message_never_seen_warns_by_itself(self, record):
        assert outcome(record(update(refers_to="lost"))) == ("hazard", "new")

    def test_a_message_that_was_updated_before_it_arrived(self, record):
        record(update(refers_to="one"))
        assert outcome(record(alert())) == ("ignored", "superseded")
        assert Hazard.objects.count() == 1

    def test_an_update_may_join_several(self, record):
        record(alert())
        record(alert(info(area=polygons(OTHER)), identifier="b"))
        named = "office@example.org,one,2026-06-01T05:00:00Z office@example.org,b,2026-06-01T05:00:00Z"
        item = record(
            alert(
                info(area=polygons(SQUARE, OTHER)),
                identifier="c",
                sent="2026-06-01T06:00:00Z",
                msg_type="Update",
                references=named,
            )
        )
        assert len(item.changed) == 2
        assert [one.state for one in Hazard.objects.order_by("-state")] == ["ended", "active"]

    def test_one_event_that_is_split_becomes_two_and_nobody_is_forgotten(self, record):
        record(alert(info(area=polygons(SQUARE, OTHER))))
        record(update(info(area=polygons(SQUARE)), identifier="west", sent="2026-06-01T06:00:00Z"))
        record(update(info(area=polygons(OTHER)), identifier="east", sent="2026-06-01T06:00:30Z"))
        areas = [Area.from_bytes(bytes(one.area)) for one in Hazard.objects.filter(state="active")]
        assert any(area.covers(10.5, 20.5) for area in areas)
        assert any(area.covers(30.5, 40.5) for area in areas)

    def test_updates_that_all_name_the_first_message_are_one_hazard(self, record):
        record(alert())
        record(update(info(area=polygons(OTHER)), identifier="2", sent="2026-06-01T06:00:00Z"))
        record(update(info(area=polygons(SQUARE)), identifier="3", sent="2026-06-01T07:30:00Z"))
        assert hazard().version == 3

    def test_an_old_update_does_not_undo_a_newer_one(self, record):
        record(alert())
        record(update(info(severity="Extreme"), identifier="3", sent="2026-06-01T07:00:00Z"))
        assert outcome(record(update(identifier="2"))) == ("ignored", "superseded")
        assert hazard().severity == "Extreme"

    def test_a_message_that_refers_to_itself(self, record):
        item = record(update(identifier="one", refers_to="one", sent="2026-06-01T05:00:00Z"))
        assert outcome(item) == ("hazard", "new")


class TestCancels:
    def test_a_cancel_ends_and_never_warns(self, record):
        record(alert())
        item = record(update(info(area=polygons(OTHER)), msg_type="Cancel"))
        assert outcome(item) == ("hazard", "cancelled")
        assert item.changed == (hazard().pk,)
        assert (hazard().state, hazard().end_code) == ("cancelled", "cancelled")

    def test_a_cancel_of_something_never_seen_is_remembered(self, record):
        assert outcome(record(update(msg_type="Cancel"))) == ("ignored", "nothing-to-cancel")
        assert outcome(record(alert())) == ("ignored", "cancelled-before")
        assert not Hazard.objects.exists()

    def test_a_cancel_of_several(self, record):
        record(alert())
        record(alert(info(area=polygons(OTHER)), identifier="b"))
        named = "office@example.org,one,2026-06-01T05:00:00Z office@example.org,b,2026-06-01T05:00:00Z"
        item = record(alert(identifier="c", sent="2026-06-01T06:00:00Z", msg_type="Cancel", references=named))
        assert len(item.changed) == 2
        assert not Hazard.objects.filter(state="active").exists()

    def test_a_cancel_twice_changes_once(self, record):
        record(alert())
        record(update(msg_type="Cancel"))
        again = record(update(msg_type="Cancel", identifier="three", sent="2026-06-01T07:00:00Z"))
        assert again.changed == ()

    def test_a_cancel_that_names_nothing_goes_to_an_officer(self, record):
        assert outcome(record(alert(msg_type="Cancel"))) == ("quarantined", "cancel-names-nothing")

    def test_another_source_cannot_cancel(self, record, drill_source):
        record(alert())
        item = record(update(msg_type="Cancel"), source=drill_source)
        assert outcome(item) == ("quarantined", "other-source")
        assert hazard().is_active

    def test_an_officer_with_a_file_can(self, record):
        record(alert())
        files = actions.files_source(now=NOW)
        assert outcome(record(update(msg_type="Cancel"), source=files)) == ("hazard", "cancelled")

    def test_an_update_after_a_cancel_brings_it_back(self, record):
        record(alert())
        record(update(msg_type="Cancel"))
        record(update(identifier="three", sent="2026-06-01T07:00:00Z"))
        assert hazard().is_active
        assert hazard().version == 3


class TestEnds:
    @pytest.mark.parametrize(
        "over",
        [{"response": ALL_CLEAR}, {"urgency": "Past"}, {"times": "<expires>2026-06-01T07:00:00Z</expires>"}],
    )
    def test_ways_to_end(self, record, over):
        record(alert())
        item = record(update(info(**over)))
        assert outcome(item) == ("hazard", "ended")
        assert (hazard().state, hazard().version, hazard().ended_at) == ("ended", 2, NOW)

    def test_an_all_clear_without_a_reference_finds_its_event(self, record):
        record(alert())
        assert outcome(
            record(alert(info(response=ALL_CLEAR), identifier="x", sent="2026-06-01T06:00:00Z"))
        ) == ("hazard", "ended")

    def test_an_all_clear_of_nothing_is_ignored(self, record):
        assert outcome(record(alert(info(response=ALL_CLEAR)))) == ("ignored", "all-clear")

    def test_something_grave_that_is_past_and_unknown_goes_to_an_officer(self, record):
        assert outcome(record(alert(info(urgency="Past", severity="Extreme")))) == (
            "quarantined",
            "past-but-severe",
        )

    def test_an_older_all_clear_does_not_end_a_newer_warning(self, record):
        record(alert(identifier="new", sent="2026-06-01T06:00:00Z"))
        assert record(alert(info(response=ALL_CLEAR), identifier="old")).outcome is Outcome.IGNORED
        assert hazard().is_active

    def test_time_ends_it(self, record):
        record(alert())
        assert actions.end_expired(by=SYSTEM, now=NOW) == []
        assert actions.end_expired(by=SYSTEM, now=NOW + timedelta(hours=11)) == [hazard().pk]
        assert hazard().end_code == "ran-out"
        assert queries.reason_text(hazard().end_code, hazard().end_values)

    def test_an_officer_ends_it(self, record):
        record(alert())
        actions.end_hazard(hazard_id=hazard().pk, note="Confirmed by the mission", by=SYSTEM, now=NOW)
        assert hazard().state == "ended"
        assert "mission" in queries.reason_text(hazard().end_code, hazard().end_values)


class TestNeverWarns:
    @pytest.mark.parametrize("status", ["Test", "Exercise", "Draft", "System"])
    def test_other_statuses(self, record, status):
        assert outcome(record(alert(status=status))) == ("ignored", "status-not-actual")
        assert not Hazard.objects.exists()

    def test_a_test_cannot_end_a_real_hazard(self, record):
        record(alert())
        record(update(msg_type="Cancel", status="Test"))
        assert hazard().is_active

    def test_an_exercise_from_a_drill_is_an_exercise(self, record, drill_source):
        assert outcome(record(alert(status="Exercise"), source=drill_source)) == ("hazard", "new")
        assert hazard().is_exercise

    def test_whatever_a_drill_says_is_an_exercise(self, record, drill_source):
        record(alert(), source=drill_source)
        assert hazard().is_exercise

    @pytest.mark.parametrize("scope", ["Private", "Restricted"])
    def test_what_is_not_public(self, record, scope):
        assert outcome(record(alert(scope=f"<scope>{scope}</scope>"))) == ("quarantined", "scope-not-public")

    def test_an_epicentre(self, record):
        area = "<area><areaDesc>x</areaDesc><circle>10,20 0</circle></area>"
        assert outcome(record(alert(info(area=area)))) == ("quarantined", "circle-radius-zero")
        assert not Hazard.objects.exists()


class TestDoubt:
    """What was changed after it was signed neither warns nor ends anything, and an officer sees it."""

    def changed(self, raw):
        return sign(raw).replace(b"River", b"Rivers")

    def test_it_does_not_warn(self, record):
        assert outcome(record(self.changed(alert()))) == ("quarantined", "signature-broken")
        assert not Hazard.objects.exists()

    def test_it_does_not_cancel_or_end(self, record):
        record(alert())
        assert outcome(record(self.changed(update(msg_type="Cancel")))) == ("quarantined", "signature-broken")
        assert outcome(record(self.changed(update(info(response=ALL_CLEAR))))) == (
            "quarantined",
            "signature-broken",
        )
        assert hazard().is_active

    def test_what_would_do_nothing_anyway_troubles_nobody(self, record):
        assert outcome(record(self.changed(alert(status="Test")))) == ("ignored", "status-not-actual")

    def test_what_fits_warns(self, record):
        assert outcome(record(sign())) == ("hazard", "new")


def test_one_bad_item_takes_nothing_with_it(record):
    bare = alert().split(b"?>", 1)[1]
    bad = bare.replace(b"<status>Actual", b"<status>#")
    swapped = alert(info(area=polygons("100,13 101,13 101,14 100,13")), identifier="s").split(b"?>", 1)[1]
    result = record(b"<alerts>" + bad + swapped + bare + b"</alerts>")
    assert [item.outcome.value for item in result.items] == ["quarantined", "quarantined", "hazard"]
    assert Quarantined.objects.count() == 2


def test_every_message_is_kept_whole(record):
    import zlib

    record(alert())
    kept = Message.objects.get()
    assert zlib.decompress(bytes(kept.raw)) == alert()
    assert kept.source == Source.objects.get()


@pytest.mark.parametrize("text", ["\x00", "\ud800", "😀" * 400, "x" * 2000])
def test_odd_texts_do_no_harm(record, text):
    raw = alert(
        info(texts=f"<headline>{text}</headline>".encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    )
    assert record(raw).outcome in (Outcome.HAZARD, Outcome.QUARANTINED)
