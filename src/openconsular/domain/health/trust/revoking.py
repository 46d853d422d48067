"""Keys whose certificates an authority revoked sign no more, in whichever list they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.limits import PROBLEMS_MOST
from openconsular.domain.health.trust.model import Problem, TrustedKey, TrustList, TrustStore
from openconsular.domain.health.trust.revoked_signers import KEY_LOST, SignerRevocations
from openconsular.domain.health.trust.x509 import SigningCertificate, read_certificate

REVOKED = "signer-revoked"


def with_revoked(store: TrustStore, lists: Iterable[SignerRevocations]) -> TrustStore:
    """A store in which what `lists` revoke is refused ("signer-revoked"). Apply it last, when all lists are in.

    A bare key, and after the loss of a key every other certificate of it, goes with the certificate that is revoked.
    """
    said = tuple(lists)
    if not any(one.revoked for one in said):
        return TrustStore(store.environment, store.lists, said)
    reasons = {key: reason for key in store.keys if (reason := _reason(key, said)) is not None}
    spoiled = {_spki(key) for key, reason in reasons.items() if reason in KEY_LOST}
    named = {_spki(key) for key in reasons}
    held = {name: _without(one, reasons, spoiled=spoiled, named=named) for name, one in store.lists.items()}
    return TrustStore(store.environment, held, said)


def demand_not_revoked(read: SigningCertificate, store: TrustStore) -> None:
    """For a certificate that a seal carries. Raises KeyRefused "signer-revoked"."""
    if _reason_of(read, store.revoked_signers) is not None:
        raise KeyRefused(REVOKED, f"The certificate of “{read.subject_words}” was revoked by its authority.")


def _without(
    held: TrustList, reasons: dict[TrustedKey, str], *, spoiled: set[bytes], named: set[bytes]
) -> TrustList:
    keys, problems = [], list(held.problems)
    for key in held.keys:
        spki = _spki(key)
        if key in reasons or spki in spoiled or (key.certificate is None and spki in named):
            keys.append(replace(key, refused=REVOKED, algorithms=frozenset()))
            if len(problems) < PROBLEMS_MOST:
                why = reasons.get(key, "")
                message = f"Its authority revoked it{f' ({why})' if why else ''}."
                problems.append(Problem(f"{key.country} {key.key_id}".strip(), REVOKED, message))
        else:
            keys.append(key)
    return replace(held, keys=tuple(keys), problems=tuple(problems))


def _reason(key: TrustedKey, lists: Sequence[SignerRevocations]) -> str | None:
    return None if key.certificate is None else _reason_of(read_certificate(key.certificate), lists)


def _reason_of(read: SigningCertificate, lists: Sequence[SignerRevocations]) -> str | None:
    found = (one.reason_for(read.issuer, read.authority_key_identifier, read.serial) for one in lists)
    return next((reason for reason in found if reason is not None), None)


def _spki(key: TrustedKey) -> bytes:
    return key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
