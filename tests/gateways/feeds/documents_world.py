"""What the documents of these tests are made of."""

import io
import zipfile
from datetime import UTC, datetime

from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import RefusedItem
from tests.domain.cap.messages import alert

BARE = alert().split(b"?>", 1)[1].decode()
SENT = datetime(2026, 6, 1, 5, tzinfo=UTC)


def only(raw, kind, **more):
    items = read_document(raw if isinstance(raw, bytes) else raw.encode(), **more)
    assert len(items) == 1, items
    assert isinstance(items[0], kind), items[0]
    return items[0]


def code(raw, kind=RefusedItem):
    return only(raw, kind).reason.code


def atom(*entries):
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss"><title>F</title>{"".join(entries)}</feed>'


def rss(*items):
    return (
        '<rss version="2.0" xmlns:georss="http://www.georss.org/georss" xmlns:gdacs="http://www.gdacs.org" '
        'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<channel><title>F</title><link>https://a.example.org</link>{''.join(items)}</channel></rss>"
    )


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
