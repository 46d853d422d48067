"""Whatever is handed over becomes the texts to verify."""

import json

import pytest

from openconsular.domain.health.carriers import codes
from openconsular.domain.health.carriers.handed_over import texts_in, whole
from openconsular.domain.health.smart import numeric
from openconsular.domain.health.verdict import Unreadable

LONG = "a" * 3000
PIECES = numeric.codes(LONG)


def test_files_of_every_kind():
    card = json.dumps({"verifiableCredential": ["x.y.z", "u.v.w"]}).encode()
    seal = '{"data":{},"sig":{}}'
    for data, texts in (
        (b"HC1:ABC\r\n\nHC1:DEF\n", ("HC1:ABC", "HC1:DEF")),
        (card, ("x.y.z", "u.v.w")),
        (seal.encode(), (seal,)),
        (b'{"broken', ('{"broken',)),
        (codes.qr_png("HC1:ABC"), ("HC1:ABC",)),
        (codes.qr_svg("HC1:ABC"), ("HC1:ABC",)),
        ("\n".join(reversed(PIECES)).encode(), (LONG,)),
    ):
        assert texts_in(data) == texts


def test_a_list_holds_documents_and_codes():
    seal, card = {"data": {"msg": "é"}, "sig": {}}, {"verifiableCredential": ["x.y.z", "u.v.w"]}
    told = json.dumps([seal, card, "HC1:ABC", 7], indent=4)
    compact = '{"data":{"msg":"é"},"sig":{}}'
    assert texts_in(told.encode()) == (compact, "x.y.z", "u.v.w", "HC1:ABC", "7")
    assert texts_in(b"[]") == ("[]",) and texts_in(b"[1") == ("[1",)


@pytest.mark.parametrize("form", ["utf-8-sig", "utf-16", "utf-8"])
def test_marks_and_blanks_around_a_file(form):
    for text in ("HC1:ABC", '{"data":{},"sig":{}}', '{"verifiableCredential":["a.b.c"]}'):
        expected = ("a.b.c",) if "verifiable" in text else (text,)
        assert texts_in(f"\n\t {text}\r\n\r\n".encode(form)) == expected


def test_an_archive_is_the_credential_in_it():
    assert texts_in(b"PK\x03\x04\xff") == ("PK\x03\x04\xff",)


def test_pieces_are_put_together_among_others():
    assert whole(["HC1:ABC", *PIECES, PIECES[0]]) == (LONG, "HC1:ABC")
    with pytest.raises(Unreadable, match="missing: 2"):
        whole([PIECES[0], *PIECES[2:]])


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00\x01\x02", b"\xff\xd8\xff"])
def test_what_holds_nothing_is_refused(data):
    with pytest.raises(Unreadable):
        texts_in(data)
