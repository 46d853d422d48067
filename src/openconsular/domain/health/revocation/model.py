"""What a verifier asks: is this certificate on a list, as of when, and on which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from openconsular.domain.health.certificate import Format, Presented
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.identify import Identity
from openconsular.domain.health.revocation.lists import KeyRevocations, Look, RevocationList
from openconsular.domain.health.revocation.smart_lists import SmartList
from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.model import Environment, TrustedKey
from openconsular.domain.health.verdict import Check, CheckName, Outcome, Unreadable

SmartName = tuple[str, str]  # issuer and key id


class Answer(StrEnum):
    HIT = "hit"
    CLEAR = "clear"
    UNCERTAIN = "uncertain"  # a filter says maybe, and no whole list of the same age or newer says no
    NO_LIST = "no-list"
    OUTDATED = "list-outdated"  # the issuer has published a newer list than the one held


@dataclass(frozen=True, slots=True)
class Found:
    """`as_of` (UTC) is the age of the list that answered: of the one that hit, or of the oldest that did not."""

    answer: Answer
    as_of: datetime | None = None
    list_id: str = ""


_NO_LIST = Found(Answer.NO_LIST)
_CLEAR = Look.CLEAR
_NOBODY_LOOKED = Check(CheckName.REVOCATION, Outcome.NOT_CHECKED, "no-list")


class Revocations:
    """Every revocation list of one environment. Immutable, as the trust store is."""

    __slots__ = ("_lists", "_smart", "_smart_versions", "environment")

    def __init__(
        self,
        environment: Environment = Environment.LIVE,
        lists: Mapping[str, RevocationList] | None = None,
        smart: Mapping[SmartName, SmartList] | None = None,
        smart_versions: Mapping[SmartName, int] | None = None,
    ) -> None:
        self.environment = environment
        self._lists = MappingProxyType(dict(lists or {}))
        self._smart = MappingProxyType(dict(smart or {}))
        self._smart_versions = MappingProxyType(dict(smart_versions or {}))
        if any(held.environment is not environment for held in self._lists.values()):
            raise RevocationRefused("other-environment", f"A list is not of the {environment} environment.")

    @property
    def lists(self) -> Mapping[str, RevocationList]:
        """By list id."""
        return self._lists

    @property
    def smart_lists(self) -> Mapping[SmartName, SmartList]:
        """By issuer and key id."""
        return self._smart

    @property
    def smart_versions(self) -> Mapping[SmartName, int]:
        """The number of each issuer's newest list, as far as it was told."""
        return self._smart_versions

    def with_list(self, new: RevocationList) -> Self:
        """Takes a list, or a newer edition of one held.

        Raises RevocationRefused: "other-environment", "list-older", "list-conflict", "list-shrunk" when something
        revoked before is missing.
        """
        if new.environment is not self.environment:
            raise RevocationRefused(
                "other-environment", f"“{new.list_id}” is of the {new.environment} environment."
            )
        held = self._lists.get(new.list_id)
        if held is not None:
            if new.digest == held.digest and new.version >= held.version:
                new = replace(held, version=new.version, as_of=max(new.as_of, held.as_of), covers=new.covers)
            else:
                _demand_newer(new, held)
        return self._with(lists={**self._lists, new.list_id: new})

    def with_smart_list(self, new: SmartList) -> Self:
        """Takes a list of one SMART key. Raises RevocationRefused: "list-older", "list-conflict", "list-shrunk"."""
        name = (new.issuer, new.key_id)
        held = self._smart.get(name)
        if held is not None:
            if new.counter < held.counter:
                raise RevocationRefused("list-older", f"The list of {new.issuer} is older than the one held.")
            if not new.has_all_of(held):
                raise RevocationRefused(
                    "list-shrunk", f"The list of {new.issuer} lacks what was revoked before."
                )
            if new.counter == held.counter and new.rids != held.rids:
                raise RevocationRefused(
                    "list-conflict", f"The list of {new.issuer} changed without a new number."
                )
        return self._with(smart={**self._smart, name: new})

    def with_smart_versions(self, versions: Mapping[SmartName, int]) -> Self:
        """What issuers say the number of their newest list is (`IssuerKeys.crl_versions`). Numbers never fall."""
        joined = dict(self._smart_versions)
        for name, version in versions.items():
            joined[name] = max(version, joined.get(name, 0))
        return self._with(smart_versions=joined)

    def find(
        self,
        identity: Identity,
        key_ids: tuple[str, ...],
        certificate_format: Format,
        *,
        country: str = "",
        issuer: str = "",
    ) -> Found:
        """Looks a certificate up that was signed with the key of `key_ids`.

        `country` is the key's, `issuer` the URL of a SMART issuer. Raises `Unreadable` when a list wants a name the
        claims do not readably hold.
        """
        if certificate_format is Format.SMART:
            return self._find_smart(identity, key_ids, issuer)
        country = same_country(country) if country else ""
        covering = [held for held in self._lists.values() if held.covers_key(key_ids, country)]
        if not covering:
            return _NO_LIST
        return _answer(identity, covering, key_ids, country)

    def check(self, presented: Presented, key: TrustedKey) -> Check:
        """The verdict's check of a certificate signed with `key`."""
        if not self._lists and not self._smart:
            return _NOBODY_LOOKED
        try:
            found = self.find(
                Identity(presented), key.key_ids, presented.format, country=key.country, issuer=key.issuer
            )
        except Unreadable:
            return Check(CheckName.REVOCATION, Outcome.NOT_CHECKED, "not-readable")
        outcome, reason = _OUTCOMES[found.answer]
        return Check(CheckName.REVOCATION, outcome, reason, found.as_of)

    def _find_smart(self, identity: Identity, key_ids: tuple[str, ...], issuer: str) -> Found:
        for key_id in key_ids:
            held = self._smart.get((issuer, key_id))
            if held is None:
                continue
            rid, valid_from = identity.smart_id
            name = f"{issuer} {key_id}"
            if rid and held.revokes(rid, valid_from):
                return Found(Answer.HIT, held.as_of, name)
            if self._smart_versions.get((issuer, key_id), 0) > held.counter:
                return Found(Answer.OUTDATED, held.as_of, name)
            return Found(Answer.CLEAR, held.as_of, name)
        return _NO_LIST

    def _with(
        self,
        *,
        lists: Mapping[str, RevocationList] | None = None,
        smart: Mapping[SmartName, SmartList] | None = None,
        smart_versions: Mapping[SmartName, int] | None = None,
    ) -> Self:
        return type(self)(
            self.environment,
            self._lists if lists is None else lists,
            self._smart if smart is None else smart,
            self._smart_versions if smart_versions is None else smart_versions,
        )


_OUTCOMES: Mapping[Answer, tuple[Outcome, str]] = MappingProxyType(
    {
        Answer.HIT: (Outcome.FAILED, "revoked"),
        Answer.UNCERTAIN: (Outcome.FAILED, "revocation-uncertain"),
        Answer.CLEAR: (Outcome.PASSED, ""),
        Answer.NO_LIST: (Outcome.NOT_CHECKED, "no-list"),
        Answer.OUTDATED: (Outcome.NOT_CHECKED, "list-outdated"),
    }
)


def _answer(
    identity: Identity, covering: Iterable[RevocationList], key_ids: tuple[str, ...], country: str
) -> Found:
    clear: RevocationList | None = None
    doubted: RevocationList | None = None
    confirmed_as_of: datetime | None = None
    for held in covering:
        entries = held.about(key_ids, country)
        look = _look(identity, entries)
        if look is Look.HIT:
            return Found(Answer.HIT, held.as_of, held.list_id)
        if look is Look.UNCERTAIN:
            doubted = doubted if doubted is not None and doubted.as_of >= held.as_of else held
            continue
        if all(one.is_exact for one in entries):
            confirmed_as_of = max(filter(None, (confirmed_as_of, held.as_of)))
        clear = clear if clear is not None and clear.as_of <= held.as_of else held
    if doubted is not None and (confirmed_as_of is None or confirmed_as_of < doubted.as_of):
        return Found(Answer.UNCERTAIN, doubted.as_of, doubted.list_id)
    return Found(Answer.CLEAR, clear.as_of, clear.list_id) if clear is not None else _NO_LIST


def _look(identity: Identity, entries: Iterable[KeyRevocations]) -> Look:
    found = _CLEAR
    for entry in entries:
        for hash_type in entry.hash_types:
            for value in identity.hashes(hash_type):
                look = entry.look(value)
                if look is not _CLEAR:
                    if look is Look.HIT:
                        return look
                    found = look
    return found


def _demand_newer(new: RevocationList, held: RevocationList) -> None:
    if new.version < held.version:
        raise RevocationRefused("list-older", f"“{new.list_id}” is older than the list held.")
    if new.version == held.version:
        raise RevocationRefused("list-conflict", f"“{new.list_id}” changed without a new version.")
    for name, before in held.keys.items():
        now = new.keys.get(name)
        if now is None or not before.hash_types <= now.hash_types or not _has_all(now, before):
            raise RevocationRefused("list-shrunk", f"“{new.list_id}” lacks what was revoked before.")


def _has_all(now: KeyRevocations, before: KeyRevocations) -> bool:
    """Whole hashes must all be there, in whichever form; filters cannot be compared, but must not vanish."""
    if before.exact is not None:
        if now.exact is not None and not now.parts:
            return before.exact <= now.exact
        step, packed = before.exact.width, before.exact.packed
        hashes = (packed[start : start + step] for start in range(0, len(packed), step))
        return all(now.look(value) is not Look.CLEAR for value in hashes)
    return bool(now.parts) or now.exact is not None
