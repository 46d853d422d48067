"""Texts of issuers: markup out, lines kept. What remains is plain text and is escaped like any other when shown."""

import re
from html import unescape

_BLOCK = re.compile(r"<\s*/?\s*(?:br|p|div|li|ul|ol|tr|table|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(
    r"<\s*/?\s*(?:a|abbr|article|b|body|center|em|font|head|hr|html|i|img|section|small|span|strong|sub|sup|tbody|td|th"
    r"|thead|title|u)\b[^<>]*>",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"<\s*(script|style)\b[^<>]*>.*?<\s*/\s*\1\s*>|<!--.*?-->|<\s*/?\s*(?:script|style|iframe|object|embed)\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_ROUNDS = 3  # some issuers escape twice: &amp;quot;


def clean_text(text: str) -> str:
    """Plain text: tags gone, entities resolved, line ends kept, spaces at the ends and blank runs gone."""
    for _ in range(_ROUNDS):
        if not has_markup(text):
            break
        text = _TAG.sub("", _BLOCK.sub("\n", _HIDDEN.sub("", text)))
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    text = "".join(c for c in text if c.isprintable() or c in "\n\t")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def has_markup(text: str) -> bool:
    if "<" not in text and "&" not in text:
        return False
    return any(pattern.search(text) for pattern in (_BLOCK, _TAG, _HIDDEN, _ENTITY))
