"""A quick look at an EU DCC: is it a certificate of one dose in the usual form, beyond doubt?

One pattern over the short fields and one look at the types take a quarter of the time of `dcc.check`, which decides
whenever this says no, and names what is wrong. A property test holds that this never says yes to what that refuses.
"""

import re
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

_HEAD = itemgetter("ver", "dob", "nam")
_NAME = itemgetter("fn", "gn", "fnt", "gnt")
_TEXTS = itemgetter("co", "dt", "tg", "vp", "mp", "ma", "is", "ci")
_COUNTS = itemgetter("dn", "sd")
_HEAD_FIELDS, _NAME_FIELDS, _DOSE_FIELDS = 4, 4, 10
# Days of which every month has one; the others are looked up in the calendar by the careful check.
_DAY = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
_CODE = r"[^\n]{0,80}"
_PERSON = r"[^\W_][\w '’.,-]{0,79}"
_STANDARD = r"[A-Z<]{0,80}"
# Version and birth; the texts of the dose in their order; the names: letters, and what joins them.
_SHAPE = re.compile(
    "\n".join(
        (
            r"1\.[23]\.\d",
            f"({_DAY})",
            "[A-Z]{2}",
            f"({_DAY})",
            *[_CODE] * 6,
            _PERSON,
            _PERSON,
            _STANDARD,
            _STANDARD,
        )
    )
)


def dose_of(claim: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The dose of a claim that is a vaccination certificate without anything unusual; None when it may not be.

    Joining refuses whatever is no text, the pattern whatever is too long.
    """
    try:
        version, born, name = _HEAD(claim)
        [dose] = claim["v"]
        number, of = _COUNTS(dose)
        found = _SHAPE.fullmatch("\n".join((version, born, *_TEXTS(dose), *_NAME(name))))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if found is None or found[1] > found[2] or type(number) is not int or type(of) is not int:
        return None
    if (
        number < 1
        or of < 1
        or len(dose) != _DOSE_FIELDS
        or len(name) != _NAME_FIELDS
        or len(claim) != _HEAD_FIELDS
    ):
        return None
    return dose  # type: ignore[no-any-return]
