"""Card revocation lists of SMART Health Card issuers (SMART Health Cards Framework 1.3, "Revocation").

{"kid", "method": "rid", "ctr", "rids": ["rid" or "rid.seconds"]}, one for each key. With a time, only cards that
began before it are revoked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.json_text import read_json

_RID = re.compile(r"([A-Za-z0-9_-]{1,24})(?:\.(\d{1,12}))?\Z", re.ASCII)
RIDS_MOST = 5_000_000
_PROBLEMS_MOST = 100
_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class SmartList:
    """`rids` gives for each id the instant (seconds since 1970) cards must have begun before to be revoked."""

    issuer: str
    key_id: str
    counter: int
    as_of: datetime
    rids: Mapping[str, float]
    problems: tuple[str, ...] = ()

    def revokes(self, rid: str, valid_from: float) -> bool:
        return valid_from < self.rids.get(rid, -_EVER)

    def has_all_of(self, other: "SmartList") -> bool:
        return all(self.rids.get(rid, -_EVER) >= until for rid, until in other.rids.items())


def read_smart_list(raw: bytes, *, issuer: str, key_id: str, fetched_at: datetime) -> SmartList:
    """A list as served at <issuer>/.well-known/crl/<key id>.json. Raises RevocationRefused."""
    try:
        return smart_list_of(read_json(raw), issuer=issuer, key_id=key_id, fetched_at=fetched_at)
    except TrustRefused as fault:
        raise RevocationRefused(fault.code, fault.message) from fault


def smart_list_of(document: Any, *, issuer: str, key_id: str, fetched_at: datetime) -> SmartList:
    """The list a directory or an issuer gives.

    Ids no card can have are left out and told; one of them does not let the others go. Raises RevocationRefused:
    "list-unreadable", "list-other-key", "list-method", "list-too-long".
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("rids"), list):
        raise RevocationRefused("list-unreadable", "This is no list of revoked cards.")
    if document.get("kid") != key_id:
        raise RevocationRefused("list-other-key", "The list is for another key.")
    if document.get("method") != "rid":
        raise RevocationRefused("list-method", "The list names cards in a way that is not known here.")
    counter = document.get("ctr")
    if not isinstance(counter, int) or isinstance(counter, bool) or counter < 1:
        raise RevocationRefused("list-unreadable", "The list has no number.")
    if len(document["rids"]) > RIDS_MOST:
        raise RevocationRefused("list-too-long", f"The list has more than {RIDS_MOST} entries.")
    rids, problems = _rids(document["rids"])
    return SmartList(issuer, key_id, counter, fetched_at, rids, tuple(problems[:_PROBLEMS_MOST]))


def make_smart_list(*, key_id: str, counter: int, rids: Mapping[str, float | None]) -> dict[str, Any]:
    """The document an issuer publishes: for each id the instant before which cards are revoked, or None for all.

    Raises RevocationRefused "rid-malformed".
    """
    listed = []
    for rid, until in sorted(rids.items()):
        text = rid if until is None else f"{rid}.{int(until)}"
        if not _RID.match(text):
            raise RevocationRefused("rid-malformed", f"“{rid[:40]}” is no revocation id.")
        listed.append(text)
    return {"kid": key_id, "method": "rid", "ctr": counter, "rids": listed}


def _rids(listed: list[Any]) -> tuple[dict[str, float], list[str]]:
    found: dict[str, float] = {}
    problems: list[str] = []
    for one in listed:
        match = _RID.match(one) if isinstance(one, str) else None
        if match is None:
            problems.append("rid-malformed")
            continue
        rid, seconds = match.groups()
        if rid in found:
            problems.append("rid-repeated")
        found[rid] = max(found.get(rid, -_EVER), float(seconds) if seconds else _EVER)
    return found, problems
