"""Who may verify by machine: a key shown once, what it opens, and how much in a minute."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.secrets import lookup_hash
from openconsular.health_certificates.models import ApiClient, ApiUse

_COUNT = """
INSERT INTO health_certificates_apiuse AS u (client_id, minute, codes, valid) VALUES (%(client)s, %(minute)s, %(codes)s, 0)
ON CONFLICT (client_id, minute) DO UPDATE SET codes = u.codes + excluded.codes
    WHERE u.codes + excluded.codes <= %(most)s
RETURNING codes
"""


class TooManyCodes(OpenConsularError):
    """This is more than was agreed for a minute. Wait for the next one."""

    code = "too-many"
    http_status = 429


class UnknownClient(NotAllowed):
    """The key of the request is missing, unknown, or was ended."""

    code = "unknown-client"
    http_status = 401


@dataclass(frozen=True)
class NewClient:
    """`key` is shown once and kept nowhere."""

    client: ApiClient
    key: str


@transaction.atomic
def add_client(
    *, name: str, scopes: Sequence[str], codes_a_minute: int = 60_000, by: Actor, now: datetime
) -> NewClient:
    """Let an airline or a border system ask."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    known = set(ApiClient.Scope.values)
    if not name.strip() or not scopes or not set(scopes) <= known or codes_a_minute < 1:
        raise InvalidInput(_("A client has a name, scopes and a number of codes."))
    key = f"oc_{secrets.token_urlsafe(32)}"
    client = ApiClient.objects.create(
        name=name.strip()[:80],
        environment=settings.CERTIFICATES,
        key_hash=_hash(key),
        scopes=sorted(set(scopes)),
        codes_a_minute=codes_a_minute,
        created_by=by.label[:60],
        created_at=now,
    )
    detail = {"scopes": client.scopes, "codes_a_minute": codes_a_minute}
    audit.record(
        by=by, action="certificate.add_client", subject=f"client:{client.pk}", now=now, detail=detail
    )
    return NewClient(client, key)


@transaction.atomic
def end_client(*, client_id: int, by: Actor, now: datetime) -> None:
    """From now on this client's key opens nothing."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    client = ApiClient.objects.select_for_update().filter(pk=client_id).first()
    if client is None:
        raise NotFound
    if client.ended_at:
        raise Conflict(_("This client was ended."))
    client.ended_at = now
    client.save(update_fields=["ended_at"])
    audit.record(by=by, action="certificate.end_client", subject=f"client:{client.pk}", now=now)


def client_of(key: str) -> ApiClient:
    """The client of a key. Raises UnknownClient (401)."""
    found = ApiClient.objects.filter(
        key_hash=_hash(key), ended_at=None, environment=settings.CERTIFICATES
    ).first()
    if found is None or not key:
        raise UnknownClient
    return found


def take_turn(*, client: ApiClient, codes: int, now: datetime) -> None:
    """Count codes against the client's minute, before they are looked at. Raises TooManyCodes and then counts nothing."""
    values: dict[str, Any] = {
        "client": client.pk,
        "minute": now.replace(second=0, microsecond=0),
        "codes": codes,
        "most": client.codes_a_minute,
    }
    if codes > client.codes_a_minute:
        raise TooManyCodes
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        if cursor.fetchone() is None:
            raise TooManyCodes


def note_valid(*, client: ApiClient, valid: int, now: datetime) -> None:
    """How many of them were valid: all that is kept of an answer."""
    uses = ApiUse.objects.select_for_update().filter(
        client=client, minute=now.replace(second=0, microsecond=0)
    )
    with transaction.atomic():
        use = uses.first()
        if use is not None:
            use.valid += valid
            use.save(update_fields=["valid"])


def _hash(key: str) -> bytes:
    return lookup_hash(key[:200], "health.api-key")
