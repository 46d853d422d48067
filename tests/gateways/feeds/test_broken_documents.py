"""What breaks in the characters of a document and leaves its meaning certain is read, with a remark; the rest is not."""

import gzip

import pytest

from openconsular.domain.cap.xml import mended
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import AlertItem, RefusedItem
from tests.domain.cap.messages import alert, info

BARE = alert(info(event="Crue café")).split(b"?>", 1)[1].decode()


def only(raw):
    [item] = read_document(raw)
    return item


def event(raw):
    item = only(raw)
    assert isinstance(item, AlertItem), item
    return item.alert.infos[0].event, [one.code for one in item.alert.remarks]


@pytest.mark.parametrize(
    "name",
    [
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "iso-8859-15", "windows-1252", "gb18030", "gbk",
        "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr", "koi8-r", "windows-1251", "windows-1256", "us-ascii",
    ],
)  # fmt: skip
def test_a_declared_encoding_is_believed(name):
    raw = (f'<?xml version="1.0" encoding="{name}"?>' + BARE).encode(name, "xmlcharrefreplace")
    assert event(raw) == ("Crue café", [])


def test_chinese_in_the_encodings_of_china():
    for name in ("gb18030", "gbk", "gb2312"):
        text = f'<?xml version="1.0" encoding="{name}"?>' + BARE.replace("Crue café", "暴雨红色预警")
        assert event(text.encode(name)) == ("暴雨红色预警", [])


def test_a_mark_goes_before_the_declaration():
    raw = b'\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?>' + BARE.encode()
    assert event(raw) == ("Crue café", [])


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b'<?xml version="1.0" encoding="latin-1"?>' + BARE.encode("latin-1"), "Crue café"),
        (b'<?xml version="1.0" encoding="utf-8"?>' + BARE.encode("latin-1"), "Crue caf\ufffd"),
        (BARE.encode("cp1252"), "Crue caf\ufffd"),
        (BARE.encode() + b"\0\0", "Crue café"),
        (BARE.replace("Crue", "Cr\0ue").encode(), "Crue café"),
        (BARE.replace("Crue", "Cr\x0bue").encode(), "Crue café"),
        (BARE.replace("Crue", "Crue & vent").encode(), "Crue & vent café"),
        (BARE.replace("Crue", "Crue &eacute; ").encode(), "Crue é café"),
    ],
)
def test_what_is_broken_in_letters_only_is_mended_and_said(raw, read):
    found, remarks = event(raw)
    assert found == read
    assert "document-mended" in remarks
    assert only(raw).raw == raw  # kept as it came


def test_damage_where_it_matters_is_refused():
    for old, new in (
        (b"10,20 10,21", b"10,20 1\xe9,21"),
        (b"Actual", b"Act\xffal"),
        (b"18:00:00", b"18:\xff0:00"),
    ):
        raw = BARE.encode().replace(old, new)
        item = only(raw)
        if isinstance(item, AlertItem):  # a shape is judged when the area is made
            assert "\ufffd" in item.alert.infos[0].areas[0].polygons[0]
        else:
            assert item.reason.code in ("value-unknown", "time-unreadable")


@pytest.mark.parametrize("cut", [40, 200, 500])
def test_a_download_that_broke_off_is_refused(cut):
    raw = alert()[:-cut]
    for document in (raw, gzip.compress(alert())[:-cut] if cut < 100 else raw):
        assert isinstance(only(document), RefusedItem)
        assert only(document).reason.code in ("xml-malformed", "archive-unreadable")


@pytest.mark.parametrize("prefix", [b"\0<!DOCTYPE alert>", b"\x0b<!DOCTYPE alert>", b"<!\0DOCTYPE alert>"])
def test_mending_lets_no_doctype_in(prefix):
    assert only(prefix + BARE.encode()).reason.code in ("xml-doctype", "xml-malformed", "document-unknown")


@pytest.mark.parametrize("name", ["unicode_escape", "punycode", "zip", "utf-7", "rot13", "no-such"])
def test_only_character_sets_of_documents_are_tried(name):
    raw = f'<?xml version="1.0" encoding="{name}"?>'.encode() + BARE.encode()
    assert event(raw)[0] == "Crue café"


def test_nothing_to_mend():
    assert mended(BARE.encode()) is None


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>503</body></html>",
        b"\xef\xbb\xbf\n<!-- cache -->\n<!doctype HTML>\n<html><p>Sorry<br></html>",
        b"<html><body>Not found<br></body></html>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    ],
)
def test_a_web_page_is_called_one(page):
    assert only(page).reason.code == "web-page"


def test_a_complaint_of_the_server_before_the_alert_is_for_an_officer():
    assert only(b"Warning: Undefined index in feed.php\n" + alert()).reason.code == "xml-malformed"
