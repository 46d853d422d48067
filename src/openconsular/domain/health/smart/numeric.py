"""The digits of a SMART Health Card's QR code, and codes of a card that is spread over several.

Specification: "Encoding Chunks as QR Codes". Two digits are the distance of a character from "-" (45).
"""

import re
from collections.abc import Iterable

from openconsular.domain.health.verdict import Layer, Unreadable

SCHEME = "shc:/"
# A version 40 code at level L holds 7,089 digits (ISO/IEC 18004, table 7).
DIGITS_MOST = 7089
# "Each chunk SHALL be at most 1191 characters of the JWS", so that a version 22 code holds it.
CHUNK_MOST = 1191
SINGLE_BEST = 1195
CHUNKS_MOST = 64

_CODE = re.compile(r"shc:/(?:([0-9]{1,3})/([0-9]{1,3})/)?([0-9]+)", re.ASCII)
_LETTERS = {f"{code - 45:02d}": chr(code) for code in range(45, 123)}


def letters(digits: str) -> str:
    """The text behind pairs of digits. Raises `Unreadable` for an odd count or a pair beyond 77 ("z")."""
    if len(digits) % 2 or len(digits) > DIGITS_MOST:
        raise Unreadable(Layer.TEXT, "digits-odd", f"{len(digits)} digits are no pairs that one code holds")
    try:
        return "".join([_LETTERS[digits[at : at + 2]] for at in range(0, len(digits), 2)])
    except KeyError as error:
        raise Unreadable(Layer.TEXT, "digits-out-of-range", f"{error} is beyond 77") from error


def digits(text: str) -> str:
    """The other way round; `text` is a compact JWS."""
    return "".join([f"{ord(letter) - 45:02d}" for letter in text])


def codes(jws: str) -> tuple[str, ...]:
    """The text for each QR code of a card: one whenever a version 22 code holds it, balanced pieces otherwise."""
    if len(jws) <= SINGLE_BEST:
        return (SCHEME + digits(jws),)
    count = -(-len(jws) // CHUNK_MOST)
    if count > CHUNKS_MOST:
        raise ValueError(f"a card of {len(jws)} characters is too long for QR codes; hand it over as a file")
    size = -(-len(jws) // count)
    pieces = [jws[at : at + size] for at in range(0, len(jws), size)]
    return tuple(f"{SCHEME}{at}/{count}/{digits(piece)}" for at, piece in enumerate(pieces, 1))


def piece_of(text: str) -> tuple[int, int, str]:
    """Which piece of how many a QR text is, and what it says: `(1, 1, jws)` for a card in one code."""
    match = _CODE.fullmatch(text)
    if match is None:
        raise Unreadable(Layer.TEXT, "code-malformed", "not the digits of a health card")
    at, count = int(match[1] or 1), int(match[2] or 1)
    if not 1 <= at <= count <= CHUNKS_MOST:
        raise Unreadable(Layer.TEXT, "piece-out-of-range", f"piece {at} of {count}")
    said = letters(match[3])
    if count > 1 and len(said) > CHUNK_MOST:
        raise Unreadable(Layer.TEXT, "piece-too-long", f"{len(said)} characters, at most {CHUNK_MOST}")
    return at, count, said


def is_piece(text: str) -> bool:
    """Whether a scanned text is one of several codes, so that a scanner should wait for the others."""
    match = _CODE.fullmatch(text)
    return match is not None and match[2] is not None and int(match[2]) > 1


def join(texts: Iterable[str]) -> str:
    """The JWS of all the codes of one card, in any order.

    Raises `Unreadable` when one is missing ("piece-missing", with which), comes twice, or is of another card.
    """
    pieces: dict[int, str] = {}
    of: int | None = None
    for text in texts:
        at, count, said = piece_of(text)
        if of not in (None, count):
            raise Unreadable(Layer.TEXT, "pieces-disagree", f"one of {of} beside one of {count}")
        if at in pieces:
            raise Unreadable(Layer.TEXT, "piece-twice", f"piece {at} comes twice")
        of, pieces[at] = count, said
    missing = [at for at in range(1, (of or 1) + 1) if at not in pieces]
    if missing:
        raise Unreadable(Layer.TEXT, "piece-missing", "missing: " + ", ".join(map(str, missing)))
    return "".join(pieces[at] for at in sorted(pieces))
