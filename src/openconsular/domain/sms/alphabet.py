"""The GSM 7-bit default alphabet and its extension table, one septet per octet.

Source: 3GPP TS 23.038 (GSM 03.38) sections 6.2.1 and 6.2.1.1. National shift tables are left out: many
networks drop them, and UCS-2 carries every such text unharmed.
"""

import codecs

# Position is the septet. 0x1B is the escape to the extension table and stands for no character itself.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
ESCAPE = 0x1B

_ESCAPE_OCTET = bytes([ESCAPE])
_BASIC_SET = frozenset(BASIC.replace("\x1b", ""))
_TO_SEPTETS = {
    ord(character): bytes([septet]) for septet, character in enumerate(BASIC) if septet != ESCAPE
} | {ord(character): bytes([ESCAPE, septet]) for character, septet in EXTENSION.items()}
# U+FFFE is "undefined" to a charmap decoder; octets above 0x7F are no septets.
_FROM_SEPTETS = BASIC.replace("\x1b", "\ufffe") + "\ufffe" * 128
_FROM_EXTENSION = {septet: character for character, septet in EXTENSION.items()}


class NotSeptets(Exception):
    """The octets are not characters of the GSM 7-bit alphabet."""

    code = "not-gsm7"


def encode_gsm7(text: str) -> bytes | None:
    """The text as septets, one in each octet; None when a character is not in the alphabet."""
    try:
        return codecs.charmap_encode(text, "strict", _TO_SEPTETS)[0]
    except UnicodeEncodeError:
        return None


def decode_gsm7(octets: bytes) -> str:
    """The text behind septets, one in each octet.

    A septet after the escape that the extension table does not know is read from the basic table, and a
    trailing escape as a space, as 3GPP TS 23.038 section 6.2.1.1 asks of receivers. Raises NotSeptets for an
    octet above 0x7F.
    """
    first, *rest = octets.split(_ESCAPE_OCTET)
    try:
        text = codecs.charmap_decode(first, "strict", _FROM_SEPTETS)[0]
        for piece in rest:
            if not piece:
                text += " "
                continue
            extended = _FROM_EXTENSION.get(piece[0])
            plain = piece if extended is None else piece[1:]
            text += (extended or "") + codecs.charmap_decode(plain, "strict", _FROM_SEPTETS)[0]
    except UnicodeDecodeError as error:
        raise NotSeptets(str(error)) from error
    return text


def is_gsm7(text: str) -> bool:
    """Whether every character is in the alphabet, extension included."""
    return all(character in _BASIC_SET or character in EXTENSION for character in text)
