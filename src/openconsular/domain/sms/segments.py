"""A text cut into the parts of a short message, and put together again.

A part carries 140 octets: 160 septets or 70 UTF-16 units. A longer text is concatenated: each part begins with
a user data header of 6 octets (8-bit reference) or 7 octets (16-bit reference), which leaves 153 or 152 septets,
67 or 66 units. Source: 3GPP TS 23.040 sections 9.2.3.24.1 and 9.2.3.24.8, 3GPP TS 23.038 section 6.
"""

from dataclasses import dataclass
from enum import Enum

from openconsular.domain.sms.alphabet import ESCAPE, decode_gsm7, encode_gsm7

MOST_PARTS = 255
"""The number of parts is one octet (3GPP TS 23.040 section 9.2.3.24.1)."""

_CONCATENATED_8_BIT = 0x00
_CONCATENATED_16_BIT = 0x08


class Encoding(Enum):
    """The data coding of a part, as SMPP 3.4 section 5.2.19 numbers it."""

    GSM7 = 0x00
    UCS2 = 0x08


class TextNotSendable(Exception):
    """The text cannot become a short message: too long, or no Unicode text at all."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as parts. `bodies` hold octets without headers: one septet each for GSM7, UTF-16BE for UCS2."""

    encoding: Encoding
    bodies: tuple[bytes, ...]
    wide_reference: bool

    def user_data(self, reference: int) -> tuple[bytes, ...]:
        """Each part with its header; a single part has none. The same reference binds the parts together."""
        if len(self.bodies) == 1:
            return self.bodies
        total = len(self.bodies)
        return tuple(
            part_header(reference, total, number, wide=self.wide_reference) + body
            for number, body in enumerate(self.bodies, 1)
        )

    @property
    def text(self) -> str:
        return decode_body(b"".join(self.bodies), self.encoding)


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part belongs: parts with one reference and total make one text; `number` counts from 1."""

    reference: int
    total: int
    number: int


def segments(text: str, *, wide_reference: bool = False) -> Segments:
    """Cut a text into parts; GSM 7-bit when every character allows it, UCS-2 otherwise.

    An escape pair and a surrogate pair are never torn apart. Raises TextNotSendable beyond 255 parts or when
    the text holds half a surrogate pair.
    """
    septets = encode_gsm7(text)
    if septets is not None:
        if len(septets) <= 160:
            return Segments(Encoding.GSM7, (septets,), wide_reference)
        bodies = _cut_septets(septets, 152 if wide_reference else 153)
        return _checked(Encoding.GSM7, bodies, wide_reference)
    try:
        octets = text.encode("utf-16-be")
    except UnicodeEncodeError as error:
        raise TextNotSendable("text-not-unicode", "The text holds half a surrogate pair.") from error
    if len(octets) <= 140:
        return Segments(Encoding.UCS2, (octets,), wide_reference)
    return _checked(Encoding.UCS2, _cut_units(octets, 132 if wide_reference else 134), wide_reference)


def part_header(reference: int, total: int, number: int, *, wide: bool) -> bytes:
    """The user data header of one part; of the reference only the 8 or 16 bits that fit are used."""
    if wide:
        return bytes([6, _CONCATENATED_16_BIT, 4, reference >> 8 & 0xFF, reference & 0xFF, total, number])
    return bytes([5, _CONCATENATED_8_BIT, 3, reference & 0xFF, total, number])


def split_header(user_data: bytes) -> tuple[Part | None, bytes]:
    """The place of a part and its body, from user data that begins with a header.

    Unknown header elements are passed over. A header that does not hold together gives no place and leaves the
    octets after its stated length.
    """
    if not user_data:
        return None, b""
    end = 1 + user_data[0]
    header, body = user_data[1:end], user_data[end:]
    position = 0
    while position + 2 <= len(header):
        element, length = header[position], header[position + 1]
        value = header[position + 2 : position + 2 + length]
        part = _part(element, value)
        if part is not None:
            return part, body
        position += 2 + length
    return None, body


def decode_body(octets: bytes, encoding: Encoding) -> str:
    """The text of a body or of bodies joined. Units that are not UTF-16 become U+FFFD; raises NotSeptets."""
    if encoding is Encoding.UCS2:
        return octets.decode("utf-16-be", "replace")
    return decode_gsm7(octets)


def _part(element: int, value: bytes) -> Part | None:
    if element == _CONCATENATED_8_BIT and len(value) == 3:
        reference, total, number = value
    elif element == _CONCATENATED_16_BIT and len(value) == 4:
        reference, total, number = value[0] << 8 | value[1], value[2], value[3]
    else:
        return None
    return Part(reference, total, number) if 1 <= number <= total else None


def _cut_septets(septets: bytes, room: int) -> list[bytes]:
    bodies, start = [], 0
    while start < len(septets):
        end = start + room
        if septets[end - 1 : end] == bytes([ESCAPE]):
            end -= 1
        bodies.append(septets[start:end])
        start = end
    return bodies


def _cut_units(octets: bytes, room: int) -> list[bytes]:
    bodies, start = [], 0
    while start < len(octets):
        end = start + room
        if end < len(octets) and 0xD8 <= octets[end - 2] <= 0xDB:
            end -= 2
        bodies.append(octets[start:end])
        start = end
    return bodies


def _checked(encoding: Encoding, bodies: list[bytes], wide_reference: bool) -> Segments:
    if len(bodies) > MOST_PARTS:
        raise TextNotSendable(
            "text-too-long", f"The text needs {len(bodies)} parts; {MOST_PARTS} are possible."
        )
    return Segments(encoding, tuple(bodies), wide_reference)
