"""Documents made to hurt the reader: refused quickly, whatever they hold."""

import random
import time

import pytest

from openconsular.domain.cap import xml
from openconsular.domain.cap.geometry import cover
from openconsular.domain.cap.judgement import judge
from openconsular.domain.cap.read import parse_alert
from openconsular.domain.cap.reasons import CapError
from openconsular.domain.cap.resolution import NoRegistries
from tests.conftest import NOW
from tests.domain.cap.messages import alert, geocodes, info, polygons

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(12))
    + b"]><alert>&m;</alert>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><alert>&x;</alert>'
PARAMETER = b'<!DOCTYPE a [<!ENTITY % r SYSTEM "http://127.0.0.1:9/x"> %r;]><a/>'


def refusal(raw, **limits):
    started = time.process_time()
    with pytest.raises(CapError) as caught:
        xml.parse_xml(raw, **limits)
    assert time.process_time() - started < 2
    return caught.value.code


@pytest.mark.parametrize("raw", [BOMB, OUTSIDE, PARAMETER, b"  \n<!-- x --><?y z?>\n" + PARAMETER])
def test_a_doctype_is_never_read(raw):
    assert refusal(raw) == "xml-doctype"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_doctype_does_not_hide_in_another_encoding(encoding):
    text = '<!DOCTYPE a [<!ENTITY x "y">]><alert>&x;</alert>'
    assert refusal(text.encode(encoding)) in ("xml-doctype", "xml-malformed")


def test_the_word_doctype_inside_a_text_is_no_doctype():
    raw = alert(info(texts="<description><![CDATA[<!DOCTYPE html><p>Stay</p>]]></description>"))
    assert "Stay" in parse_alert(raw).infos[0].description


def test_bounds():
    assert refusal(b"") == "document-empty"
    assert refusal(b" \n ") == "document-empty"
    assert refusal(b"<a>" + b"x" * 100 + b"</a>", max_bytes=50) == "document-too-large"
    assert refusal(b"<a>" * 100 + b"</a>" * 100) == "document-too-deep"
    assert refusal(b"<a>" * 10_000 + b"</a>" * 10_000) in ("document-too-deep", "xml-malformed")
    assert refusal(b"<a>" + b"<b/>" * (xml.MAX_ELEMENTS + 1) + b"</a>") == "document-too-many-elements"
    assert refusal(b"<a>" + b"x" * (xml.MAX_TEXT + 1) + b"</a>") == "text-too-long"


@pytest.mark.parametrize(
    "raw", [b"<a>", b"<a><b></a></b>", b"<a>&nbsp;</a>", b"<a>\xff</a>", b"<a x='1' x='2'/>", b"\x00<a/>"]
)
def test_what_is_not_xml_is_refused(raw):
    assert refusal(raw) == "xml-malformed"


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\n\n  ", b"\xef\xbb\xbf \r\n"])
def test_a_mark_or_space_before_the_declaration_is_forgiven(start):
    assert parse_alert(start + alert()).identifier == "one"


def test_a_declared_utf_16_that_is_utf_8_is_read():
    raw = alert(info(event="洪水")).replace(b'encoding="UTF-8"', b'encoding="utf-16"')
    assert parse_alert(raw).infos[0].event == "洪水"


def test_real_utf_16_is_read():
    text = alert(info(event="洪水")).decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert parse_alert(text.encode("utf-16")).infos[0].event == "洪水"


def test_too_many_infos():
    with pytest.raises(CapError) as caught:
        parse_alert(alert(*[info()] * 501))
    assert caught.value.code == "too-many-infos"


def read_whole(raw):
    """Everything this package does with a message; only CapError may come out."""
    try:
        message = parse_alert(raw)
        verdict = judge(message, at=NOW)
        cover(verdict.infos or message.infos, NoRegistries())
    except CapError as error:
        assert error.message


@pytest.mark.parametrize("seed", range(40))
def test_mutated_messages_are_read_or_refused_and_nothing_else(seed):
    dice = random.Random(seed)
    raw = bytearray(
        alert(
            info(area=polygons("10,20 10,21 11,21 11,20 10,20") + geocodes(("UGC", "NVC013-019>021"))),
            references="a@x.org,one,2026-06-01T04:00:00+00:00",
        )
    )
    pieces = [
        b"<",
        b">",
        b"&",
        b"&#0;",
        b"]]>",
        b"<![CDATA[",
        b"\xff",
        b"\x00",
        b"-",
        b",",
        b"9" * 400,
        b"</info>",
        b"<info>",
    ]
    for _ in range(25):
        mutated = bytearray(raw)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(mutated))
            match dice.randrange(4):
                case 0:
                    mutated[place] = dice.randrange(256)
                case 1:
                    del mutated[place : place + dice.randint(1, 40)]
                case 2:
                    mutated[place:place] = dice.choice(pieces)
                case _:
                    other = dice.randrange(len(mutated))
                    mutated[place:place] = mutated[other : other + 30]
        read_whole(bytes(mutated))
