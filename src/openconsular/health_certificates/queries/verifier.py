"""What the browser's verifier fetches and keeps: a signed head, bundles of revocations, and who signs them."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings

from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.parts import Slices
from openconsular.domain.health.revocation.segments import SHORT_BYTES, read_segment
from openconsular.domain.health.revocation.var_hash import VarHashList
from openconsular.domain.health.verifier_pack import FORM, trust_document
from openconsular.domain.health.verifier_revocations import EXACT_MOST, Carried, Grown, carried, shortened
from openconsular.health_certificates import publishing, revoked_lists, trusting
from openconsular.health_certificates.models import SigningKey
from openconsular.health_certificates.queries.keys import NoKey
from openconsular.health_certificates.queries.trust import lists

# Older lists still tell a forgery from a certificate; that somebody was let off a list since, they cannot.
LISTS_LAST = timedelta(hours=72)
MAGIC = b"OCV2"
_HEAD_BYTES = 4


@dataclass(frozen=True)
class Pack:
    """`head` is a line with a signature (empty where no key for lists is in use) above "OCV2", a length and JSON.

    The JSON is {"form", "madeAt", "environment", "listsLast", "trust", "sources", "revocations"}; instants in seconds
    since 1970. `bundles` by their SHA-256, in the order of the head.
    """

    head: bytes
    bundles: dict[str, bytes]
    is_signed: bool

    @property
    def whole(self) -> bytes:
        """Everything in one file, for devices that never have a network: the head, then the bundles."""
        return self.head + b"".join(self.bundles.values())


def pack(*, now: datetime) -> Pack:
    """Every list believed here."""
    held = trusting.believed()
    revoked = _carried(held)
    ours = publishing.list_id()
    lists_now = [
        {**one, "asOf": now.timestamp()} if one["id"] == ours else one for one in revoked.head["lists"]
    ]
    head = {
        "form": FORM,
        "madeAt": now.timestamp(),
        "environment": settings.CERTIFICATES,
        "listsLast": LISTS_LAST.total_seconds(),
        "trust": trust_document(held.trust, {trusting.OWN: now}),
        "sources": [
            {"name": one.name, "kind": one.kind, "asOf": one.as_of.timestamp() if one.as_of else None}
            for one in lists(now=now)
            if one.is_enabled
        ],
        "revocations": {**revoked.head, "lists": lists_now},
    }
    words = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    body = MAGIC + len(words).to_bytes(_HEAD_BYTES) + words
    names = [name for name, _ in revoked.head["bundles"]]
    bundles = dict(zip(names, revoked.bundles, strict=True))
    try:
        return Pack(publishing.signed(body, now), bundles, is_signed=True)
    except NoKey:
        return Pack(b"\n" + body, bundles, is_signed=False)


def bundle(name: str) -> bytes | None:
    """A bundle of the newest head by its SHA-256; None when it is of an older one."""
    found = _carried(trusting.believed())
    for (digest, _), content in zip(found.head["bundles"], found.bundles, strict=True):
        if digest == name:
            return content
    return None


@lru_cache(maxsize=2)
def _carried(held: trusting.Believed) -> Carried:
    """Made once for each state of the lists; `trusting.believed` gives the same object while nothing changes."""
    ours = publishing.list_id()
    own = held.revocations.lists.get(ours)
    grown: Grown = {}
    if own is not None and own.entries > EXACT_MOST:
        grown = {ours: {key: _segments(names) for key, names in revoked_lists.short_segments().items()}}
    return carried(shortened(held.revocations), grown=grown)


def _segments(names: list[str]) -> list[HashSet]:
    return [_segment(name, revoked_lists.slice_named) for name in names]


@lru_cache(maxsize=64)
def _segment(name: str, slice_named: Slices) -> HashSet:
    """The shortened hashes of a segment; it never changes."""
    parts = [part for _, part in read_segment(name, slice_named)]
    packed = b"".join(part.values.packed for part in parts if isinstance(part, VarHashList))
    return HashSet(packed, width=SHORT_BYTES)


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
