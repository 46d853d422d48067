"""Which trusted key made a seal, if any."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from openconsular.domain.health.certificate import Algorithm, Format, Presented
from openconsular.domain.health.findings import key_findings
from openconsular.domain.health.limits import KEY_ID_BYTES
from openconsular.domain.health.signing import seals
from openconsular.domain.health.terms import Terms
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.model import FAMILIES, Family, TrustedKey, TrustStore
from openconsular.domain.health.trust.vds_signers import carried_key


class Signed(NamedTuple):
    """The key that made the seal; without one, why, and whether keys of that name were there and did not fit."""

    key: TrustedKey | None
    reason: str = ""
    is_forged: bool = False


def signer_of(presented: Presented, terms: Terms | None, trust: TrustStore, now: datetime) -> Signed:
    """Tries every key the seal may mean (HCERT section 3.3.1: several issuers may share a key id).

    When several made it, because the same key stands in several lists, the one least limited is taken.
    """
    seal = presented.seal
    fault = _key_id_fault(presented.format, seal.key_ids)
    if fault:
        return Signed(None, fault)
    try:
        candidates = _candidates(presented, trust)
    except KeyRefused as refused:
        return Signed(None, refused.code)
    faults = [_checker(key, seal.algorithm)(seal) for key in candidates]
    if "" not in faults:
        return Signed(None, faults[0], True) if faults else Signed(None, "key-unknown")
    if len(faults) == 1:
        return _signed_with(candidates[0])
    found = [key for key, fault in zip(candidates, faults, strict=True) if not fault]
    return Signed(min(found, key=lambda key: _faults(presented, terms, key, now)))


@lru_cache(maxsize=4096)
def _signed_with(key: TrustedKey) -> Signed:
    return Signed(key)


def _candidates(presented: Presented, trust: TrustStore) -> Sequence[TrustedKey]:
    """Keys of that name; else the one in a certificate the seal carries, if a known authority signed that."""
    seal = presented.seal
    names = seal.key_ids or ("",)
    known: Sequence[TrustedKey] = trust.candidates(names[0], presented.format, seal.issuer)
    if len(names) > 1:
        known = [key for name in names for key in trust.candidates(name, presented.format, seal.issuer)]
    if not known and seal.certificate is not None:
        return (carried_key(seal.certificate, trust),)
    return known


@lru_cache(maxsize=4096)
def _checker(key: TrustedKey, algorithm: Algorithm) -> seals.Checker:
    """What looks at a key's seals; one it may not or cannot make has the same fault every time."""
    fault = key.refused or seals.fault_of_kind(algorithm, key.public_key)
    if not fault and algorithm not in key.algorithms:
        fault = "algorithm-not-of-key"
    return seals.checker(algorithm, key.public_key) if not fault else lambda _: fault


@lru_cache(maxsize=4096)
def _key_id_fault(certificate_format: Format, key_ids: tuple[str, ...]) -> str:
    """An HCERT names its key by exactly eight bytes."""
    if FAMILIES[certificate_format] is not Family.HCERT:
        return ""
    if not key_ids:
        return "key-id-missing"
    return "" if all(len(key_id) == 2 * KEY_ID_BYTES for key_id in key_ids) else "key-id-length"


def _faults(presented: Presented, terms: Terms | None, key: TrustedKey, now: datetime) -> int:
    return sum(finding.state is not None for finding in key_findings(presented, terms, key, now))
