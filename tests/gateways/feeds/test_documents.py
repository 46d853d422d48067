"""Every kind of document into items; one bad entry takes nothing with it."""

import gzip
import json

import pytest

from openconsular.domain.cap.model import MsgType, ResponseType, Severity, Status
from openconsular.gateways.feeds import archives, documents
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import AlertItem, IgnoredItem, LinkItem, RefusedItem
from tests.domain.cap.messages import alert
from tests.gateways.feeds.documents_world import BARE, SENT, atom, code, only, rss, zipped


class TestXml:
    def test_a_message_alone(self):
        item = only(alert(), AlertItem)
        assert item.alert.identifier == "one"
        assert item.raw == alert()

    @pytest.mark.parametrize(
        "wrapper", ["<alerts>{}</alerts>", '<s:Envelope xmlns:s="urn:s"><s:Body>{}</s:Body></s:Envelope>']
    )
    def test_wrapped(self, wrapper):
        assert only(wrapper.format(BARE), AlertItem).alert.sent == SENT

    @pytest.mark.parametrize(
        ("status", "kind"), [("Actual", AlertItem), ("Exercise", IgnoredItem), ("Test", IgnoredItem)]
    )
    def test_a_distribution_that_is_a_test_makes_all_in_it_one(self, status, kind):
        raw = (
            '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0">'
            f"<distributionStatus>{status}</distributionStatus><contentObject><xmlContent><embeddedXMLContent>{BARE}"
            "</embeddedXMLContent></xmlContent></contentObject></EDXLDistribution>"
        )
        only(raw, kind)

    def test_a_distribution_without_an_alert(self):
        assert (
            code('<EDXLDistribution xmlns="urn:x"><contentObject/></EDXLDistribution>')
            == "wrapped-content-missing"
        )

    def test_other_xml(self):
        assert code("<html><body>Not found</body></html>") == "web-page"
        assert code("<kml><Document/></kml>") == "map-shapes"
        assert code("<norss/>") == "not-cap"
        assert code('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>', IgnoredItem) == "xml-schema"

    def test_a_bad_message_is_kept_with_its_reason(self):
        item = only(alert(sent="2569-06-01T05:00:00+07:00"), RefusedItem)
        assert item.reason.code == "time-buddhist-era"
        assert b"2569" in item.raw


class TestFeeds:
    def test_messages_inside_entries_and_beside_them(self):
        assert len(read_document(atom(f"<entry><content>{BARE}</content></entry>", BARE).encode())) == 2

    def test_one_bad_entry_takes_nothing_with_it(self):
        bad = BARE.replace("<status>Actual", "<status>#")
        kinds = [
            type(i)
            for i in read_document(
                atom(*(f"<entry><content>{x}</content></entry>" for x in (BARE, bad, BARE))).encode()
            )
        ]
        assert kinds == [AlertItem, RefusedItem, AlertItem]

    def test_a_message_written_as_text(self):
        escaped = BARE.replace("<", "&lt;").replace(">", "&gt;")
        assert (
            only(rss(f"<item><description>{escaped}</description></item>"), AlertItem).alert.identifier
            == "one"
        )
        assert (
            code(rss("<item><description>&lt;alert&gt;&lt;/description</description></item>"))
            == "xml-malformed"
        )

    @pytest.mark.parametrize(
        "entry",
        [
            '<link type="text/html" href="https://a.example.org/page"/><link type="application/cap+xml" href="https://a.example.org/1"/>',
            '<link href="https://a.example.org/1"/><cap:event xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">x</cap:event>',
            '<link rel="alternate" href="https://a.example.org/1.xml"/>',
            '<link type="text/xml" href="https://a.example.org/get?x=1"/>',
        ],
    )
    def test_links_of_atom(self, entry):
        item = only(atom(f"<entry><title>T</title><updated>2026</updated>{entry}</entry>"), LinkItem)
        assert item.url.startswith("https://a.example.org/")
        assert "page" not in item.url
        assert (item.title, item.revision) == ("T", "2026")

    @pytest.mark.parametrize(
        "item",
        [
            "<link>https://a.example.org/GetCapAlert.aspx?capID=7</link>",
            "<link>https://a.example.org/x</link><cap:severity>Severe</cap:severity>",
            "<link>https://a.example.org/p</link><gdacs:cap>https://a.example.org/cap_7.xml</gdacs:cap><georss:point>1 2</georss:point>",
            '<enclosure type="application/cap+xml" url="https://a.example.org/7"/>',
        ],
    )
    def test_links_of_rss(self, item):
        assert only(rss(f"<item><title>T</title>{item}</item>"), LinkItem).url.startswith(
            "https://a.example.org/"
        )

    @pytest.mark.parametrize(
        ("item", "expected"),
        [
            ("<georss:point>1 2</georss:point>", "point-only"),
            ("<geo:lat>1</geo:lat><geo:long>2</geo:long>", "point-only"),
            ("<link>https://a.example.org/news</link>", "information-only"),
            ("", "information-only"),
        ],
    )
    def test_what_warns_nobody(self, item, expected):
        assert code(rss(f"<item><title>T</title>{item}</item>"), IgnoredItem) == expected

    def test_an_area_that_is_no_alert_is_for_an_officer(self):
        assert code(rss("<item><georss:polygon>1 2 1 3 2 3 1 2</georss:polygon></item>")) == "georss-area"

    def test_single_facts_without_the_alert_are_for_an_officer(self):
        assert (
            code(rss("<item><title>T</title><cap:severity>Extreme</cap:severity></item>")) == "summary-only"
        )

    def test_an_empty_feed(self):
        assert code(atom(), IgnoredItem) == "feed-empty"
        assert code(rss(), IgnoredItem) == "feed-empty"


class TestOtherJson:
    def test_cap_with_the_standards_names(self):
        message = {
            "identifier": "mow.1", "sender": "DE-1", "sent": "2026-06-01T07:00:00+02:00", "status": "Actual", "msgType": "Cancel",
            "scope": "Public", "references": "DE-1,mow.0,2026-06-01T04:00:00+00:00",
            "info": [{"language": "DE", "category": ["Fire", "CBRNE"], "event": "Brand", "severity": "Extreme",
                      "area": [{"areaDesc": "Hier", "geocode": [{"valueName": "AreaId", "value": "0"}]}]}],
        }  # fmt: skip
        read = only(json.dumps(message), AlertItem).alert
        assert read.msg_type is MsgType.CANCEL
        assert read.infos[0].areas[0].geocodes[0].name == "AreaId"

    def swiss(self, **changes):
        return {
            "identifier": "X-1", "sender": "info@example.ch", "sent": "Mon, 01.06.2026, 07:00", "publishDate": "Mon, 01.06.2026, 07:00",
            "reference": "info@example.ch,X-1,2026-06-01T07:00:00+02:00", "title": {"title": "Landslide"},
            "description": {"description": "Rocks.<br/>Mud."}, "instructions": [{"text": "Go."}, {"text": "Far."}],
            "event": "Landslide", "severity": "moderate", "allClear": False, "testAlert": False, "technicalTestAlert": False,
            "areas": [{"description": {"description": "Valley"}, "polygons": [{"coordinates": [["46.0", "9.0"], ["46.0", "9.1"], ["46.1", "9.1"], ["46.0", "9.0"]]}], "circles": []}],
        } | changes  # fmt: skip

    def test_alertswiss(self):
        read = only(json.dumps({"alerts": [self.swiss()]}), AlertItem).alert
        assert read.sent == SENT
        assert read.infos[0].severity is Severity.MODERATE
        assert read.infos[0].instruction == "Go.\nFar."
        assert read.infos[0].areas[0].polygons == ("46.0,9.0 46.0,9.1 46.1,9.1 46.0,9.0",)

    def test_alertswiss_all_clear_and_tests(self):
        assert only(json.dumps(self.swiss(allClear=True)), AlertItem).alert.infos[0].response_types == (
            ResponseType.ALL_CLEAR,
        )
        assert only(json.dumps(self.swiss(technicalTestAlert=True)), AlertItem).alert.status is Status.TEST

    def test_an_index_of_warnings(self):
        item = only(json.dumps([{"id": "mow.7", "version": 2, "i18nTitle": {"de": "x"}}]), LinkItem)
        assert (item.url, item.revision) == ("../warnings/mow.7.json", "2")

    @pytest.mark.parametrize(
        "raw", ["{}", "[]x", "[1]", '{"a": 1}', '{"alerts": [1]}', "{", '"x"', '{"features": 3}']
    )
    def test_json_that_is_no_alert(self, raw):
        [item] = read_document(raw.encode())
        assert isinstance(item, RefusedItem | IgnoredItem)

    def test_deep_json(self):
        assert code("[" * 100_000) in ("document-too-deep", "json-malformed")
        assert code('{"a":' * 60 + "1" + "}" * 60) == "document-too-deep"


class TestArchives:
    def test_a_zip_of_messages(self):
        items = read_document(zipped(**{"a.xml": alert(), "b.xml": b"<html/>", "c.xml": alert()}))
        assert [type(item) for item in items] == [AlertItem, RefusedItem, AlertItem]

    def test_gzip(self):
        assert only(gzip.compress(alert()), AlertItem)
        assert code(gzip.compress(alert())[:-200]) in ("xml-malformed", "archive-unreadable")

    def test_an_archive_in_an_archive_is_not_opened(self):
        assert code(zipped(**{"a.zip": zipped(**{"a.xml": alert()})})) == "archive-nested"

    def test_bombs(self, monkeypatch):
        assert code(zipped(**{"a.xml": b"<a>" + b" " * 40_000_000})) == "document-too-large"
        monkeypatch.setattr(archives, "MAX_UNPACKED", 1000)
        assert code(zipped(a=alert(), b=alert(), c=alert())) == "archive-too-large"
        monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
        assert code(zipped(a=b"1", b=b"2", c=b"3")) == "archive-too-many"
        assert code(gzip.compress(b" " * (documents.MAX_DOCUMENT_BYTES + 10))) == "archive-too-large"

    def test_broken_and_empty(self):
        assert code(zipped(a=alert() * 50)[:-30]) == "archive-unreadable"
        assert code(zipped(), IgnoredItem) == "feed-empty"

    def test_a_name_that_leads_out_is_only_a_name(self, tmp_path):
        assert only(zipped(**{"../../out.xml": alert()}), AlertItem)
        assert not list(tmp_path.parent.glob("out.xml"))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", RefusedItem),
        (b"  \n", RefusedItem),
        (b"Maintenance", IgnoredItem),
        (b"\x89PNG\x00\x01", RefusedItem),
        (b"\xff" * 50, RefusedItem),
    ],
)
def test_what_is_no_document(raw, kind):
    only(raw, kind)


def test_a_large_document_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 100)
    assert code(alert()) == "document-too-large"
