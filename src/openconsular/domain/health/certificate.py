"""What a certificate says, in one shape whatever its format, and the seal that vouches for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, Protocol


class Format(StrEnum):
    EU_DCC = "eu-dcc"
    ICVP = "icvp"
    DDCC_VS = "ddcc-vs"
    DDCC_TR = "ddcc-tr"
    VDS_NC = "vds-nc"
    SMART = "smart-health-card"
    DIVOC = "divoc"


class Kind(StrEnum):
    """What an entry attests; also what a key may be limited to."""

    VACCINATION = "vaccination"
    TEST = "test"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom it is about. Names as signed, and as in the machine-readable zone (ICAO 9303) where given.

    `born_on` is as precise as the certificate: "1980", "1980-05", "1980-05-17" or empty.
    """

    family_name: str = ""
    given_name: str = ""
    full_name: str = ""
    standard_family_name: str = ""
    standard_given_name: str = ""
    born_on: str = ""
    sex: str = ""
    document_number: str = ""
    document_type: str = ""
    nationality: str = ""
    guardian: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code, the list it is from ("" when the format fixes it) and the words given with it."""

    code: str = ""
    system: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One dose, test or recovery. Dates are ISO 8601 text as precise as signed; empty where the format has none.

    `valid_until` of a prophylaxis may be "life".
    """

    kind: Kind
    identifier: str = ""
    disease: Coded = Coded()
    vaccine: Coded = Coded()
    product: Coded = Coded()
    maker: Coded = Coded()
    batch: str = ""
    dose: int | None = None
    doses: int | None = None
    happened_on: str = ""
    valid_from: str = ""
    valid_until: str = ""
    country: str = ""
    issuer: str = ""
    place: str = ""
    clinician: str = ""
    test_type: Coded = Coded()
    result: Coded = Coded()


@dataclass(frozen=True, slots=True)
class Certificate:
    """`issuer_country` is as signed (alpha-2 or alpha-3). Instants are UTC.

    `claims` is the payload as plain JSON values, for rules and for showing what a code reveals. `notes` are stable
    codes of what was found odd and tolerated.
    """

    format: Format
    version: str
    holder: Holder
    entries: tuple[Entry, ...]
    issuer_country: str = ""
    issuer: str = ""
    issued_at: datetime | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Algorithm(StrEnum):
    """Signature algorithms by their JOSE names (RFC 7518; COSE numbers in RFC 9053)."""

    ES256 = "ES256"
    ES384 = "ES384"
    PS256 = "PS256"


class Seal(NamedTuple):
    """A signature over `message`. ECDSA signatures are raw r‖s.

    `key_ids` are tried in order; none means every key of the issuer. `certificate` is one carried inside (DER).
    """

    algorithm: Algorithm
    message: bytes
    signature: bytes
    key_ids: tuple[str, ...] = ()
    issuer: str = ""
    certificate: bytes | None = None


class Presented(Protocol):
    """What a codec made of a text: the seal now, the claims when somebody asks.

    Key identifiers are lower-case hex for HCERT and VDS-NC, and the text itself for SMART. `certificate` raises
    `Unreadable` with layer CLAIMS or SCHEMA when the claims cannot be what the format demands. `revocation_ids` are
    those of `revocation.identify`.
    """

    @property
    def format(self) -> Format: ...
    @property
    def seal(self) -> Seal: ...
    @property
    def kinds(self) -> frozenset[Kind]: ...
    @cached_property
    def certificate(self) -> Certificate: ...


class Unsealed(Protocol):
    """A certificate whose signature cannot be checked here; `unchecked` is the reason why. It may be shown, no more."""

    @property
    def format(self) -> Format: ...
    @property
    def unchecked(self) -> str: ...
    @cached_property
    def certificate(self) -> Certificate: ...
