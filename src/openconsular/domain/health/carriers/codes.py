"""Draws QR codes (ISO/IEC 18004): as modules, as an SVG that scales, and as a PNG."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from openconsular.domain.health.smart import jws, numeric

# ISO/IEC 18004 section 9.1: four modules of white on every side.
QUIET_ZONE = 4
# HCERT section 4.2.2 asks for level Q. The digits of a health card fill a code with less to spare, so level L there.
_LEVELS = {"HC1:": ("Q", "M", "L"), "shc:/": ("L",)}
_USUAL = ("M", "L")
# How a run of so many dark modules is drawn, from its upper left corner.
_RUNS = tuple(f"h{width}v1h-{width}z" for width in range(178))


class CannotDraw(Exception):
    """A text that no QR code holds. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A QR code. `modules` is square, True where dark, with its quiet zone; `level` its error correction."""

    modules: NDArray[np.bool_]
    level: str

    @property
    def size(self) -> int:
        """Modules on a side, quiet zone included."""
        return int(self.modules.shape[0])

    @property
    def version(self) -> int:
        """1 to 40."""
        return (self.size - 2 * QUIET_ZONE - 17) // 4


def texts_of(certificate: str) -> tuple[str, ...]:
    """What the QR codes say that carry a certificate together, in their order: nearly always one, the text itself.

    A health card too long for one code is kept as its JWS and goes onto several ("shc:/1/2/…").
    """
    return numeric.codes(certificate) if jws.is_compact(certificate) else (certificate,)


def draw(text: str) -> Code:
    """The code for a text, with the error correction its format asks for, or the most that still fits.

    Digits, capitals and other letters are packed each in the densest mode, so "HC1:" is alphanumeric as a whole.
    Raises `CannotDraw` with "text-too-long".
    """
    for level in _LEVELS.get(text[:4], _LEVELS.get(text[:5], _USUAL)):
        try:
            barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
        except ValueError:
            continue
        image = np.array(zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=True))
        return Code(image < 128, level)
    raise CannotDraw("text-too-long", f"no QR code holds these {len(text)} characters")


def qr_svg(text: str) -> bytes:
    """An SVG document of the code, one unit a module, black on white with its quiet zone."""
    return svg_of(draw(text))


def qr_png(text: str, *, scale: int = 4) -> bytes:
    """A PNG of the code in black and white, `scale` pixels a module."""
    return png_of(draw(text), scale=scale)


def svg_of(code: Code) -> bytes:
    """As `qr_svg`. Neighbouring dark modules of a row are one rectangle, so that no hairlines show between them."""
    edges = np.diff(code.modules.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    runs = zip(rows.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True)
    path = "".join([f"M{x} {y}{_RUNS[width]}" for y, x, width in runs])
    size = code.size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    ).encode()


def png_of(code: Code, *, scale: int = 4) -> bytes:
    """As `qr_png`: one bit a pixel (PNG, ISO/IEC 15948)."""
    packed = np.packbits(np.repeat(~code.modules, scale, axis=1), axis=1)
    # A module is `scale` lines high: the first is written out, the others are "as above" (filter type 2, all zero).
    lines = np.zeros((code.size, scale, packed.shape[1] + 1), np.uint8)
    lines[:, 0, 1:] = packed
    lines[:, 1:, 0] = 2
    side = code.size * scale
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
