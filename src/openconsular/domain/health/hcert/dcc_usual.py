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
_STR = {str}
_HEAD_FIELDS, _NAME_FIELDS, _DOSE_FIELDS = 4, 4, 10
_MOST = 80
# Days of which every month has one; the others are looked up in the calendar by the careful check.
_DAY = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
# Version, country, birth and dose; then the names: letters, and what joins them.
_SHAPE = re.compile(
    rf"1\.[23]\.\d\n[A-Z]{{2}}\n({_DAY})\n({_DAY})\n[A-Z<]*\n[A-Z<]*\n[^\W_][\w '’.,-]*\n[^\W_][\w '’.,-]*"
)


def dose_of(claim: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The dose of a claim that is a vaccination certificate without anything unusual; None when it may not be."""
    try:
        version, born, name = _HEAD(claim)
        [dose] = claim["v"]
        family, given, standard_family, standard_given = _NAME(name)
        texts, (number, of) = _TEXTS(dose), _COUNTS(dose)
        short = "\n".join((version, texts[0], born, texts[1], standard_family, standard_given, family, given))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if len(claim) != _HEAD_FIELDS or len(name) != _NAME_FIELDS or len(dose) != _DOSE_FIELDS:
        return None
    if type(number) is not int or type(of) is not int or number < 1 or of < 1:
        return None
    if (
        set(map(type, texts)) != _STR
        or max(map(len, texts)) > _MOST
        or max(map(len, (family, given))) > _MOST
    ):
        return None
    if len(standard_family) > _MOST or len(standard_given) > _MOST:
        return None
    found = _SHAPE.fullmatch(short)
    return dose if found is not None and found[1] <= found[2] else None
