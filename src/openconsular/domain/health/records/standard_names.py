"""Names as in the machine-readable zone of a passport: A to Z and "<" (ICAO Doc 9303-3, section 6 A)."""

import unicodedata

LONGEST = 80
# Where the table gives several ways, the first of them.
_TABLE = {
    "Ä": "AE",
    "Æ": "AE",
    "Å": "AA",
    "Ö": "OE",
    "Ø": "OE",
    "Œ": "OE",
    "Ü": "UE",
    "ẞ": "SS",
    "ß": "SS",
    "Þ": "TH",
    "Ð": "D",
    "Đ": "D",
    "Ħ": "H",
    "ı": "I",
    "Ĳ": "IJ",
    "Ł": "L",
    "Ŋ": "N",
    "Ŧ": "T",
    "ĸ": "Q",
}
# An apostrophe is left out, a hyphen parts names as a space does (9303-3 section 4.6).
_SIGNS = str.maketrans({" ": "<", "-": "<", "‐": "<", "–": "<", "'": "", "’": "", "ʼ": "", ".": "", ",": "<"})


def standard_name(name: str) -> str:
    """The standardised form of a name in Latin letters; "" where it has others, which nobody but its bearer spells."""
    if not name.isascii():
        name = "".join(_latin(sign) for sign in unicodedata.normalize("NFC", name).upper())
    made = name.upper().translate(_SIGNS)
    if not made.replace("<", "").isalpha() or not made.isascii():
        return ""
    while "<<" in made:
        made = made.replace("<<", "<")
    return made.strip("<")[:LONGEST]


def is_standard(name: str) -> bool:
    """Whether a name is one already: A to Z and "<", at most 80 signs."""
    plain = name.replace("<", "")
    return (
        bool(plain)
        and plain.isascii()
        and plain.isalpha()
        and plain == plain.upper()
        and len(name) <= LONGEST
    )


def _latin(sign: str) -> str:
    if sign in _TABLE:
        return _TABLE[sign]
    return "".join(one for one in unicodedata.normalize("NFD", sign) if not unicodedata.combining(one))
