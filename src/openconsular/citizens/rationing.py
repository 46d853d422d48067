"""So many in so long: how often somebody may ask for a code, try one, or fill in the crisis form."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from openconsular.citizens.models import Attempt
from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.secrets import lookup_hash


class TooMany(OpenConsularError):
    """Too many attempts. Wait a little, or call the hotline."""

    code = "too-many"
    http_status = 429


@dataclass(frozen=True)
class Ration:
    """At most `most` uses in `within`, counted by `kind` and key."""

    kind: str
    most: int
    within: timedelta


CODES_A_CONTACT = Ration("code-contact", 5, timedelta(hours=1))
# Many people may share one address: a hotel, an airport, a mobile network.
CODES_AN_ADDRESS = Ration("code-address", 60, timedelta(hours=1))
# Each of these may cost a message to anywhere in the world: a bound on what fraud with fresh numbers can cost.
CODES_TO_NEWCOMERS = Ration("code-newcomer", 3_000, timedelta(hours=1))
TRIES_A_CONTACT = Ration("try-contact", 20, timedelta(hours=1))
TRIES_AN_ADDRESS = Ration("try-address", 120, timedelta(hours=1))
CRISIS_A_CONTACT = Ration("crisis-contact", 10, timedelta(hours=1))
CRISIS_AN_ADDRESS = Ration("crisis-address", 300, timedelta(hours=1))
KEPT = timedelta(days=1)


def use(ration: Ration, key: str, now: datetime) -> None:
    """Count one use, also when it is refused. Raises TooMany once the ration is used up."""
    key_hash = lookup_hash(key, f"ration.{ration.kind}")
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One at a time for a key, so that a volley of parallel requests is counted whole.
            lock = int.from_bytes(key_hash[:8], "big", signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        uses = Attempt.objects.filter(kind=ration.kind, key_hash=key_hash, at__gt=now - ration.within)
        is_over = uses.count() >= ration.most
        if not is_over:
            Attempt.objects.create(kind=ration.kind, key_hash=key_hash, at=now)
    if is_over:
        raise TooMany(_("Too many attempts. Wait an hour, or call the hotline."))
