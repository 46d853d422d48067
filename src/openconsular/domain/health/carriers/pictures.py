"""Finds the codes in a picture or a PDF that somebody sent: a clean file, a scan, a photo from a phone.

Everything is bounded before it is unpacked: bytes, pixels, frames, pages. PDFs are drawn in a process of their own
(see `pages.py`), since a drawing can be made to take for ever.
"""

from collections.abc import Iterator

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from openconsular.domain.health.carriers import pages
from openconsular.domain.health.carriers.turns import turn
from openconsular.domain.health.carriers.unpacked import SEARCHED_PIXELS, greys
from openconsular.domain.health.verdict import Layer, Unreadable

BYTES_MOST = 24 * 1024 * 1024
# What is searched again and again, sharpened, turned brighter, larger.
STUDIED_PIXELS = 1_500_000
# How many pages without a code at first sight are studied so.
STUDIED_MOST = 6
CODES_MOST = 20

# HCERT section 4.2 allows Aztec beside QR; the others are on paper of some issuers.
_FORMATS = zxingcpp.barcode_formats_from_str("QRCodeModel2|Aztec|DataMatrix")
# The way for pictures that hold nothing but a code knows only the family as a whole.
_PURE = zxingcpp.barcode_formats_from_str("QRCode")
# What a program drew is black and white; looking for shadows on it costs a third more.
_EXACT = zxingcpp.Binarizer.FixedThreshold
Grey = NDArray[np.uint8]


def codes_in(data: bytes) -> tuple[str, ...]:
    """The texts of the codes in a PNG, JPEG, WebP, GIF, BMP, TIFF, SVG or PDF, each once, in reading order.

    Of pictures that move and of documents the first frames or pages are looked at. Bytes that are no text (zipped
    credentials) come as Latin-1 letters. Raises `Unreadable` with layer PICTURE: "picture-too-large",
    "picture-unknown", "picture-broken", "photo-format-heic", "pdf-…", "no-code", "reader-busy".
    """
    if len(data) > BYTES_MOST:
        raise Unreadable(Layer.PICTURE, "picture-too-large", f"more than {BYTES_MOST} bytes")
    with turn():
        return _codes_in(data)


def _codes_in(data: bytes) -> tuple[str, ...]:
    images = list(_images(data))
    seen = [_at_sight(image) for image in images]
    blank = [at for at, codes in enumerate(seen) if not codes]
    for at in blank[:STUDIED_MOST]:
        seen[at] = _studied(images[at])
    found = dict.fromkeys(code for codes in seen for code in codes)
    if not found:
        raise Unreadable(
            Layer.PICTURE, "no-code", f"no code that can be read on {len(images)} pages looked at"
        )
    return tuple(found)[:CODES_MOST]


def _images(data: bytes) -> Iterator[Image.Image]:
    if pages.is_pdf(data):
        return pages.draw(data)
    if pages.is_tiff(data):
        return pages.draw_tiff(data)
    return greys(pages.draw_svg(data) if pages.is_svg(data) else data)


def _at_sight(image: Image.Image) -> list[str]:
    """The codes of one page by the two cheapest ways."""
    return _read(np.asarray(image), pure=True) or _read(np.asarray(_at_most(image, SEARCHED_PIXELS)))


def _studied(image: Image.Image) -> list[str]:
    """The codes of one page on which none is seen at first sight."""
    for way in _ways(image):
        found = _read(np.asarray(way))
        if found:
            return found
    return []


def _ways(image: Image.Image) -> Iterator[Image.Image]:
    """As an eye would help itself: farther, sharper, with more contrast, nearer."""
    studied = _at_most(image, STUDIED_PIXELS)
    if studied.width * studied.height < min(image.width * image.height, SEARCHED_PIXELS):
        yield studied
    flat = ImageOps.autocontrast(studied, cutoff=2)
    yield flat
    yield flat.filter(ImageFilter.GaussianBlur(1.5))
    yield flat.filter(ImageFilter.UnsharpMask(radius=3, percent=200))
    pixels = max(1, studied.width * studied.height)
    if pixels < STUDIED_PIXELS / 4:
        larger = (studied.width * 2, studied.height * 2)
        yield studied.resize(larger, Image.Resampling.LANCZOS)
    bordered = ImageOps.expand(studied, border=max(8, min(studied.size) // 20), fill=255)
    yield bordered


def _at_most(image: Image.Image, pixels: int) -> Image.Image:
    share = (pixels / max(1, image.width * image.height)) ** 0.5
    if share >= 1:
        return image
    size = (max(1, int(image.width * share)), max(1, int(image.height * share)))
    return image.resize(size, Image.Resampling.BOX)


def _read(pixels: Grey, *, pure: bool = False) -> list[str]:
    if min(pixels.shape) < 8:
        return []
    barcodes = zxingcpp.read_barcodes(
        np.ascontiguousarray(pixels),
        formats=_PURE if pure else _FORMATS,
        is_pure=pure,
        binarizer=_EXACT if pure else zxingcpp.Binarizer.LocalAverage,
        try_rotate=not pure,
        try_downscale=not pure,
        try_invert=not pure,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [_text(one.bytes, one.text) for one in barcodes[:CODES_MOST] if one.valid and one.bytes]


def _text(data: bytes, text: str) -> str:
    """UTF-8 where it is that (most writers do not say so), bytes of an archive as Latin-1, else as the code says."""
    if data.startswith(b"PK\x03\x04"):
        return data.decode("latin-1")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return text
