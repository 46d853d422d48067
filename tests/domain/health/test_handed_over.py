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


def test_pieces_are_put_together_among_others():
    assert whole(["HC1:ABC", *PIECES, PIECES[0]]) == (LONG, "HC1:ABC")
    with pytest.raises(Unreadable, match="missing: 2"):
        whole([PIECES[0], *PIECES[2:]])


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00\x01\x02", b"\xff\xd8\xff"])
def test_what_holds_nothing_is_refused(data):
    with pytest.raises(Unreadable):
        texts_in(data)
