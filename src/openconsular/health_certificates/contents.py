"""What a record says, as sealed JSON; the MAC that holds it; the hashes that find it."""

import hmac
import json
from dataclasses import fields
from typing import Any

from django.conf import settings

from openconsular.domain.health.certificate import Coded, Entry, Holder, Kind
from openconsular.domain.health.records import uvci
from openconsular.domain.health.records.recording import Written
from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.secrets import lookup_hash

_CODED = frozenset(
    one.name
    for one in fields(Entry)
    if one.name in {"disease", "vaccine", "product", "maker", "test_type", "result"}
)
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_HOLDER = tuple(one.name for one in fields(Holder))
_ENTRY = tuple(one.name for one in fields(Entry))


class Altered(OpenConsularError):
    """A record does not say any more what was written down. It is not signed; tell the administrator."""

    code = "record-altered"


def pack(written: Written) -> str:
    """A record's content: what is empty is left out."""
    holder = {name: value for name in _HOLDER if (value := getattr(written.holder, name))}
    entry: dict[str, Any] = {}
    for name in _ENTRY:
        value = getattr(written.entry, name)
        if name in _CODED:
            if value.code or value.display:
                entry[name] = [value.code, value.system, value.display]
        elif value:
            entry[name] = value
    return _ENCODE({"holder": holder, "entry": entry})


def unpack(content: str, identifier: str = "") -> Written:
    """The words again; the entry bears `identifier`, which a record does not have before it is signed."""
    raw = json.loads(content)
    entry: dict[str, Any] = {
        name: Coded(*value) if name in _CODED else value
        for name, value in raw["entry"].items()
        if name != "kind"
    }
    kind = Kind(raw["entry"]["kind"])
    return Written(Holder(**raw["holder"]), Entry(kind=kind, identifier=identifier, **entry))


def mac(content: str) -> bytes:
    """32 bytes that nobody without the installation's key can make for other words."""
    return hmac.digest(settings.LOOKUP_KEY, b"health.record\0" + content.encode(), "sha256")


def opened(content: str | None, expected: bytes | memoryview, identifier: str = "") -> Written:
    """A stored record's words. Raises Altered where they are not those that were written down, or are gone."""
    if content is None or not hmac.compare_digest(mac(content), bytes(expected)):
        raise Altered
    return unpack(content, identifier)


def holder_hash(family_name: str, given_name: str, born_on: str) -> bytes:
    """Finds a holder by the names of the passport's machine-readable zone and the day of birth."""
    return lookup_hash(f"{family_name}<<{given_name}|{born_on}", "health.holder")


def holder_hash_of(holder: Holder) -> bytes:
    return holder_hash(holder.standard_family_name, holder.standard_given_name, holder.born_on)


def document_hash(number: str) -> bytes | None:
    plain = "".join(number.split()).upper()
    return lookup_hash(plain, "health.document") if plain else None


def identifier_of(country: str, public_id: bytes) -> str:
    """A certificate's identifier, made of its record's secretly: the same however often it is asked for."""
    secret = hmac.digest(settings.LOOKUP_KEY, b"health.identifier\0" + public_id, "sha256")
    return uvci.identifier(country, secret[: uvci.RANDOM_BYTES])
