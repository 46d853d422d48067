"""Unique certificate identifiers, with a check character against slips of the pen.

Form and check character as the eHealth Network's guidelines give them (UVCI, annex 2, option 3, and Luhn mod N over
38 signs); the identifier says nothing about its holder.
"""

import base64

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"
_VALUE = {sign: value for value, sign in enumerate(_SIGNS)}
PREFIX = "URN:UVCI:01:"
RANDOM_BYTES = 15
"""120 bits: 24 signs of Base32, and no two certificates alike before the sun goes out."""


def identifier(country: str, random: bytes) -> str:
    """An identifier of `country` (alpha-2) from 15 random bytes: "URN:UVCI:01:XA:…#C"."""
    body = f"{PREFIX}{country.upper()}:{base64.b32encode(random).decode('ascii')}"
    return f"{body}#{check_character(body)}"


def check_character(text: str) -> str:
    """Luhn mod 38 over `text`. Raises ValueError where a sign is none of the 38."""
    total = 0
    for place, sign in enumerate(reversed(text)):
        if sign not in _VALUE:
            raise ValueError(f"“{sign}” is not a sign of identifiers")
        addend = _VALUE[sign] * (2 - place % 2)
        total += addend // 38 + addend % 38
    return _SIGNS[-total % 38]


def is_well_formed(text: str) -> bool:
    """Whether an identifier is one of ours to the last sign: "URN:UVCI:01:", and its check character is right."""
    body, _, check = text.strip().upper().rpartition("#")
    if not body.startswith(PREFIX) or any(sign not in _VALUE for sign in body):
        return False
    return check == check_character(body)
