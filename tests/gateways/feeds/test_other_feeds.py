"""Ways in which other services wrap alerts, and shapes that are none."""

import json

import pytest

from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import AlertItem, IgnoredItem, LinkItem, RefusedItem
from tests.domain.cap.messages import alert

BARE = alert().split(b"?>", 1)[1].decode()
PLAIN = {
    "identifier": "one", "sender": "office@example.org", "sent": "2026-06-01T05:00:00+00:00", "status": "Actual",
    "msgType": "Alert", "scope": "Public",
    "info": [{"event": "Frost", "category": ["Met"], "urgency": "Future", "severity": "Minor", "certainty": "Likely",
              "area": [{"areaDesc": "A", "geocode": [{"value": "XX001", "valueName": "EMMA_ID"}]}]}],
}  # fmt: skip


def only(raw):
    [item] = read_document(raw if isinstance(raw, bytes) else raw.encode())
    return item


def collection(properties, shape):
    one = {"type": "Feature", "properties": properties, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [one]})


def atom(inside):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>{inside}</entry></feed>'


SHAPE = {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}


def test_meteoalarm_wraps_each_alert():
    items = read_document(
        json.dumps({"warnings": [{"alert": PLAIN, "uuid": "u"}, {"alert": {"sent": 1}}]}).encode()
    )
    assert isinstance(items[0], AlertItem)
    assert items[0].alert.infos[0].areas[0].geocodes[0].value == "XX001"
    assert isinstance(items[1], RefusedItem)


def test_one_wrapped_alert_alone():
    assert isinstance(only(json.dumps({"alert": PLAIN})), AlertItem)


@pytest.mark.parametrize("name", ["severity", "alertlevel", "EventType", "headline"])
def test_a_shape_that_speaks_of_a_danger_is_for_an_officer(name):
    item = only(collection({name: "Red", "name": "Fire"}, SHAPE))
    assert isinstance(item, RefusedItem)
    assert item.reason.code == "feature-unknown"


def test_a_mere_shape_is_none():
    assert isinstance(only(collection({"warnId": "x"}, SHAPE)), IgnoredItem)


@pytest.mark.parametrize("status", ["Actual", "Test"])
def test_a_message_written_as_text_into_a_wrapper(status):
    text = BARE.replace("&", "&amp;").replace("<", "&lt;")
    wrapped = (
        f'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"><distributionStatus>{status}'
        f"</distributionStatus><contentObject><embeddedXMLContent>{text}</embeddedXMLContent></contentObject></EDXLDistribution>"
    )
    assert isinstance(only(wrapped), AlertItem if status == "Actual" else IgnoredItem)


def test_a_message_as_text_behind_a_comment():
    assert isinstance(only(atom(f"<content><![CDATA[<!-- made by x --> {BARE}]]></content>")), AlertItem)


@pytest.mark.parametrize(
    "inside",
    [
        '<content type="application/cap+xml" src="/a"/>',
        "<id>https://a.example.org/cap/1.xml</id>",
        "<guid>https://a.example.org/1.cap</guid>",
    ],
)
def test_addresses_in_other_places(inside):
    assert isinstance(only(atom(inside)), LinkItem)


def test_an_identifier_that_is_no_address_of_an_alert_is_no_link():
    assert isinstance(only(atom("<id>https://a.example.org/news/1</id>")), IgnoredItem)


@pytest.mark.parametrize("level", ["Red", "Orange"])
def test_a_grave_event_told_as_a_point_is_for_an_officer(level):
    item = only(
        atom(f'<g:alertlevel xmlns:g="urn:g">{level}</g:alertlevel><g:point xmlns:g="urn:g">1 2</g:point>')
    )
    assert item.reason.code == "danger-without-area"


def test_thousands_of_entries_take_seconds():
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{f"<entry>{BARE}</entry>" * 10_000}</feed>'
    items = read_document(feed.encode())
    assert sum(isinstance(item, AlertItem) for item in items) == 10_000
