"""What the browser's verifier fetches and keeps: all lists in one signed file, and who signs it."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from openconsular.domain.health.verifier_pack import FORM, revocation_bytes, trust_document
from openconsular.health_certificates import own_cards, publishing, trusting
from openconsular.health_certificates.models import SigningKey
from openconsular.health_certificates.queries.keys import NoKey
from openconsular.health_certificates.queries.trust import lists

# Older lists still tell a forgery from a certificate; that somebody was let off a list since, they cannot.
LISTS_LAST = timedelta(hours=72)
MAGIC = b"OCV1"
_HEAD_BYTES = 4


@dataclass(frozen=True)
class Pack:
    """`content` is a line with a signature (empty where no key for lists is in use) above the lists themselves."""

    content: bytes
    is_signed: bool


def pack(*, now: datetime) -> Pack:
    """Every list believed here. Below the first line: "OCV1", the length of a JSON head, the head, revocations.

    The head is {"form", "madeAt", "environment", "listsLast", "trust", "sources"}; instants in seconds since 1970.
    """
    held = trusting.believed()
    fresh = {trusting.OWN: now, own_cards.LIST_ID: now}
    ours = {publishing.list_id(): now}
    head = {
        "form": FORM,
        "madeAt": now.timestamp(),
        "environment": settings.CERTIFICATES,
        "listsLast": LISTS_LAST.total_seconds(),
        "trust": trust_document(held.trust, fresh),
        "sources": [
            {"name": one.name, "kind": one.kind, "asOf": one.as_of.timestamp() if one.as_of else None}
            for one in lists(now=now)
            if one.is_enabled
        ],
    }
    words = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    body = MAGIC + len(words).to_bytes(_HEAD_BYTES) + words + revocation_bytes(held.revocations, ours)
    try:
        return Pack(publishing.signed(body, now), is_signed=True)
    except NoKey:
        return Pack(b"\n" + body, is_signed=False)


def list_keys() -> list[str]:
    """Public keys (SubjectPublicKeyInfo, Base64) that sign lists here. A page brings them along; a file must fit one."""
    keys = SigningKey.objects.filter(
        environment=settings.CERTIFICATES,
        purpose=SigningKey.Purpose.LIST,
        state__in=(SigningKey.State.ACTIVE, SigningKey.State.RETIRED),
    )
    return [
        base64.b64encode(bytes(key)).decode("ascii")
        for key in keys.order_by("-pk").values_list("public_key", flat=True)
    ]
