"""A trust list in the making: every reader brings its entries here, and what cannot be used stays out with its reason."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.trust.chain import Authorities, read_authority
from openconsular.domain.health.trust.countries import is_for_tests, same_country
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.limits import ENTRIES_MOST, PROBLEMS_MOST, TEXT_MOST
from openconsular.domain.health.trust.model import (
    ALL_KINDS,
    Authority,
    Environment,
    Family,
    Problem,
    Proof,
    PublicKey,
    TrustedKey,
    TrustList,
)
from openconsular.domain.health.trust.usage import algorithms_of, formats_of, kinds_of
from openconsular.domain.health.trust.x509 import SigningCertificate, read_certificate


@dataclass(frozen=True, slots=True)
class Origin:
    """Which list is read, as the operator configured it, and when it was fetched or signed (UTC)."""

    list_id: str
    environment: Environment
    as_of: datetime

    @property
    def sequence(self) -> int:
        """Seconds since 1970: what lists without a number of their own are ordered by."""
        return int(self.as_of.astimezone(UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list says about one key, beside the key itself. `key_id` as seals write it, "" to take the certificate's."""

    entry: str
    key_id: str = ""
    country: str = ""
    issuer: str = ""
    domain: str = ""
    kinds: frozenset[Kind] = ALL_KINDS


@dataclass(slots=True)
class Draft:
    """Entries of one list. Certificates wait until all authorities are known."""

    origin: Origin
    family: Family
    must_chain: bool = False
    problems: list[Problem] = field(default_factory=list)
    _authorities: dict[tuple[str, str], Authority] = field(default_factory=dict)
    _waiting: list[tuple[SigningCertificate, Listed]] = field(default_factory=list)
    _bare: list[TrustedKey] = field(default_factory=list)

    def add_certificate(self, certificate: bytes | SigningCertificate, listed: Listed) -> None:
        """A signer's certificate, in DER or already read. Faults become problems of the list."""
        self._demand_room()
        try:
            read = (
                certificate if isinstance(certificate, SigningCertificate) else read_certificate(certificate)
            )
            _demand_place(listed.country or read.country, self.origin.environment)
            self._waiting.append((read, listed))
        except KeyRefused as fault:
            self.refuse(listed.entry, fault)

    def add_key(self, public_key: PublicKey, listed: Listed) -> None:
        """A key without a certificate; `listed.key_id` must name it."""
        self._demand_room()
        try:
            _demand_place(listed.country, self.origin.environment)
        except KeyRefused as fault:
            self.refuse(listed.entry, fault)
            return
        self._bare.append(self._trusted(public_key, listed, listed.kinds, (listed.key_id,)))

    def add_authority(self, der: bytes, listed: Listed) -> None:
        """The certificate of a country's authority. The lists repeat it with each signer; it is read once."""
        self._demand_room()
        named = (hashlib.sha256(der).hexdigest(), same_country(listed.country))
        if named in self._authorities:
            return
        try:
            authority = read_authority(der, listed.country)
            _demand_place(authority.country, self.origin.environment)
        except KeyRefused as fault:
            self.refuse(listed.entry, fault)
            return
        self._authorities[named] = authority

    def refuse(self, entry: str, fault: KeyRefused) -> None:
        if len(self.problems) < PROBLEMS_MOST:
            self.problems.append(Problem(entry[:TEXT_MOST], fault.code, fault.message[:TEXT_MOST]))

    def finish(
        self,
        proof: Proof,
        reason: str = "",
        *,
        sequence: int | None = None,
        parts: Mapping[str, int] | None = None,
        is_dated: bool = False,
        valid_until: datetime | None = None,
    ) -> TrustList:
        """The list, with every certificate chained to its authority where the list has one."""
        known = Authorities.of(self._authorities.values())
        keys = [*self._bare]
        for read, listed in self._waiting:
            try:
                keys.append(self._chained(read, listed, known))
            except KeyRefused as fault:
                self.refuse(listed.entry, fault)
        authorities = tuple(self._authorities.values())
        for key in keys:
            if key.refused:
                self.refuse(
                    key.key_id, KeyRefused(key.refused, f"A key of {key.country or key.issuer} is not used.")
                )
        return TrustList(
            list_id=self.origin.list_id,
            environment=self.origin.environment,
            sequence=self.origin.sequence if sequence is None else sequence,
            as_of=self.origin.as_of,
            digest=_digest(keys, authorities),
            keys=tuple(keys),
            authorities=authorities,
            problems=tuple(self.problems),
            proof=proof,
            proof_reason=reason,
            parts=dict(parts or {}),
            is_dated=is_dated,
            valid_until=valid_until,
        )

    def _chained(self, read: SigningCertificate, listed: Listed, known: Authorities) -> TrustedKey:
        if read.key_usage is not None and not read.key_usage & {"digital_signature", "non_repudiation"}:
            raise KeyRefused("key-usage-not-signing", f"“{read.subject_words}” may not sign documents.")
        country = same_country(listed.country) or same_country(read.country)
        authority = known.signer_of(read, country)
        if authority is None and self.must_chain:
            raise KeyRefused("chain-missing", f"The list has no authority for “{read.subject_words}”.")
        kinds = kinds_of(read.extended_key_usage, self.family) & listed.kinds
        names = tuple(dict.fromkeys(name for name in (listed.key_id, *_own_names(read, self.family)) if name))
        key = self._trusted(read.public_key, replace(listed, country=country), kinds, names)
        notes = list(read.notes)
        if listed.key_id and self.family is Family.HCERT and listed.key_id != read.key_id:
            notes.append("key-id-not-of-certificate")
        if authority is None:
            notes.append("no-authority")
        return replace(
            key,
            not_before=read.not_before,
            not_after=read.not_after,
            certificate=read.der,
            certificate_country=same_country(read.country),
            fingerprint=read.fingerprint,
            authority=authority.certificate if authority else None,
            authority_not_before=authority.not_before if authority else None,
            authority_not_after=authority.not_after if authority else None,
            notes=tuple(notes),
        )

    def _trusted(
        self, public_key: PublicKey, listed: Listed, kinds: frozenset[Kind], names: tuple[str, ...]
    ) -> TrustedKey:
        algorithms, refused = algorithms_of(public_key, self.family)
        return TrustedKey(
            public_key=public_key,
            key_ids=names,
            family=self.family,
            country=same_country(listed.country),
            issuer=listed.issuer,
            algorithms=algorithms,
            formats=formats_of(listed.domain, self.family),
            kinds=kinds,
            environment=self.origin.environment,
            list_id=self.origin.list_id,
            as_of=self.origin.as_of,
            domain=listed.domain,
            refused=refused,
        )

    def _demand_room(self) -> None:
        if len(self._waiting) + len(self._bare) + len(self._authorities) >= ENTRIES_MOST:
            raise TrustRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")


def _own_names(read: SigningCertificate, family: Family) -> tuple[str, ...]:
    """What a certificate is called where the list gives it no name: HCERT by 8 bytes, visible seals by all 32 too."""
    return (read.key_id, read.fingerprint) if family is Family.VDS_NC else (read.key_id,)


def _demand_place(country: str, environment: Environment) -> None:
    if environment is Environment.LIVE and is_for_tests(country):
        raise KeyRefused("test-country", f"“{country}” is a country of tests only.")


def _digest(keys: list[TrustedKey], authorities: tuple[Authority, ...]) -> str:
    """SHA-256 over the sorted statements of a list."""
    said = [authority.fingerprint + authority.country for authority in authorities]
    for key in keys:
        spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()
        words = (*key.key_ids, key.country, key.issuer, key.domain, key.fingerprint, spki, *sorted(key.kinds))
        said.append("\x1f".join(words))
    return hashlib.sha256("\x1e".join(sorted(said)).encode()).hexdigest()
