"""Whatever can be written is read back as it was."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openconsular.domain.cap.model import (
    Alert,
    Area,
    Category,
    Certainty,
    Info,
    MsgType,
    NamedValue,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from openconsular.domain.cap.read import parse_alert
from openconsular.domain.cap.text import clean_text
from openconsular.domain.cap.write import to_xml

LETTERS = st.characters(exclude_categories=("C", "Z"), exclude_characters="<&")
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=8), max_size=4).map(" ".join)
SOME_WORDS = WORDS.filter(bool)
# What a cleaned text looks like: lines without spaces at their ends, no markup.
TEXTS = (
    st.lists(WORDS, max_size=3).map("\n".join).map(clean_text).filter(lambda text: clean_text(text) == text)
)
NAMES = st.text(st.sampled_from("abcXYZ0189._-@:/"), min_size=1, max_size=30)
CODES = st.builds(NamedValue, SOME_WORDS, SOME_WORDS)
OFFSETS = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
INSTANTS = st.builds(
    lambda seconds, zone: datetime.fromtimestamp(seconds, UTC).astimezone(zone),
    st.integers(800_000_000, 7_200_000_000),  # 1995 to 2198
    OFFSETS,
)
AREAS = st.builds(
    Area,
    WORDS,
    st.lists(SOME_WORDS, max_size=2).map(tuple),
    st.lists(SOME_WORDS, max_size=2).map(tuple),
    st.lists(CODES, max_size=2).map(tuple),
    WORDS,
    WORDS,
)
INFOS = st.builds(
    Info,
    event=SOME_WORDS,
    language=st.sampled_from(["en-US", "zh-Hans", "fr", "pt-BR"]),
    categories=st.lists(st.sampled_from(Category), min_size=1, max_size=3, unique=True).map(tuple),
    response_types=st.lists(st.sampled_from(ResponseType), max_size=2, unique=True).map(tuple),
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(Severity),
    certainty=st.sampled_from(Certainty),
    audience=WORDS,
    event_codes=st.lists(CODES, max_size=2).map(tuple),
    effective=st.none() | INSTANTS,
    onset=st.none() | INSTANTS,
    expires=st.none() | INSTANTS,
    sender_name=TEXTS,
    headline=TEXTS,
    description=TEXTS,
    instruction=TEXTS,
    web=WORDS,
    contact=TEXTS,
    parameters=st.lists(CODES, max_size=2).map(tuple),
    resources=st.lists(st.builds(Resource, WORDS, WORDS, WORDS, WORDS, WORDS), max_size=2).map(tuple),
    areas=st.lists(AREAS, max_size=2).map(tuple),
)
ALERTS = st.builds(
    Alert,
    identifier=NAMES,
    sender=NAMES,
    sent=INSTANTS,
    status=st.sampled_from(Status),
    msg_type=st.sampled_from(MsgType),
    scope=st.sampled_from(Scope),
    source=WORDS,
    restriction=WORDS,
    addresses=WORDS,
    codes=st.lists(SOME_WORDS, max_size=2).map(tuple),
    note=TEXTS,
    references=st.lists(st.builds(Reference, NAMES, NAMES, INSTANTS), max_size=3, unique=True).map(tuple),
    incidents=WORDS,
    infos=st.lists(INFOS, max_size=2).map(tuple),
)


# Making whole messages takes time on a busy machine, and that is no fault of what is tested.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(ALERTS)
def test_what_is_written_is_read_back(alert):
    assert parse_alert(to_xml(alert)) == alert


@patient
@given(ALERTS)
def test_reading_our_own_writing_needs_no_repair_of_the_message(alert):
    codes = {remark.code for remark in parse_alert(to_xml(alert)).remarks}
    assert codes <= {"polygon-empty"}
