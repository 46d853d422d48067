"""The contract of everything a signer's certificate is uploaded with. All pass tests/gateways/test_trust_uploads.py."""

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from openconsular.foundation.errors import InvalidInput, Unavailable


class UploadRefused(InvalidInput):
    """The network looked at the message and does not take it."""

    code = "upload-refused"


class UploadUnavailable(Unavailable):
    """The network was not reached, or did not answer as it should. Trying again does no harm."""

    code = "upload-unavailable"


class Outcome(StrEnum):
    """What became of it. Doing the same again is no fault."""

    TAKEN = "taken"
    WAS_THERE = "was-there"
    REMOVED = "removed"
    WAS_GONE = "was-gone"


@dataclass(frozen=True, slots=True)
class UploadMessage:
    """A CMS message in DER with a signer's certificate in it.

    `key_id` (16 hex digits) names that certificate; `domain` is the trust domain it is for ("ICVP"), "" for the form of
    the EU's gateway, which has none.
    """

    cms: bytes
    key_id: str
    domain: str = ""

    @property
    def text(self) -> str:
        """Base64 on one line, as it is sent."""
        return base64.b64encode(self.cms).decode("ascii")


class TrustUploads(Protocol):
    """Raises UploadRefused and UploadUnavailable and nothing else, and takes a bounded time."""

    def put(self, message: UploadMessage) -> Outcome:
        """Add the certificate: TAKEN or WAS_THERE."""

    def remove(self, message: UploadMessage) -> Outcome:
        """Take it off: REMOVED or WAS_GONE."""

    def close(self) -> None:
        """Let go of connections."""
