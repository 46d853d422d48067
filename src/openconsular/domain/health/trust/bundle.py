"""Several files that make one list, kept as one: a document and those it refers to, a list and the file that signs it."""

import base64
import binascii
import json
from collections.abc import Sequence

from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.limits import LIST_BYTES_MOST, REFERENCES_MOST

# Written so and no other way, so that no published list is taken for a bundle.
_START = b'{"parts":["'


def pack(parts: Sequence[bytes]) -> bytes:
    """The parts as one file; a single part stays as it is."""
    if len(parts) == 1:
        return parts[0]
    texts = [base64.b64encode(part).decode("ascii") for part in parts]
    return json.dumps({"parts": texts}, separators=(",", ":")).encode()


def unpack(content: bytes) -> tuple[bytes, ...]:
    """The parts of a file, most often one. Raises TrustRefused: "list-too-large", "list-too-long", "list-unreadable"."""
    if len(content) > LIST_BYTES_MOST:
        raise TrustRefused("list-too-large", f"The list has {len(content)} bytes.")
    if not content.startswith(_START):
        return (content,)
    try:
        texts = json.loads(content)["parts"]
        if len(texts) > REFERENCES_MOST:
            raise TrustRefused("list-too-long", f"The list has more than {REFERENCES_MOST} parts.")
        return tuple(base64.b64decode(text, validate=True) for text in texts)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as cause:
        raise TrustRefused("list-unreadable", "The parts of the list cannot be told apart.") from cause
