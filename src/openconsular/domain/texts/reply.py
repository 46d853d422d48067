"""An answer by short message: safe, help, elsewhere, or for an officer to read.

Two mistakes are possible and they do not weigh the same. Somebody who needs help and is taken for safe is
nobody's task any more; somebody safe who is taken for one in need gets a call. So `help` is read generously, and
`safe` only when nothing in the text is left unexplained: no negation, no question, no word we do not know.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from openconsular.domain.texts import reply_words

Answer = Literal["safe", "help", "elsewhere"]
Words = Mapping[str, Mapping[str, Sequence[str]]]

LONGEST = 500
"""Characters read; what is longer is a letter, and an officer reads letters."""

_TOKEN = re.compile(
    r"[a-z]+|[0-9]+|[\u0621-\u064a]+|[\u3400-\u9fff]+|[?!]|[^\w\s]|[^\W\d_]+|\s+|.", re.DOTALL
)


@dataclass(frozen=True)
class _Piece:
    """One word of the reply and what it is: an answer, "no", "ask", "filler", "number", "break" or "unknown"."""

    text: str
    kind: str


def parse_reply(text: str, words: Words, *, places: Iterable[str] = ()) -> Answer | None:
    """What the reply says, or None where an officer has to read it.

    `words` are the reply words by language, as in the profile: {"en": {"safe": ["1", "SAFE"], "help": [...],
    "elsewhere": [...]}}. Upper and lower case, full-width forms, traditional characters, accents, punctuation and
    spaces make no difference. A digit counts only where a reply begins with it. "Not safe" is help. `places` are
    names the person may well mention, such as where they are registered: "safe in Cebu" is then understood.
    """
    if len(text) > LONGEST:
        return None
    pieces = _pieces(_plain(text), _vocabulary(words, places))
    clauses = _clauses(pieces)
    found = {piece.kind for piece in pieces}
    if any(_asks_for_help(clause) for clause in clauses):
        return "help"
    if found & {"no", "ask", "unknown", "number", "help"} or any(_asks(clause) for clause in clauses):
        return None
    if "elsewhere" in found:
        return "elsewhere"
    return "safe" if "safe" in found else None


def _asks_for_help(clause: list[_Piece]) -> bool:
    """A help word that is not turned down ("no help needed"), or a safe word that is denied ("not safe")."""
    kinds = [piece.kind for piece in clause]
    for at, kind in enumerate(kinds):
        if kind == "safe" and any(_denies(piece) for piece in clause[:at]):
            return True
        if kind == "help" and not _is_turned_down(clause[:at]):
            return True
    return False


def _asks(clause: list[_Piece]) -> bool:
    """Whether a verb stands before its subject, as in a question."""
    said: set[str] = set()
    for piece in clause:
        if piece.text in reply_words.VERBS and not said & reply_words.SUBJECTS:
            return True
        said.add(piece.text)
    return False


def _denies(piece: _Piece) -> bool:
    """A negation, also one inside an answer of its own: "不在" before "安全的地方"."""
    return piece.kind == "no" or (piece.kind == "elsewhere" and piece.text.startswith(("不", "没", "not")))


def _is_turned_down(before: list[_Piece]) -> bool:
    """Whether "no", "don't need", "不需要" stand directly before the help word."""
    for piece in reversed(before):
        if piece.kind == "no":
            return True
        if piece.text not in reply_words.WANTS:
            return False
    return False


def _clauses(pieces: list[_Piece]) -> list[list[_Piece]]:
    clauses: list[list[_Piece]] = [[]]
    for piece in pieces:
        if piece.kind == "break":
            clauses.append([])
        else:
            clauses[-1].append(piece)
    return clauses


def _plain(text: str) -> str:
    """Full-width, traditional, accented and vowelled forms made one; digits of every script made 0-9."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in text)
    text = text.translate(reply_words.SIMPLIFIED)
    text = re.sub("['’ʼ`´]", "", text)
    marks_off = unicodedata.normalize("NFKD", text)
    return "".join(one for one in marks_off if unicodedata.category(one) not in ("Mn", "Me", "Cf"))


def _vocabulary(words: Words, places: Iterable[str]) -> dict[tuple[str, ...], str]:
    """Every known word or phrase, as its tokens, with its kind; the profile's answers win."""
    known = dict(_known_everywhere())
    for by_answer in words.values():
        for answer, several in by_answer.items():
            known |= {_tokens(_plain(word)): answer for word in several}
    for place in places:
        known.setdefault(_tokens(_plain(place)), "filler")
    known.pop((), None)
    return known


@functools.cache
def _known_everywhere() -> dict[tuple[str, ...], str]:
    return {_tokens(_plain(word)): kind for kind, several in reply_words.KNOWN.items() for word in several}


def _tokens(text: str) -> tuple[str, ...]:
    """Words of alphabets whole, Han characters one by one; spaces fall away, a new line ends a sentence."""
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if "\u3400" <= token[0] <= "\u9fff":
            found.extend(token)
        elif not token.isspace():
            found.append(token)
        elif "\n" in token:
            found.append("\n")
    return tuple(found)


def _pieces(text: str, known: dict[tuple[str, ...], str]) -> list[_Piece]:
    """The reply as known words, the longest first, and the rest."""
    tokens = _tokens(text)
    longest = max(len(one) for one in known)
    pieces: list[_Piece] = []
    at = 0
    while at < len(tokens):
        size = next((n for n in range(longest, 1, -1) if tokens[at : at + n] in known), 1)
        word = tokens[at : at + size]
        at += size
        pieces.append(_Piece("".join(word), _kind(word, known, pieces, after=tokens[at : at + 1])))
    return pieces


def _kind(
    word: tuple[str, ...], known: dict[tuple[str, ...], str], before: list[_Piece], after: tuple[str, ...]
) -> str:
    kind = known.get(word)
    if word[0].isdigit():
        return kind if kind and _is_meant(kind, before, after) else "number"
    if kind:
        return kind
    if word[0] == "?":
        return "ask"
    return "break" if not word[0].isalnum() else "unknown"


def _is_meant(kind: str, before: list[_Piece], after: tuple[str, ...]) -> bool:
    """Whether a digit is the answer: it begins the reply, or ends one that said the same. "2 people" counts heads."""
    if after and after[0] in reply_words.HEADS:
        return False
    if all(piece.text in reply_words.REPLYING or piece.kind == "break" for piece in before):
        return True
    kinds = {piece.kind for piece in before}
    return not after and kind in kinds and kinds <= {kind, "filler", "break"}
