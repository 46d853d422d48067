"""Keys that may vouch for certificates, the lists they come from, and the store a verifier asks.

Everything here is immutable: taking a new list makes a new store, so that a verification sees one state of the world.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from openconsular.domain.health.certificate import Algorithm, Format, Kind
from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.revoked_signers import SignerRevocations

PublicKey = EllipticCurvePublicKey | RSAPublicKey
ALL_KINDS = frozenset(Kind)
# Tried when a certificate names no key: enough for the largest issuer seen, and a bound on the work a code can ask for.
MOST_CANDIDATES = 256


class Environment(StrEnum):
    """Whether a list is the real one or one to try things with. They never share a store."""

    LIVE = "live"
    TEST = "test"


class Family(StrEnum):
    """Formats whose keys are published and named in the same way."""

    HCERT = "hcert"
    VDS_NC = "vds-nc"
    SMART = "smart"
    DIVOC = "divoc"


FAMILIES: Mapping[Format, Family] = MappingProxyType(
    {
        Format.EU_DCC: Family.HCERT,
        Format.ICVP: Family.HCERT,
        Format.DDCC_VS: Family.HCERT,
        Format.DDCC_TR: Family.HCERT,
        Format.VDS_NC: Family.VDS_NC,
        Format.SMART: Family.SMART,
        Format.DIVOC: Family.DIVOC,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class TrustedKey:
    """A public key somebody answers for, and what it may be used for.

    `key_ids`: as seals name it (`certificate.Presented`); the listed one first, then what the certificate hashes to.
    `country` is as `same_country` gives it, the list's word before the certificate's (`certificate_country`), ""
    where neither names one; `issuer` the URL of a SMART issuer.
    `algorithms` is what the key may sign with in its family; `refused` says why it may not at all
    ("curve-not-allowed", "key-too-short", ...), and then `algorithms` is empty.
    `formats` are those its trust domain allows. `kinds` are those its extended key usage allows.
    `not_before`, `not_after` (UTC, inclusive) are the certificate's; None when the list gave a bare key.
    `authority` is the DER certificate of the authority that signed it, where the list has one and the signature is
    right; `authority_not_after` ends the key too (all of a chain must be valid, WHO governance "shell model").
    """

    public_key: PublicKey
    key_ids: tuple[str, ...]
    family: Family
    country: str
    issuer: str
    algorithms: frozenset[Algorithm]
    formats: frozenset[Format]
    kinds: frozenset[Kind]
    environment: Environment
    list_id: str
    as_of: datetime
    domain: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    certificate: bytes | None = None
    certificate_country: str = ""
    fingerprint: str = ""
    authority: bytes | None = None
    authority_not_before: datetime | None = None
    authority_not_after: datetime | None = None
    refused: str = ""
    notes: tuple[str, ...] = ()

    @property
    def key_id(self) -> str:
        return self.key_ids[0]

    def may_sign(self, kinds: frozenset[Kind]) -> bool:
        """Whether its usage covers every kind in a certificate."""
        return kinds <= self.kinds

    def may_sign_format(self, certificate_format: Format) -> bool:
        """Whether its trust domain covers this format."""
        return certificate_format in self.formats

    def is_of(self, country: str) -> bool:
        """Whether a certificate that names `country` (alpha-2 or alpha-3) may bear this key's signature."""
        plain = same_country(country)
        if not self.country or plain == self.country:
            return True
        # Test participants are XCL in the list and XL in the certificate. In earnest only the list's word counts:
        # a country could put another one's code into its own signer's certificate.
        return self.environment is Environment.TEST and bool(plain) and plain == self.certificate_country

    def fault_at(self, now: datetime) -> str:
        """Why it is not valid at `now`: "key-not-yet-valid", "key-expired", "authority-expired" or ""."""
        if self.not_before is not None and now < self.not_before:
            return "key-not-yet-valid"
        if self.not_after is not None and now > self.not_after:
            return "key-expired"
        if self.authority_not_before is not None and now < self.authority_not_before:
            return "authority-not-yet-valid"
        if self.authority_not_after is not None and now > self.authority_not_after:
            return "authority-expired"
        return ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An entry of a list that was not taken, or was taken with a reservation. `entry` says which one it was."""

    entry: str
    code: str
    message: str = ""


class Proof(StrEnum):
    """How far a list as a whole was vouched for."""

    VERIFIED = "verified"  # a signature over the list by a configured anchor
    CONFIRMED = "confirmed"  # a person compared the fingerprint of the file
    ENTRIES = "entries"  # no signature over the whole, but every key taken was signed by a configured anchor
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of a country (SCA, CSCA), as a list or the operator names it."""

    certificate: bytes
    fingerprint: str
    country: str
    subject: bytes
    key_identifier: bytes
    public_key: PublicKey = field(compare=False, repr=False)
    path_length: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrustList:
    """One published list as it was read.

    `sequence` only grows within a list (its own version, or its time of signing or fetching in seconds); `digest` is
    the SHA-256 of what it says, whatever the packing. `as_of` (UTC) is how old its statements are. `parts` are the
    sequences of the documents a list was put together from, each of which only grows too. `is_dated` says that the
    list itself tells when it was made, so that its sequence orders editions; else only the day it came does.
    `valid_until` (UTC) is when its publisher wants it replaced, where the list says so.
    """

    list_id: str
    environment: Environment
    sequence: int
    as_of: datetime
    digest: str
    keys: tuple[TrustedKey, ...]
    authorities: tuple[Authority, ...] = ()
    problems: tuple[Problem, ...] = ()
    proof: Proof = Proof.NOT_CHECKED
    proof_reason: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    is_dated: bool = False
    valid_until: datetime | None = None


Index = Mapping[tuple[Family, str], tuple[TrustedKey, ...]]


class TrustStore:
    """Every key believed in one environment. Immutable; look-ups are dictionary reads."""

    __slots__ = ("_by_id", "_by_issuer", "_lists", "environment", "revoked_signers")

    def __init__(
        self,
        environment: Environment = Environment.LIVE,
        lists: Mapping[str, TrustList] | None = None,
        revoked_signers: tuple[SignerRevocations, ...] = (),
    ) -> None:
        self.environment = environment
        self.revoked_signers = revoked_signers
        self._lists = MappingProxyType(dict(lists or {}))
        for held in self._lists.values():
            _demand_same_environment(held, environment)
        self._by_id = _index((key, name) for key in self.keys for name in dict.fromkeys(key.key_ids))
        self._by_issuer = _index((key, key.issuer or key.country) for key in self.keys)

    @property
    def lists(self) -> Mapping[str, TrustList]:
        """By list id."""
        return self._lists

    @property
    def keys(self) -> tuple[TrustedKey, ...]:
        return tuple(key for held in self._lists.values() for key in held.keys)

    @property
    def authorities(self) -> tuple[Authority, ...]:
        return tuple(one for held in self._lists.values() for one in held.authorities)

    def candidates(self, key_id: str, certificate_format: Format, issuer: str = "") -> tuple[TrustedKey, ...]:
        """Every key a seal may mean: all that share `key_id`, or without one all of `issuer` (a bounded number).

        SMART keys are known by issuer and key id together, since each issuer names its own. For the others the
        issuer's country does not narrow the search: HCERT section 3.3.1 asks for all keys of a key id to be tried.
        """
        family = FAMILIES[certificate_format]
        if not key_id:
            known_as = issuer if family is Family.SMART else same_country(issuer)
            return self._by_issuer.get((family, known_as), ())[:MOST_CANDIDATES] if known_as else ()
        found = self._by_id.get((family, key_id), ())
        if family is Family.SMART:
            return tuple(key for key in found if key.issuer == issuer)
        return found

    def with_list(self, new: TrustList) -> Self:
        """A store that holds `new` in place of the older list of that id.

        Equal content is taken as a fresh look at the same list. Raises TrustRefused: "other-environment",
        "list-not-vouched-for" (no signature and nobody who confirmed it), "list-older", "list-conflict" (same
        sequence, other content).
        """
        _demand_same_environment(new, self.environment)
        if new.proof is Proof.NOT_CHECKED:
            raise TrustRefused(
                "list-not-vouched-for", f"Nobody vouches for “{new.list_id}”: {new.proof_reason}"
            )
        held = self._lists.get(new.list_id)
        if held is not None:
            if new.digest == held.digest and new.as_of <= held.as_of:
                return self
            _demand_newer(new, held)
            new = replace(new, sequence=max(new.sequence, held.sequence))
        return type(self)(self.environment, {**self._lists, new.list_id: new}, self.revoked_signers)


def _demand_same_environment(held: TrustList, environment: Environment) -> None:
    if held.environment is not environment or any(key.environment is not environment for key in held.keys):
        raise TrustRefused(
            "other-environment", f"“{held.list_id}” is not a list of the {environment} environment."
        )


def _demand_newer(new: TrustList, held: TrustList) -> None:
    same = new.digest == held.digest
    older_parts = [part for part, sequence in held.parts.items() if new.parts.get(part, sequence) < sequence]
    if older_parts or (new.sequence < held.sequence and not same):
        raise TrustRefused("list-older", f"“{new.list_id}” is older than the list held.")
    if new.sequence == held.sequence and not same:
        raise TrustRefused(
            "list-conflict", f"“{new.list_id}” says something else under the same sequence number."
        )


def _index(named: Iterable[tuple[TrustedKey, str]]) -> Index:
    """Keys by family and name. The same certificate in two lists stays twice: the lists may limit it differently."""
    found: dict[tuple[Family, str], list[TrustedKey]] = {}
    for key, name in named:
        found.setdefault((key.family, name), []).append(key)
    return {place: tuple(keys) for place, keys in found.items()}
