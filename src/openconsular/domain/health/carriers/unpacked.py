"""Unpacks the bytes of a picture that somebody sent into grey pixels, everything bounded before it is unpacked."""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, UnidentifiedImageError

from openconsular.domain.health.verdict import Layer, Unreadable

# A 64-megapixel phone photo; other formats cannot be unpacked at a smaller size, so less of them is taken.
JPEG_PIXELS_MOST = 72_000_000
PIXELS_MOST = 36_000_000
# The reader itself takes sides below 65,536, and small pictures are looked at twice as large.
SIDE_MOST = 32_000
# What is searched. A code of 177 modules still has eleven pixels a module on a page-filling photo.
SEARCHED_PIXELS = 6_000_000
# Pictures that move show the pieces of a card one after the other.
FRAMES_MOST = 16

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
# A drawing of which nine tenths of what is seen are brighter than this is meant for a dark page.
_BRIGHT = 128


def greys(data: bytes) -> Iterator[Image.Image]:
    """The picture with a byte a pixel, or the first frames of one that moves.

    Raises `Unreadable` ("photo-format-heic", "picture-too-large", "picture-unknown", "picture-broken") before anything
    is given; a frame that is broken ends the others.
    """
    if is_heif(data):
        raise Unreadable(
            Layer.PICTURE, "photo-format-heic", "a photo in HEIC: send it as JPEG, or take a screenshot"
        )
    image, first = _opened(data)
    yield first
    most = min(FRAMES_MOST, PIXELS_MOST // max(1, image.width * image.height))
    for at in range(1, min(getattr(image, "n_frames", 1), most)):
        try:
            image.seek(at)
            image.load()
            yield _grey(image)
        except _BROKEN:
            return


def is_heif(data: bytes) -> bool:
    """Whether it is a photo as iPhones keep them, which needs a decoder of patented video to be read.

    AVIF may name "mif1" among its kin, but not as its first brand.
    """
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _opened(data: bytes) -> tuple[Image.Image, Image.Image]:
    """The picture, and what is seen of it first."""
    try:
        image = Image.open(io.BytesIO(data), formats=_KINDS)
        most = JPEG_PIXELS_MOST if image.format == "JPEG" else PIXELS_MOST
        if image.width * image.height > most or max(image.size) > SIDE_MOST:
            raise Unreadable(Layer.PICTURE, "picture-too-large", f"{image.width}×{image.height} pixels")
        if image.format == "JPEG":
            scale = min(1.0, (SEARCHED_PIXELS / (image.width * image.height)) ** 0.5)
            image.draft("L", (int(image.width * scale), int(image.height * scale)))
        image.load()
        return image, _grey(image)
    except UnidentifiedImageError as error:
        raise Unreadable(Layer.PICTURE, "picture-unknown", "neither a picture nor a PDF") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(Layer.PICTURE, "picture-too-large", str(error)) from error
    except _BROKEN as error:
        raise Unreadable(Layer.PICTURE, "picture-broken", str(error)[:200]) from error


def _grey(image: Image.Image) -> Image.Image:
    """One byte a pixel; what is transparent becomes white, as on a page, or black behind a drawing in white."""
    if image.mode in ("1", "L"):
        return image.convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        return _on_paper(image.convert("LA"))
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value * (1 / 256)) if image.mode.startswith("I;16") else image
    return image.convert("L")


def _on_paper(image: Image.Image) -> Image.Image:
    grey, opacity = image.getchannel("L"), image.getchannel("A")
    seen = np.asarray(grey)[np.asarray(opacity) > _BRIGHT]
    is_light = seen.size > 0 and seen.size < grey.width * grey.height and np.percentile(seen, 10) > _BRIGHT
    paper = Image.new("L", image.size, 0 if is_light else 255)
    paper.paste(grey, mask=opacity)
    return paper
