"""Lenient where the meaning is certain, with a remark; refused with a reason where it is not."""

from datetime import UTC, datetime, timedelta

import pytest

from openconsular.domain.cap.model import Category, Certainty, Reference, Scope, Severity, Status, Urgency
from openconsular.domain.cap.read import parse_alert
from openconsular.domain.cap.reasons import TEXTS, CapError
from tests.domain.cap.messages import AREA, alert, info


def codes(message):
    return [remark.code for remark in message.remarks]


def refusal(raw):
    with pytest.raises(CapError) as caught:
        parse_alert(raw)
    assert caught.value.code in TEXTS
    assert "{" not in caught.value.message
    return caught.value


def test_a_good_message_is_read_without_a_remark():
    message = parse_alert(alert())
    assert codes(message) == []
    assert message.status is Status.ACTUAL
    assert message.sent == datetime(2026, 6, 1, 5, tzinfo=UTC)
    assert message.infos[0].severity is Severity.SEVERE
    assert message.infos[0].areas[0].area_desc == "Somewhere"


@pytest.mark.parametrize(
    ("namespace", "code"),
    [
        ("urn:oasis:names:tc:emergency:cap:1.1", "namespace-older"),
        ("http://www.incident.com/cap/1.0", "namespace-older"),
        ("urn:oasis:names:tc:emergency:cap:1.2:profile:cap-lu:1.0", "namespace-other"),
        ("", "namespace-other"),
    ],
)
def test_other_namespaces_are_read_and_remarked(namespace, code):
    assert codes(parse_alert(alert(namespace=namespace))) == [code]


def test_a_root_that_only_shares_the_name_is_no_alert():
    assert refusal(b"<alert><colour>red</colour></alert>").code == "not-cap"


@pytest.mark.parametrize("gone", ["identifier", "sender", "sent", "status", "msgType"])
def test_without_a_mandatory_element_it_is_refused_by_name(gone):
    raw = alert().replace(f"<{gone}>".encode(), b"<other>").replace(f"</{gone}>".encode(), b"</other>")
    error = refusal(raw)
    assert (error.code, error.values["element"]) == ("element-missing", gone)


@pytest.mark.parametrize(
    ("name", "value"), [("status", "#"), ("msg_type", "Warning"), ("scope", "<scope>#</scope>")]
)
def test_what_decides_on_warning_is_never_guessed(name, value):
    assert refusal(alert(**{name: value})).code == "value-unknown"


def test_an_absent_scope_is_public():
    message = parse_alert(alert(scope=""))
    assert message.scope is Scope.PUBLIC
    assert codes(message) == ["element-defaulted"]


@pytest.mark.parametrize("value", ["#", "", "Very bad"])
def test_bad_grades_become_unknown(value):
    message = parse_alert(alert(info(severity=value, urgency=value, certainty=value)))
    only = message.infos[0]
    assert (only.severity, only.urgency, only.certainty) == (
        Severity.UNKNOWN,
        Urgency.UNKNOWN,
        Certainty.UNKNOWN,
    )
    assert len(codes(message)) == 3


def test_spelling_of_grades_is_forgiven():
    only = parse_alert(alert(info(severity="SEVERE", certainty="Very Likely"))).infos[0]
    assert (only.severity, only.certainty) == (Severity.SEVERE, Certainty.LIKELY)


def test_category_and_event_have_certain_stand_ins():
    raw = alert(info(event="")).replace(b"<category>Met</category>", b"")
    only = parse_alert(raw).infos[0]
    assert only.categories == (Category.OTHER,)
    assert only.event == "River rising"
    assert refusal(alert(info(event="", texts=""))).code == "element-missing"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", "en-US"),
        ("<language>english</language>", "en"),
        ("<language>pt_BR</language>", "pt-BR"),
        ("<language>?!</language>", "en-US"),
    ],
)
def test_languages(written, read):
    assert parse_alert(alert(info(language=written))).infos[0].language == read


def test_infos_in_several_languages_stay_apart():
    message = parse_alert(alert(info(), info(language="<language>fr</language>", event="Crue")))
    assert [(one.language, one.event) for one in message.infos] == [("en", "Flood"), ("fr", "Crue")]


def test_markup_is_cleaned_and_lines_stay():
    texts = "<description>&lt;p&gt;Stay &lt;b&gt;inside&lt;/b&gt;.&lt;br/&gt;Water &amp;amp;amp; mud&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description>"
    only = parse_alert(alert(info(texts=texts))).infos[0]
    assert only.description == "Stay inside.\nWater & mud"


def test_a_comparison_is_no_markup():
    assert (
        parse_alert(alert(info(texts="<description>Wind &lt; 20 &gt; 10</description>"))).infos[0].description
        == "Wind < 20 > 10"
    )


def test_repeated_instructions_are_all_kept():
    texts = "<instruction>Leave.</instruction><instruction>Go uphill.</instruction>"
    assert parse_alert(alert(info(texts=texts))).infos[0].instruction == "Leave.\nGo uphill."


def test_embedded_files_are_dropped_and_addresses_kept():
    resource = "<resource><resourceDesc>map</resourceDesc><uri>https://example.org/m.png</uri><derefUri>QUJD</derefUri></resource>"
    message = parse_alert(alert(info(parameters=resource)))
    assert message.infos[0].resources[0].uri == "https://example.org/m.png"
    assert codes(message) == ["embedded-dropped"]
    assert "QUJD" not in repr(message)


def test_cap_1_0_named_values():
    raw = alert(info(extra="<eventCode>SAME=TOE</eventCode>"))
    assert parse_alert(raw).infos[0].event_codes[0].value == "TOE"


class TestReferences:
    SENT = datetime(2026, 6, 1, 4, tzinfo=UTC)

    def test_several(self):
        text = "a@x.org,one,2026-06-01T04:00:00-00:00 b@x.org,two,2026-06-01T04:00:00+00:00"
        assert parse_alert(alert(references=text)).references == (
            Reference("a@x.org", "one", self.SENT),
            Reference("b@x.org", "two", self.SENT),
        )

    def test_an_identifier_with_spaces_stays_whole(self):
        text = "a@x.org,Flood warning 7,2026-06-01T04:00:00+00:00"
        assert parse_alert(alert(references=text)).references == (
            Reference("a@x.org", "Flood warning 7", self.SENT),
        )

    @pytest.mark.parametrize(
        ("written", "sender", "identifier"),
        [
            ('"Met, Office",id1,2026-05-31T05:00:00+00:00', "Met, Office", "id1"),
            ('"a@b.example","id 1","2026-05-31T05:00:00+00:00"', "a@b.example", "id 1"),
            ('"a@b.example,id 1,2026-05-31T05:00:00+00:00"', "a@b.example", "id 1"),
        ],
    )
    def test_quotation_marks(self, written, sender, identifier):
        other = "x@y.example,z,2026-05-30T05:00:00+00:00"
        found = parse_alert(alert(references=f"{written} {other}")).references
        assert [(one.sender, one.identifier) for one in found] == [(sender, identifier), ("x@y.example", "z")]

    def test_a_bare_identifier_is_the_senders_own(self):
        message = parse_alert(alert(references="earlier-one"))
        assert message.references == (Reference("office@example.org", "earlier-one"),)
        assert codes(message) == ["references-loose"]

    def test_an_empty_element_refers_to_nothing(self):
        assert parse_alert(alert(references=" ")).references == ()


class TestTimes:
    def at(self, text):
        return parse_alert(alert(sent=text)).sent

    @pytest.mark.parametrize(
        "text",
        [
            "2026-06-01T07:00:00+02:00",
            "2026-06-01T05:00:00Z",
            "2026-06-01T05:00:00-00:00",
            "2026-06-01 07:00:00+02:00",
            "2026-06-01T07:00:00.250+0200",
            "2026-06-01T07:00+02",
            "Mon, 01 Jun 2026 05:00:00 GMT",
            "2026/6/1 下午 01:00:00 +08:00",
            "2026/6/1 上午 05:00:00 Z",
        ],
    )
    def test_many_ways_to_write_one_instant(self, text):
        assert self.at(text) == datetime(2026, 6, 1, 5, tzinfo=UTC)

    @pytest.mark.parametrize("written", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00", "9999-12-31"])
    def test_placeholders_are_none_given(self, written):
        found = parse_alert(alert(info(times=f"<expires>{written}</expires>")))
        assert found.infos[0].expires is None
        assert [one.code for one in found.remarks] == ["time-placeholder"]

    def test_a_leap_second(self):
        found = parse_alert(alert(info(times="<expires>2026-06-30T23:59:60Z</expires>")))
        assert found.infos[0].expires == datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)

    def test_midnight_at_the_end_of_a_day(self):
        assert self.at("2026-05-31T24:00:00Z") == datetime(2026, 6, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("2569-06-01T05:00:00+07:00", "time-buddhist-era"),
            ("1447-06-01T05:00:00+03:00", "time-year-impossible"),
            ("115-06-01T05:00:00+08:00", "time-year-impossible"),
            ("9999-06-01T05:00:00Z", "time-year-impossible"),
            ("2026-02-30T05:00:00Z", "time-unreadable"),
            ("2026-06-01T05:00:00+99:00", "time-unreadable"),
            ("tomorrow", "time-unreadable"),
            ("2026-06-01", "time-unreadable"),
        ],
    )
    def test_other_calendars_and_nonsense_are_refused(self, text, code):
        assert refusal(alert(sent=text)).code == code

    def test_the_reason_names_the_year_that_was_probably_meant(self):
        assert "2026" in refusal(alert(sent="2569-06-01T05:00:00+07:00")).message

    def test_an_offset_is_borrowed_within_the_message_only(self):
        times = "<expires>2026-06-01T20:00:00</expires>"
        message = parse_alert(alert(info(times=times), sent="2026-06-01T05:00:00+03:00"))
        assert message.infos[0].expires == datetime(2026, 6, 1, 17, tzinfo=UTC)
        assert codes(message) == ["time-offset-borrowed"]
        assert refusal(alert(info(times=times), sent="2026-06-01T05:00:00")).code == "time-without-offset"

    def test_a_wrong_expiry_is_worse_than_none(self):
        assert refusal(alert(info(times="<expires>soon</expires>"))).code == "time-unreadable"

    def test_a_wrong_onset_is_merely_left_out(self):
        message = parse_alert(alert(info(times="<onset>soon</onset><expires>2026-06-01T18:00:00Z</expires>")))
        assert message.infos[0].onset is None
        assert codes(message) == ["time-optional-dropped"]

    def test_a_buddhist_onset_is_refused_like_any_other(self):
        times = "<onset>2569-06-01T05:00:00+07:00</onset><expires>2026-06-02T05:00:00+07:00</expires>"
        assert refusal(alert(info(times=times))).code == "time-buddhist-era"

    def test_offsets_survive(self):
        sent = parse_alert(alert(sent="2026-06-01T05:00:00-09:30")).sent
        assert sent.utcoffset() == -timedelta(hours=9, minutes=30)


def test_areas_keep_what_the_issuer_wrote():
    area = parse_alert(alert(info(area=AREA.replace("10,20 10,21", "10,20\n\t10,21")))).infos[0].areas[0]
    assert area.polygons == ("10,20 10,21 11,21 11,20 10,20",)


def test_reasons_are_one_line_and_bounded():
    error = refusal(alert(status="x" * 5000 + "\n\u202e\x85"))
    assert len(error.message) < 400
    assert error.message.isprintable()
