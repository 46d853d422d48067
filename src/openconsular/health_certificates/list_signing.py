"""Our lists bear a name and a signature: the first line is base64 of r‖s over everything below it."""

import base64
from datetime import datetime, timedelta

from django.conf import settings

from openconsular.health_certificates import custody, rules
from openconsular.health_certificates.models import SigningKey
from openconsular.health_certificates.queries.keys import signing_key


def list_id() -> str:
    """The name of our revocation list among all."""
    return f"{rules.current().country}-{settings.CERTIFICATES}"


def signed(body: bytes, now: datetime) -> bytes:
    """`body` below the line with its signature. Raises NoKey."""
    key = signing_key(kind="", now=now, lives=timedelta(0), purpose=SigningKey.Purpose.LIST)
    return base64.b64encode(custody.signer_of(key)(body)) + b"\n" + body
