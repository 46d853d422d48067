"""Draws the pages of a PDF, a TIFF or an SVG that somebody sent, in a process that may not grow, last or write.

A PDF is a program: it can nest, repeat and inflate without end, and no renderer can be stopped from outside except
as a process. So `page_process.py` draws, under limits of its own, and this module takes pixels from it.
"""

import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from openconsular.domain.health.verdict import Layer, Unreadable

PAGES_MOST = 12
PAGE_PIXELS_MOST = 6_000_000
SECONDS_MOST = 6.0

SVG_SIDE = 900
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:[^-]|-[^-]){0,500}-->\s*)*(?:<!DOCTYPE svg[^>\[]{0,300}>\s*)?<svg[\s>]"
)
_PROGRAM = Path(__file__).with_name("page_process.py")
_PAGE = struct.Struct("<II")
# Exit status of the program when the document cannot be opened, and when it wants a password.
_BROKEN, _LOCKED = 3, 4


def is_pdf(data: bytes) -> bool:
    """Whether the file says it is a PDF (readers look for the mark within the first 1,024 bytes)."""
    return b"%PDF-" in data[:1024]


def is_tiff(data: bytes) -> bool:
    """Whether the file is a TIFF, as scanners and fax machines make them (TIFF 6.0, section 2)."""
    return data.startswith((b"II*\0", b"MM\0*"))


def is_svg(data: bytes) -> bool:
    """Whether the file is XML whose first element is an SVG drawing."""
    return _SVG.match(data[:4096]) is not None


def draw(data: bytes) -> Iterator[Image.Image]:
    """The first pages of a PDF in grey. Raises `Unreadable` ("pdf-broken", "pdf-locked", "pdf-too-slow")."""
    done = _run(data, "pdf", str(PAGES_MOST), str(PAGE_PIXELS_MOST))
    if done.returncode == _LOCKED:
        raise Unreadable(Layer.PICTURE, "pdf-locked", "the document wants a password")
    drawn = list(_pages(done.stdout))
    if done.returncode and not drawn:
        raise Unreadable(Layer.PICTURE, "pdf-broken", f"the document cannot be drawn ({done.returncode})")
    return iter(drawn)


def draw_tiff(data: bytes) -> Iterator[Image.Image]:
    """The first pages of a TIFF in grey. Raises `Unreadable` ("picture-broken", "pdf-too-slow")."""
    done = _run(data, "tiff", str(PAGES_MOST), str(PAGE_PIXELS_MOST))
    drawn = list(_pages(done.stdout))
    if not drawn:
        raise Unreadable(
            Layer.PICTURE, "picture-broken", f"the picture cannot be unpacked ({done.returncode})"
        )
    return iter(drawn)


def draw_svg(data: bytes) -> bytes:
    """An SVG drawing as PNG. Raises `Unreadable` ("picture-broken", "pdf-too-slow")."""
    done = _run(data, "svg", str(SVG_SIDE))
    if done.returncode:
        raise Unreadable(Layer.PICTURE, "picture-broken", f"the drawing cannot be drawn ({done.returncode})")
    return done.stdout


def _run(data: bytes, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """The program finds the renderer where this process imports from, without what starts up by itself."""
    folders = [part for part in sys.path if "site-packages" in part]
    command = [sys.executable, "-I", "-S", str(_PROGRAM), *arguments, *folders]
    try:
        return subprocess.run(
            command, input=data, capture_output=True, timeout=SECONDS_MOST, check=False, env={}
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(Layer.PICTURE, "pdf-too-slow", "drawing the pages takes too long") from error


def _pages(stream: bytes) -> Iterator[Image.Image]:
    at = 0
    while len(stream) - at >= _PAGE.size:
        width, height = _PAGE.unpack_from(stream, at)
        at += _PAGE.size
        if not 0 < width * height <= PAGE_PIXELS_MOST or len(stream) - at < width * height:
            return
        yield Image.frombytes("L", (width, height), stream[at : at + width * height])
        at += width * height
