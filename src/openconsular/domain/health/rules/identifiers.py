"""`extractFromUVCI`: fragments of a Unique Certificate Identifier (specification, "Extract data from an UCI")."""

import re

_PREFIX = "URN:UVCI:"
_SEPARATORS = re.compile(r"[/#:]")
# An identifier has at most 72 characters (eHealth Network, vaccination guidelines, annex 2); longer ones are not split.
_IDENTIFIER_MOST = 4_096


def extract(identifier: str, index: int) -> str | None:
    """The fragment at the 0-based index, None where there is none. Not checked to be a well-formed identifier."""
    if index < 0 or len(identifier) > _IDENTIFIER_MOST:
        return None
    fragments = _SEPARATORS.split(identifier.removeprefix(_PREFIX))
    return fragments[index] if index < len(fragments) else None
