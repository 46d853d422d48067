"""What the authorities' revocation lists say, and what it does to the keys of other lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# Reasons after which nobody knows who else has the key, so that its other certificates count no more either.
KEY_LOST = frozenset({"", "unspecified", "key_compromise", "ca_compromise", "aa_compromise"})


@dataclass(frozen=True, slots=True)
class SignerRevocations:
    """One list. `revoked` gives, by serial number, why ("" where it does not say); a certificate on hold counts too.

    `number` orders the lists of an authority (CRL number, RFC 5280 section 5.2.3; None where it has none), `as_of` and
    `valid_until` are thisUpdate and nextUpdate (UTC). `issuer` is the authority's name in DER; `signed_by` the
    fingerprint of its certificate, "" where the signature was checked earlier.
    """

    issuer: bytes
    key_identifier: bytes
    number: int | None
    as_of: datetime
    valid_until: datetime | None
    revoked: Mapping[int, str] = field(repr=False)
    signed_by: str = ""

    @property
    def sequence(self) -> int:
        """The CRL number, or without one the second it was made."""
        return self.number if self.number is not None else int(self.as_of.timestamp())

    def speaks_of(self, issuer: bytes, authority_key_identifier: bytes) -> bool:
        """Whether a certificate of this issuer's could stand in it. Renewed authorities share a name, not a key."""
        return issuer == self.issuer and (
            not self.key_identifier
            or not authority_key_identifier
            or self.key_identifier == authority_key_identifier
        )

    def reason_for(self, issuer: bytes, authority_key_identifier: bytes, serial: int) -> str | None:
        """Why a certificate is revoked; None where this list says nothing of it."""
        if not self.speaks_of(issuer, authority_key_identifier):
            return None
        return self.revoked.get(serial)
