"""What a verification found: never a bare yes or no.

A verdict names its state, the layer at which a certificate broke, a stable reason, and one check for each thing that
was or could not be looked at, with the age of the list it was looked up in.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from openconsular.domain.health.certificate import Certificate, Presented, Unsealed


class State(StrEnum):
    """The one word a border guard sees; only VALID lets anybody pass."""

    VALID = "valid"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN_ISSUER = "unknown-issuer"
    WRONG_KEY_USAGE = "wrong-key-usage"
    BROKEN = "broken"
    AMBIGUOUS = "ambiguous"


class Layer(StrEnum):
    """Where a certificate broke, from the outside in."""

    PICTURE = "picture"
    TEXT = "text"
    BASE45 = "base45"
    COMPRESSION = "compression"
    CBOR = "cbor"
    COSE = "cose"
    JSON = "json"
    JWS = "jws"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    SCHEMA = "schema"


class CheckName(StrEnum):
    """What can be looked at. Each appears once in every verdict, in this order."""

    FORMAT = "format"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    KEY_USAGE = "key-usage"
    KEY_VALIDITY = "key-validity"
    VALIDITY = "validity"
    REVOCATION = "revocation"
    CONTENT = "content"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `as_of` is the age of the list it was looked up in, UTC, where there was one."""

    name: CheckName
    outcome: Outcome
    reason: str = ""
    as_of: datetime | None = None


class Verdict(NamedTuple):
    """`reason` is a stable code in kebab case (docs/reference/health-reasons.md); empty only when valid.

    `presented` is what was read, None when nothing could be.
    """

    state: State
    reason: str
    checks: tuple[Check, ...]
    layer: Layer | None = None
    presented: "Presented | Unsealed | None" = None

    @property
    def certificate(self) -> "Certificate | None":
        """What the certificate says, made when asked for; None when its claims cannot be read."""
        if self.presented is None:
            return None
        try:
            return self.presented.certificate
        except Unreadable:
            return None


class Unreadable(Exception):
    """What was presented cannot be a certificate. `code` is the verdict's reason, `layer` where it broke."""

    def __init__(self, layer: Layer, code: str, message: str = "") -> None:
        self.layer = layer
        self.code = code
        self.message = message or code
        super().__init__(self.message)
