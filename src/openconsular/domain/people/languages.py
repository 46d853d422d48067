"""Language tags (BCP 47, RFC 5646), as much of them as people's choices need: language, script, region."""

import re

from openconsular.domain.people.errors import PeopleError

_TAG = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?")


def parse_tag(text: str) -> str:
    """A tag in its usual letter case: "zh-hans" -> "zh-Hans". Raises PeopleError `language_unreadable`."""
    match = _TAG.fullmatch(text.strip().replace("_", "-"))
    if match is None:
        raise PeopleError("language_unreadable", "This is not a language.")
    language, script, region = match.groups()
    parts = [language.lower(), (script or "").title(), (region or "").upper()]
    return "-".join(part for part in parts if part)
