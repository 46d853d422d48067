"""Unique certificate identifiers, with a check character against slips of the pen.

Form and check character as the eHealth Network's guidelines give them (UVCI, annex 2, option 3, and Luhn mod N over
38 signs); the identifier says nothing about its holder.
"""

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"
_VALUE = {sign: value for value, sign in enumerate(_SIGNS)}
_DOUBLE = {sign: 2 * value // 38 + 2 * value % 38 for value, sign in enumerate(_SIGNS)}
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [one + other for one in _BASE32 for other in _BASE32]
PREFIX = "URN:UVCI:01:"
RANDOM_BYTES = 15
"""120 bits: 24 signs of Base32, and no two certificates alike before the sun goes out."""


def identifier(country: str, random: bytes) -> str:
    """An identifier of `country` (alpha-2) from 15 random bytes: "URN:UVCI:01:XA:…#C"."""
    body = f"{PREFIX}{country.upper()}:{_base32(random)}"
    return f"{body}#{check_character(body)}"


def check_character(text: str) -> str:
    """Luhn mod 38 over `text`. Raises ValueError where a sign is none of the 38."""
    try:
        # From the right every other sign counts double, and what that carries over is added.
        total = sum(map(_DOUBLE.__getitem__, text[::-2])) + sum(map(_VALUE.__getitem__, text[-2::-2]))
    except KeyError as error:
        raise ValueError(f"“{error.args[0]}” is not a sign of identifiers") from error
    return _SIGNS[-total % 38]


def _base32(random: bytes) -> str:
    """RFC 4648 section 6 of a whole number of five bytes."""
    number = int.from_bytes(random, "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(len(random) * 8 - 10, -1, -10)])


def is_well_formed(text: str) -> bool:
    """Whether an identifier is one of ours to the last sign: "URN:UVCI:01:", and its check character is right."""
    body, _, check = text.strip().upper().rpartition("#")
    if not body.startswith(PREFIX) or any(sign not in _VALUE for sign in body):
        return False
    return check == check_character(body)
