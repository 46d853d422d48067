"""The one-time link with which a new member of staff chooses a password.

The token is signed and carries who, when, and a digest of the present password hash: once a password is set, or
access is reset again, the link is dead. It is shown once to the administrator and never stored.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from openconsular.accounts.models import Officer
from openconsular.foundation.errors import NotFound

VALID_FOR = timedelta(hours=72)
_SALT = "accounts.setup_link"


class DeadLink(NotFound):
    """This link has been used or is too old. Ask an administrator for a new one."""

    code = "dead-link"

    def __init__(self) -> None:
        super().__init__(_("This link has been used or is too old. Ask an administrator for a new one."))


def path_for(officer: Officer, now: datetime) -> str:
    """The path of a link that works for 72 hours and once."""
    token = signing.dumps([officer.pk, int(now.timestamp()), _state(officer)], salt=_SALT)
    return reverse("staff-welcome", args=[token])


def officer_for(token: str, now: datetime, *, lock: bool = False) -> Officer:
    """Whose link it is. Raises DeadLink for a used, old or altered one, without saying which."""
    try:
        pk, issued_at, state = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise DeadLink from error
    found = Officer.objects.filter(pk=pk, is_active=True)
    officer = (found.select_for_update() if lock else found).first()
    age = now.timestamp() - issued_at
    is_fresh = -60 <= age <= VALID_FOR.total_seconds()
    if officer is None or not is_fresh or not hmac.compare_digest(state, _state(officer)):
        raise DeadLink
    return officer


def _state(officer: Officer) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{_SALT}\0{officer.pk}\0{officer.password}".encode(), hashlib.sha256).hexdigest()[
        :32
    ]
