"""QR codes as drawn: what a reader sees is what was said, and they are as small as the format asks."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from openconsular.domain.health.carriers import codes

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def seen(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(np.asarray(image.convert("L")))
    return found.text


@settings(max_examples=30, deadline=None)
@given(st.text(ALPHANUMERIC, min_size=1, max_size=900))
def test_a_png_says_what_was_drawn(text):
    assert seen(Image.open(io.BytesIO(codes.qr_png("HC1:" + text, scale=3)))) == "HC1:" + text


@pytest.mark.parametrize(
    ("text", "level", "version"),
    [
        # 600 letters in alphanumeric mode fit version 19-Q (644) and not 18-Q (574), ISO/IEC 18004 table 7.
        ("HC1:" + "A" * 600, "Q", 19),
        ("HC1:" + "A" * 2500, "M", 34),
        ("HC1:" + "A" * 4000, "L", 39),
        # 1,195 characters of a health card are 2,390 digits after "shc:/": version 22-L holds them.
        ("shc:/" + "57" * 1195, "L", 22),
        ('{"data":1}', "M", 1),
    ],
)
def test_level_and_version_are_those_of_the_format(text, level, version):
    code = codes.draw(text)
    assert (code.level, code.version) == (level, version)
    assert code.size == version * 4 + 17 + 2 * codes.QUIET_ZONE


def test_the_quiet_zone_is_four_modules_of_white():
    modules = codes.draw("HC1:ABC").modules
    inner = modules[4:-4, 4:-4]
    assert modules.sum() == inner.sum() and inner[0, 0] and inner[0, -1] and inner[-1, 0]


def test_the_svg_draws_the_same_modules():
    code = codes.draw("HC1:6BFOXN*TS0BI")
    root = ElementTree.fromstring(codes.svg_of(code))  # noqa: S314 - our own drawing
    _, drawn = root
    found = np.zeros_like(code.modules)
    for part in drawn.get("d").split("M")[1:]:
        spot, rest = part.split("h", 1)
        x, y = map(int, spot.split())
        found[y, x : x + int(rest.split("v")[0])] = True
    assert root.get("viewBox") == f"0 0 {code.size} {code.size}"
    assert np.array_equal(found, code.modules)


@pytest.mark.parametrize("text", ["", "HC1:" + "A" * 4300, "x" * 5000])
def test_what_no_code_holds_is_said(text):
    with pytest.raises(codes.CannotDraw):
        codes.draw(text)
