"""What people paste, mail and type: the text of a code with something around it, broken into lines, written otherwise.

A verifier of texts takes what a scanner read and nothing else. This is for texts that went through a mail, a form or
an address bar first, and gives back what the code said. Nothing is guessed within a code.
"""

import re
from urllib.parse import unquote, unquote_plus

from openconsular.domain.health.hcert import envelope
from openconsular.domain.health.smart import numeric
from openconsular.domain.health.verdict import Unreadable

# Marks that are not seen and say nothing, and a space that is one.
_UNSEEN = {ord(mark): None for mark in "\ufeff\u200b\u200c\u200d\u2060\u00ad"} | {0xA0: " "}
_AROUND = " \t\"'`<>()[],;“”‘’«»"
# A code at the beginning of a text, or behind a blank, a quote or a part of an address.
_CODE = re.compile(r"(?:^|(?<=[\s\"'“‘«<(=#?&/:]))(?P<name>HC1|SHC)(?P<colon>:|%3A)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_BASE45 = re.compile(r"[0-9A-Z $%*+./:-]+")
_DIGITS = re.compile(r"[0-9]+")
_BASE64URL = re.compile(r"[A-Za-z0-9_.-]+")
# Base64 of a JSON object; a JWS with ES256 ends in a signature of 64 bytes.
_JWS = "eyJ"
_SIGNATURE_LETTERS = 86


def codes_of(text: str) -> list[str]:
    """The texts of the codes in some lines of text, one a line unless a code is broken into several."""
    lines = [line for line in text.translate(_UNSEEN).splitlines() if line.strip()]
    found: list[str] = []
    at = 0
    while at < len(lines):
        end = _end_of_code(lines, at)
        found.append(_tidied("".join(lines[at:end]) if end > at + 1 else lines[at]))
        at = end
    return found


def _end_of_code(lines: list[str], at: int) -> int:
    """Where the lines of the code end that begins at `at`."""
    first = _tidied(lines[at])
    more = _letters_of(first)
    if more is None or _is_whole(first):
        return at + 1
    end = at + 1
    while end < len(lines) and more.fullmatch(lines[end].strip()) and not _begins_code(lines[end]):
        end += 1
        if _is_whole(_tidied("".join(lines[at:end]))):
            break
    return end


def _begins_code(line: str) -> bool:
    return _CODE.match(line.strip()) is not None or line.strip().startswith((_JWS, "{"))


def _letters_of(code: str) -> re.Pattern[str] | None:
    """What a further line of a code consists of."""
    if code.startswith(envelope.PREFIX):
        return _BASE45
    if code.startswith(numeric.SCHEME):
        return _DIGITS
    return _BASE64URL if code.startswith(_JWS) else None


def _is_whole(code: str) -> bool:
    if code.startswith(envelope.PREFIX):
        return _opens(code)
    if code.startswith(numeric.SCHEME):
        return False
    return code.count(".") == 2 and len(code.rpartition(".")[2]) >= _SIGNATURE_LETTERS


def _tidied(line: str) -> str:
    found = _CODE.search(line)
    if found is None:
        return line.strip()
    code = line[found.start() :]
    is_address = _ADDRESS.match(line.lstrip()) is not None
    if found["colon"] != ":" or is_address:
        is_form = found["colon"] != ":" and not (is_address and "#" in line[: found.start()])
        code = unquote_plus(code) if is_form else unquote(code)
    return _of_health_card(code) if found["name"].upper() == "SHC" else _of_hcert(code)


def _of_health_card(code: str) -> str:
    return code.rstrip(_AROUND).lower()


def _of_hcert(code: str) -> str:
    """Base45 has capitals only. It has blanks, but none at its end: the last letter of a group is at most a "W"."""
    body = code[len(envelope.PREFIX) :].rstrip(_AROUND)
    return envelope.PREFIX + (body.upper() if body.lower() == body else body)


def _opens(code: str) -> bool:
    try:
        envelope.open_text(code)
    except Unreadable:
        return False
    return True
