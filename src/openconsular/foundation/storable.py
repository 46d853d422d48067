"""Words from outside as a table can hold them."""

# Half of a UTF-16 pair, as a broken message or a broken client sends it.
_HALVES = range(0xD800, 0xE000)


def storable(text: str) -> str:
    """The text without NUL, which no PostgreSQL text holds, and with U+FFFD for halves of UTF-16 pairs, which UTF-8
    cannot write. Everything else stays: a call for help is worth reading however it arrives.
    """
    if "\0" not in text and text.isascii():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if ord(one) in _HALVES else one for one in text if one != "\0")
