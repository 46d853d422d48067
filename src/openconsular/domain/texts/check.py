"""What is wrong with a text before it goes out to many people."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from openconsular.domain.sms.segments import TextNotSendable, segments
from openconsular.domain.texts import problems
from openconsular.domain.texts.errors import TextError
from openconsular.domain.texts.fill import LINK, fields_in, with_link
from openconsular.domain.texts.links import check_links
from openconsular.domain.texts.problems import Problem

LINKED_KINDS = ("warning", "update", "reminder")
"""Messages that ask for an answer and so need the answer link."""

MANY_PARTS = 3
"""Above this many parts a short message arrives late or torn on weak networks: a hint, not a rule."""

MOST_PARTS = 10

MOST_CHARACTERS = {"sms": 1600, "subject": 200, "body": 20_000}
"""An SMS beyond this exceeds ten parts in any alphabet; the subject is what its column holds."""

SAMPLE_LINK = "https://consular.example/a/" + "A" * 19


def check_text(
    kind: str,
    texts: Mapping[str, str],
    *,
    allowed_hosts: Collection[str],
    sample_link: str = SAMPLE_LINK,
    words: Mapping[str, Sequence[str]] | None = None,
) -> list[Problem]:
    """Everything wrong with the finished texts {"sms", "subject", "body"} of one language, errors first.

    `allowed_hosts` are the host names a link may lead to (the short domain). `sample_link` is as long as the
    real ones, to count parts. `words` are the reply words of the language, {"safe": [...], "help": [...]}: an SMS
    that asks for an answer has to name one of each.
    """
    found: list[Problem] = []
    for field in ("sms", "subject", "body"):
        text = texts.get(field, "")
        if not text.strip():
            found.append(Problem("empty-text", field, problems.EMPTY))
            continue
        if len(text) > MOST_CHARACTERS[field]:
            limit = str(MOST_CHARACTERS[field])
            found.append(Problem("text-too-long", field, problems.TOO_LONG, {"limit": limit}))
            continue
        found += _fields(field, text) + _characters(field, text) + check_links(field, text, allowed_hosts)
    if kind in LINKED_KINDS:
        found += [
            Problem("link-missing", field, problems.LINK_MISSING, {"link": LINK})
            for field in ("sms", "body")
            if texts.get(field, "").strip() and LINK not in texts[field]
        ]
        found += _reply_words(texts.get("sms", ""), words or {})
    found += _parts(texts.get("sms", ""), sample_link)
    return sorted(found, key=lambda one: not one.is_error)


def count_parts(sms: str, sample_link: str = SAMPLE_LINK) -> int:
    """How many parts the SMS takes on the air with a link put in. Raises TextNotSendable."""
    return len(segments(with_link(sms, sample_link)).bodies)


def _fields(field: str, text: str) -> list[Problem]:
    try:
        left = [name for name in fields_in(text) if name != "link" or field == "subject"]
    except TextError:
        return [Problem("unknown-field", field, problems.STRAY_BRACE)]
    return [Problem("unknown-field", field, problems.UNFILLED, {"name": f"{{{name}}}"}) for name in left]


_DIRECTION_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e")
_ASCII_AFTER_HAN = re.compile(r"[\u3400-\u9fff][,.:;?!()]")


def _characters(field: str, text: str) -> list[Problem]:
    found = []
    allowed = set() if field == "subject" else {"\n", "\r"}
    hidden = {
        one
        for one in text
        if (unicodedata.category(one) in ("Cc", "Cs", "Co") and one not in allowed)
        or one in _DIRECTION_OVERRIDES
    }
    if hidden:
        names = ", ".join(f"U+{ord(one):04X}" for one in sorted(hidden))
        found.append(Problem("control-character", field, problems.HIDDEN, {"names": names}))
    mixed = _ASCII_AFTER_HAN.search(text)
    if mixed:
        values = {"found": mixed.group()}
        found.append(Problem("ascii-punctuation", field, problems.ASCII_AFTER_HAN, values, is_error=False))
    return found


def _reply_words(sms: str, words: Mapping[str, Sequence[str]]) -> list[Problem]:
    if not sms.strip() or not words:
        return []
    shown = unicodedata.normalize("NFKC", sms).casefold()
    return [
        Problem("no-reply-words", "sms", sentence, is_error=False)
        for answer, sentence in (("safe", problems.NO_WORD_FOR_SAFE), ("help", problems.NO_WORD_FOR_HELP))
        if not any(unicodedata.normalize("NFKC", word).casefold() in shown for word in words.get(answer, ()))
    ]


def _parts(sms: str, sample_link: str) -> list[Problem]:
    if not sms.strip() or len(sms) > MOST_CHARACTERS["sms"]:
        return []
    try:
        parts = count_parts(sms, sample_link)
    except TextNotSendable:
        return [Problem("text-too-long", "sms", problems.UNSENDABLE)]
    values = {"parts": str(parts), "limit": str(MOST_PARTS)}
    if parts > MOST_PARTS:
        return [Problem("text-too-long", "sms", problems.TOO_MANY_PARTS, values)]
    if parts > MANY_PARTS:
        return [Problem("many-parts", "sms", problems.MANY_PARTS, values, is_error=False)]
    return []
