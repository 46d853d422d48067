"""Names as people write them, in any script."""

import unicodedata

from openconsular.domain.people.errors import PeopleError

LONGEST = 120
# Unicode categories that no name holds: controls, surrogates, private use, unassigned, symbols but the modifier ones.
_REFUSED = {"Cc", "Cs", "Co", "Cn", "Sm", "Sc", "So"}
# Zero width joiners hold letters of some scripts together; other format signs (bidi overrides) can disguise a name.
_JOINERS = {"\u200c", "\u200d"}


def parse_name(text: str) -> str:
    """A name as typed: composed (NFC), spaces single and trimmed. Raises PeopleError `name_missing`, `name_long`
    or `name_signs`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise PeopleError("name_missing", "Enter a name.")
    if len(name) > LONGEST:
        raise PeopleError("name_long", f"A name has at most {LONGEST} characters.")
    if any(_is_refused(sign) for sign in name) or not any(sign.isalpha() for sign in name):
        raise PeopleError("name_signs", "A name holds letters, and no symbols or control signs.")
    return name


def _is_refused(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category in _REFUSED or (category == "Cf" and sign not in _JOINERS)


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, width, diacritics, spaces and punctuation."""
    return _compared(one) == _compared(other) != ""


def _compared(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum())
