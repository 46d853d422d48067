"""Answer links: one tap, no sign-in. A token names one row of the ledger and can be neither guessed nor moved.

A token is base64url of 6 bytes row number and the first 8 bytes of HMAC-SHA-256 over it: 19 characters. It
opens one page on which that person (and those with them) can answer; it opens nothing else and never a sign-in.
"""

import base64
import binascii
import functools
import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from openconsular.foundation.errors import NotFound

# After an emergency is closed: as long as positions in it are kept.
LIVES_ON = timedelta(days=30)


class BrokenLink(NotFound):
    """This link is not complete. Open it again from the message, or call the hotline."""

    code = "broken-link"


class ExpiredLink(NotFound):
    """This emergency is over. If you need help, call the hotline."""

    code = "expired-link"


def token_for(recipient_id: int) -> str:
    body = recipient_id.to_bytes(6, "big")
    return base64.urlsafe_b64encode(body + _mac(body)).decode().rstrip("=")


def recipient_of(token: str) -> int:
    """The ledger row a token names; BrokenLink where it is cut, altered or invented."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error) as error:
        raise BrokenLink from error
    if len(raw) != 14 or not hmac.compare_digest(raw[6:], _mac(raw[:6])):
        raise BrokenLink
    return int.from_bytes(raw[:6], "big")


def require_open(closed_at: datetime | None, now: datetime) -> None:
    """ExpiredLink some weeks after an emergency: a message found on an old phone tells nothing any more."""
    if closed_at is not None and now - closed_at > LIVES_ON:
        raise ExpiredLink


def link_for(recipient_id: int) -> str:
    return f"{settings.SHORT_URL}/a/{token_for(recipient_id)}"


def _mac(body: bytes) -> bytes:
    mac = _keyed(settings.LINK_KEY).copy()
    mac.update(body)
    return mac.digest()[:8]


@functools.cache
def _keyed(key: bytes) -> hmac.HMAC:
    """HMAC begun once a key: a mass send makes a link for everybody."""
    return hmac.new(key, b"answer", hashlib.sha256)
