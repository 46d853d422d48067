"""The script an ICVP is completed in."""

import unicodedata


def is_latin(words: str) -> bool:
    """Whether every letter is of the Latin script, as English and French are written."""
    return words.isascii() or all(
        not letter.isalpha() or "LATIN" in unicodedata.name(letter, "") for letter in words
    )
