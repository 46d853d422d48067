"""The shapes of lists of signers, brought to one: an entry with its key id in `kid`, and a certificate or a key."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import base64_bytes, key_id_hex, text_in
from openconsular.domain.health.trust.limits import ENTRIES_MOST
from openconsular.domain.health.trust.x509 import read_public_key

Entry = dict[str, Any]
# A key id in base64 is no longer than this; a certificate is never so short.
_KEY_ID_TEXT_MOST = 44


def entries_of(documents: Sequence[object]) -> list[Entry]:
    """The entries of all parts, those in force alone where a part names them.

    Raises TrustRefused: "list-unreadable", "list-too-long", "list-incomplete" where the keys or the list of those in
    force are missing.
    """
    active: set[str] | None = None
    found: list[Entry] = []
    has_keys = False
    for document in documents:
        named = _names_in_force(document)
        if named is not None:
            active = named if active is None else active & named
            continue
        has_keys = True
        for entry in _entries(document):
            found.append(entry)
            if len(found) > ENTRIES_MOST:
                raise TrustRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")
    if not has_keys:
        raise TrustRefused(
            "list-incomplete", "This names the keys in force and not the keys; import both files together."
        )
    if active is None:
        if any(_is_of_updates(document) for document in documents):
            raise TrustRefused(
                "list-incomplete",
                "These are keys ever published; import the list of those in force together with it.",
            )
        return found
    return [entry for entry in found if _key_id(entry) in active]


def _names_in_force(document: object) -> set[str] | None:
    """The key ids a part says are in force; None where it is not such a part."""
    names = document.get("activeKeyIds") if isinstance(document, dict) else document
    if not isinstance(names, list) or (names is document and not names):
        return None
    if not all(isinstance(name, str) and len(name) <= _KEY_ID_TEXT_MOST for name in names):
        return None
    if len(names) > ENTRIES_MOST:
        raise TrustRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")
    return {_hex(name) for name in names}


def _is_of_updates(document: object) -> bool:
    """The Swiss keys: all that were ever given out, which mean nothing without the list of those in force."""
    held = document.get("certs") if isinstance(document, dict) else None
    return isinstance(held, list) and any(isinstance(one, dict) and "keyId" in one for one in held)


def _key_id(entry: Mapping[str, Any]) -> str:
    return _hex(text_in(entry, "kid") or text_in(entry, "keyId"))


def _hex(name: str) -> str:
    try:
        return key_id_hex(name)
    except KeyRefused:
        return ""


def _entries(document: object) -> Iterator[Entry]:
    if isinstance(document, dict):
        if isinstance(document.get("c"), list):
            yield from _of_cbor(document["c"])
            return
        if isinstance(document.get("dsc_trust_list"), dict):
            yield from _of_countries(document["dsc_trust_list"])
            return
        if isinstance(document.get("certificatesDCC"), dict):
            yield from _encoded_twice(document["certificatesDCC"])
            return
    items, named = _items(document)
    for item in items:
        yield _with_key(item) if isinstance(item, dict) else {"rawData": item}
    for name, value in named.items():
        for one in value if isinstance(value, list) else [value]:
            yield {"kid": name, **one} if isinstance(one, dict) else {"kid": name, "rawData": one}


def _items(document: object) -> tuple[Sequence[Any], Mapping[str, Any]]:
    if isinstance(document, list):
        return document, {}
    if not isinstance(document, dict):
        raise TrustRefused("list-unreadable", "This is no list of signers.")
    for name in ("certificates", "certs"):
        if isinstance(document.get(name), list):
            return document[name], {}
    held = document.get("eu_keys")
    return [], held if isinstance(held, dict) else document


def _with_key(item: Entry) -> Entry:
    """An entry of the Swiss list: the numbers of a key, where it has no other form of it."""
    if "alg" not in item or not (item.get("x") or item.get("n")):
        return item
    kind = "EC" if item.get("x") else "RSA"
    numbers = {name: item[name] for name in ("crv", "x", "y", "n", "e") if item.get(name)}
    return {**item, "jwk": {"kty": kind, **numbers}}


def _of_cbor(items: Sequence[Any]) -> Iterator[Entry]:
    """{"c": [{"i": key id, "c": certificate}]} in byte strings (Austria)."""
    for item in items:
        raw = item if isinstance(item, dict) else {}
        key_id, der = raw.get("i"), raw.get("c")
        name = key_id.hex() if isinstance(key_id, bytes) else ""
        yield {"kid_hex": name[:64], "der": der if isinstance(der, bytes) else b""}


def _of_countries(countries: Mapping[str, Any]) -> Iterator[Entry]:
    """{country: {"keys": [JWK with x5c], "eku": ...}} (Sweden); the certificate is the normative form of a key."""
    for country, held in countries.items():
        keys = held.get("keys") if isinstance(held, dict) else None
        for jwk in keys if isinstance(keys, list) else []:
            chain = jwk.get("x5c") if isinstance(jwk, dict) else None
            first = chain[0] if isinstance(chain, list) and chain and isinstance(chain[0], str) else ""
            yield {"kid": text_in(jwk, "kid"), "country": str(country), "rawData": first, "jwk": jwk}


def _encoded_twice(named: Mapping[str, Any]) -> Iterator[Entry]:
    """{key id: base64 of base64 of a certificate, or of a key} (France)."""
    for name, value in named.items():
        entry: Entry = {"kid": name}
        if isinstance(value, str):
            try:
                inner = base64_bytes(base64_bytes(value).decode("ascii"))
                entry["rawData" if _is_certificate(inner) else "publicKey"] = base64.b64encode(inner).decode()
            except (KeyRefused, UnicodeDecodeError):
                entry["rawData"] = value
        yield entry


def _is_certificate(der: bytes) -> bool:
    try:
        read_public_key(der)
    except KeyRefused:
        return True
    return False
