"""Lists for verifiers, as they are served."""

from datetime import datetime

from openconsular.foundation.errors import NotFound
from openconsular.health_certificates import publishing, sealing, trusting
from openconsular.health_certificates.queries.keys import NoKey
from openconsular.health_certificates.queries.revocations import (
    Edition,
    hashes_near,
    newest_edition,
    slice_content,
)

__all__ = [
    "Edition",
    "NothingPublished",
    "card_revocations",
    "hashes_near",
    "jwks",
    "newest_edition",
    "own_keys",
    "slice_content",
    "trust_list",
]


class NothingPublished(NotFound):
    """Nothing is published here: no key for lists is in use."""

    code = "nothing-published"


def trust_list(*, now: datetime) -> bytes:
    """Every key believed here, signed. The same lists make the same bytes. Raises NothingPublished."""
    return _signed(publishing.store_document(trusting.believed().trust), now)


def own_keys(*, now: datetime) -> bytes:
    """Our authorities and signers, signed. Raises NothingPublished."""
    return _signed(publishing.own_list(), now)


def _signed(body: bytes, now: datetime) -> bytes:
    try:
        return publishing.signed(body, now)
    except NoKey as error:
        raise NothingPublished from error


def jwks() -> dict[str, object]:
    return publishing.jwks()


def card_revocations(key_id: str) -> dict[str, object] | None:
    """The revocation list of a SMART key by its thumbprint; None for a key that is not ours."""
    for key in publishing.own_signers():
        if sealing.smart_key_id(key) == key_id:
            return publishing.card_revocations(key)
    return None
