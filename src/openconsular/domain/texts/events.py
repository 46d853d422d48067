"""Which kind of event a message speaks of, from its codes and its free words."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

OTHER = "other"


def event_type(
    words: str | Iterable[str],
    codes: Iterable[str] = (),
    *,
    keywords: Mapping[str, Mapping[str, Sequence[str]]],
) -> str:
    """The type of an event, or "other" when neither codes nor words are known.

    `words` are free texts in any language (CAP <event>, <headline>); `codes` are CAP <eventCode> values or the
    letters of GDACS. `keywords` maps a type to {"codes": [...], "words": [...]}, the more telling types first
    (an earthquake with a tsunami is a tsunami). A code counts more than a word. Latin words match whole words,
    others anywhere.
    """
    given = {code.strip().upper() for code in codes}
    for name, known in keywords.items():
        if given & {code.upper() for code in known.get("codes", ())}:
            return name
    text = _plain(words if isinstance(words, str) else "\n".join(words))
    for name, known in keywords.items():
        if any(_stands_in(_plain(word), text) for word in known.get("words", ())):
            return name
    return OTHER


def _plain(text: str) -> str:
    """Lower case without accents, so that "Séisme" and "SEISME" are one word."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in folded if not unicodedata.combining(one))


def _stands_in(word: str, text: str) -> bool:
    if word.isascii():
        return re.search(rf"\b{re.escape(word)}\b", text) is not None
    return word in text
