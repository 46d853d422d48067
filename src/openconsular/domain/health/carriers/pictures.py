"""Finds the codes in a picture or a PDF that somebody sent: a clean file, a scan, a photo from a phone.

Everything is bounded before it is unpacked: bytes, pixels, frames, pages. PDFs are drawn in a process of their own
(see `pages.py`), since a drawing can be made to take for ever.
"""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from openconsular.domain.health.carriers import pages
from openconsular.domain.health.verdict import Layer, Unreadable

BYTES_MOST = 24 * 1024 * 1024
# A 64-megapixel phone photo; other formats cannot be unpacked at a smaller size, so less of them is taken.
JPEG_PIXELS_MOST = 72_000_000
PIXELS_MOST = 36_000_000
# The reader itself takes sides below 65,536, and small pictures are looked at twice as large.
SIDE_MOST = 32_000
# What is searched. A code of 177 modules still has eleven pixels a module on a page-filling photo.
SEARCHED_PIXELS = 6_000_000
# What is searched again and again, sharpened, turned brighter, larger.
STUDIED_PIXELS = 1_500_000
CODES_MOST = 20

# HCERT section 4.2 allows Aztec beside QR; the others are on paper of some issuers.
_FORMATS = zxingcpp.barcode_formats_from_str("QRCodeModel2|Aztec|DataMatrix")
# The way for pictures that hold nothing but a code knows only the family as a whole.
_PURE = zxingcpp.barcode_formats_from_str("QRCode")
_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
# What an iPhone keeps its photos in: brands of ISO/IEC 23008-12 section 10 in a box of ISO/IEC 14496-12 section 4.3.
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
# What decoders of pictures were seen to raise for bytes that are none, and what they could: strangers write the bytes.
_BROKEN = (
    *(
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        OverflowError,
        MemoryError,
        KeyError,
        IndexError,
        TypeError,
    ),
    *(AttributeError, NotImplementedError, ZeroDivisionError, AssertionError, struct.error, zlib.error),
    UserWarning,
)
# What a program drew is black and white; looking for shadows on it costs a third more.
_EXACT = zxingcpp.Binarizer.FixedThreshold
Grey = NDArray[np.uint8]


def codes_in(data: bytes) -> tuple[str, ...]:
    """The texts of the codes in a PNG, JPEG, WebP, GIF (first frame), BMP, SVG or PDF, each once, in reading order.

    Bytes that are no text (zipped credentials) come as Latin-1 letters. Raises `Unreadable` with layer PICTURE:
    "picture-too-large", "picture-unknown", "picture-broken", "photo-format-heic", "pdf-…", "no-code".
    """
    if len(data) > BYTES_MOST:
        raise Unreadable(Layer.PICTURE, "picture-too-large", f"more than {BYTES_MOST} bytes")
    found: dict[str, None] = {}
    for image in _images(data):
        found |= dict.fromkeys(_codes(image))
    if not found:
        raise Unreadable(Layer.PICTURE, "no-code", "the picture shows no code that can be read")
    return tuple(found)[:CODES_MOST]


def _images(data: bytes) -> Iterator[Image.Image]:
    if pages.is_pdf(data):
        return pages.draw(data)
    if is_heif(data):
        raise Unreadable(
            Layer.PICTURE, "photo-format-heic", "a photo in HEIC: send it as JPEG, or take a screenshot"
        )
    return iter([_unpack(pages.draw_svg(data) if pages.is_svg(data) else data)])


def is_heif(data: bytes) -> bool:
    """Whether it is a photo as iPhones keep them, which needs a decoder of patented video to be read.

    AVIF may name "mif1" among its kin, but not as its first brand.
    """
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _unpack(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=_KINDS)
        most = JPEG_PIXELS_MOST if image.format == "JPEG" else PIXELS_MOST
        if image.width * image.height > most or max(image.size) > SIDE_MOST:
            raise Unreadable(Layer.PICTURE, "picture-too-large", f"{image.width}×{image.height} pixels")
        if image.format == "JPEG":
            scale = min(1.0, (SEARCHED_PIXELS / (image.width * image.height)) ** 0.5)
            image.draft("L", (int(image.width * scale), int(image.height * scale)))
        image.load()
        return _grey(image)
    except UnidentifiedImageError as error:
        raise Unreadable(Layer.PICTURE, "picture-unknown", "neither a picture nor a PDF") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(Layer.PICTURE, "picture-too-large", str(error)) from error
    except _BROKEN as error:
        raise Unreadable(Layer.PICTURE, "picture-broken", str(error)[:200]) from error


def _grey(image: Image.Image) -> Image.Image:
    """One byte a pixel; what is transparent becomes white, as on a page."""
    if image.mode in ("1", "L"):
        return image.convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("LA")
        white = Image.new("L", image.size, 255)
        white.paste(image.getchannel("L"), mask=image.getchannel("A"))
        return white
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value * (1 / 256)) if image.mode.startswith("I;16") else image
    return image.convert("L")


def _codes(image: Image.Image) -> list[str]:
    """The codes of one page: the cheapest way that finds any."""
    exact = _read(np.asarray(image), pure=True)
    if exact:
        return exact
    for way in _ways(image):
        found = _read(np.asarray(way))
        if found:
            return found
    return []


def _ways(image: Image.Image) -> Iterator[Image.Image]:
    """The picture as it is, then as an eye would help itself: nearer, farther, sharper, with more contrast."""
    searched = _at_most(image, SEARCHED_PIXELS)
    yield searched
    studied = _at_most(image, STUDIED_PIXELS)
    if studied.size != searched.size:
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
