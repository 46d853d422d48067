"""The EU's test vectors of digital COVID certificates (dgc-testdata): each stage of reading one, by itself.

A vector is a JSON object with TESTCTX and EXPECTEDRESULTS; a stage is run where its EXPECTED... flag is set, and
must succeed or fail as the flag says (README of dgc-testdata, "2D Code").
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openconsular.domain.health import jsontext
from openconsular.domain.health.carriers import pictures
from openconsular.domain.health.conformance import (
    LARGEST_FILE,
    Disagreement,
    Suite,
    files,
    name_of,
    read_json,
)
from openconsular.domain.health.conformance.certificates import der_of
from openconsular.domain.health.conformance.dgc_causes import Difference, cause_of
from openconsular.domain.health.conformance.keys import store_of
from openconsular.domain.health.conformance.value_sets import sets_in
from openconsular.domain.health.findings import key_findings
from openconsular.domain.health.hcert import base45, cbor, dcc, envelope
from openconsular.domain.health.hcert.cwt import HEALTH_CLAIM
from openconsular.domain.health.hcert.fields import instant
from openconsular.domain.health.hcert.read import HcertPresented, read, read_token
from openconsular.domain.health.signing.signer import signer_of
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.verdict import CheckName, Unreadable
from openconsular.domain.health.verify import NoRevocations, verify_presented


@dataclass(frozen=True, slots=True)
class Vector:
    """One file. Fields are as published; a field the stage needs and the file lacks is a `Lacking`."""

    name: str
    fields: Mapping[str, Any]

    @property
    def context(self) -> Mapping[str, Any]:
        found = self.fields["TESTCTX"]
        return found if isinstance(found, dict) else {}

    def text(self, field: str) -> str:
        found = self.fields.get(field)
        if not isinstance(found, str):
            raise Lacking(field)
        return found

    def octets(self, field: str) -> bytes:
        try:
            return bytes.fromhex(self.text(field))
        except ValueError:
            raise Lacking(field) from None

    @property
    def certificate(self) -> bytes:
        try:
            found = der_of(self.context["CERTIFICATE"])
        except (KeyError, TypeError, ValueError):
            found = b""
        if not found:
            raise Lacking("TESTCTX.CERTIFICATE")
        return found

    @property
    def clock(self) -> datetime:
        """The instant to verify at; some files leave the zone out."""
        told = str(self.context.get("VALIDATIONCLOCK", ""))
        when = instant(told) or instant(told + "Z")
        if when is None:
            raise Lacking("TESTCTX.VALIDATIONCLOCK")
        return when

    @property
    def claim(self) -> dict[str, Any]:
        """The certificate in CBOR: by itself, or in its token, as some countries gave it."""
        found = cbor.read(self.octets("CBOR"))
        if type(found) is dict and type(found.get(HEALTH_CLAIM)) is dict:
            found = found[HEALTH_CLAIM].get(1)
        return dcc.plain(found)

    @property
    def json(self) -> Any:
        found = self.fields.get("JSON")
        if isinstance(found, str):
            # Some vectors have it as a text.
            found = jsontext.parse(found.strip(), most=LARGEST_FILE)
        if found is None:
            raise Lacking("JSON")
        return found


class Lacking(Exception):
    """The file has no such field, or nothing of its kind in it."""


class Differs(Exception):
    """A stage was done, and the outcome is not what the file holds."""


def run(data: Path) -> Iterator[Suite]:
    """Every stage of every vector below `data`."""
    vectors = list(_vectors(data))
    for stage, (flag, work) in STAGES.items():
        asked = [(vector, vector.fields["EXPECTEDRESULTS"].get(flag)) for vector in vectors]
        asked = [(vector, expected) for vector, expected in asked if isinstance(expected, bool)]
        wrong = tuple(_disagreements(data, stage, work, asked))
        yield Suite(f"dgc-testdata-{stage}", len(asked), wrong)


def _vectors(data: Path) -> Iterator[Vector]:
    for path in files(data, ".json"):
        found = read_json(path)
        if isinstance(found, dict) and isinstance(found.get("EXPECTEDRESULTS"), dict) and "TESTCTX" in found:
            yield Vector(name_of(data, path), found)


def _disagreements(
    data: Path, stage: str, work: Callable[[Vector], None], asked: Iterable[tuple[Vector, bool]]
) -> Iterator[Disagreement]:
    for vector, expected in asked:
        found = _outcome(work, vector)
        if (found == "") is not expected:
            cause = cause_of(Difference(stage, vector.fields, expected, found, sets_in(data)))
            yield Disagreement(vector.name, "accepted" if expected else "refused", found or "accepted", cause)


def _outcome(work: Callable[[Vector], None], vector: Vector) -> str:
    """ "" when the stage succeeds, else why not."""
    try:
        work(vector)
    except Unreadable as fault:
        return f"{fault.code}: {fault.message}"
    except KeyRefused as fault:
        return f"{fault.code}: {fault.message}"
    except Lacking as field:
        return f"lacks {field}"
    except Differs as what:
        return f"differs: {what}"
    return ""


def _verify(vector: Vector) -> None:
    """The whole signature: header, key identifier, algorithm, key."""
    presented = _token(vector)
    signed = signer_of(presented, presented.terms, store_of(vector.certificate), _ANY)
    if signed.key is None:
        raise Differs(signed.reason)


def _unprefix(vector: Vector) -> None:
    _same(envelope.without_prefix(vector.text("PREFIX")), vector.text("BASE45"), "BASE45")


def _base45(vector: Vector) -> None:
    found = base45.decode(vector.text("BASE45"))
    if "COMPRESSED" in vector.fields:
        _same(found, vector.octets("COMPRESSED"), "COMPRESSED")


def _compression(vector: Vector) -> None:
    _same(envelope.inflate(vector.octets("COMPRESSED")), vector.octets("COSE"), "COSE")


def _decode(vector: Vector) -> None:
    _same(vector.claim, vector.json, "JSON")


def _valid_json(vector: Vector) -> None:
    """The whole way from the code's text to the claims."""
    _same(dcc.plain(read(vector.text("PREFIX")).claim), vector.json, "JSON")


def _schema(vector: Vector) -> None:
    if "CBOR" in vector.fields:
        dcc.check(vector.claim)
    elif isinstance(vector.json, dict):
        dcc.check(vector.json)
    else:
        raise Differs("JSON is not a map")


def _picture(vector: Vector) -> None:
    try:
        picture = base64.b64decode(_DATA_ADDRESS.sub("", vector.text("2DCODE")))
    except ValueError:
        raise Lacking("2DCODE") from None
    found = pictures.codes_in(picture)
    if vector.text("PREFIX") not in found:
        raise Differs("PREFIX")


def _expiration(vector: Vector) -> None:
    """The certificate's own dates at the vector's clock."""
    verdict = verify_presented(
        _token(vector), trust=store_of(vector.certificate), revocations=NoRevocations(), now=vector.clock
    )
    [check] = [check for check in verdict.checks if check.name is CheckName.VALIDITY]
    if check.reason:
        raise Differs(check.reason)


def _key_usage(vector: Vector) -> None:
    presented, store = _token(vector), store_of(vector.certificate)
    signed = signer_of(presented, presented.terms, store, _ANY)
    if signed.key is None:
        raise Differs(signed.reason)
    for finding in key_findings(presented, presented.terms, signed.key, _ANY):
        if finding.check.name is CheckName.KEY_USAGE and finding.check.reason:
            raise Differs(finding.check.reason)


def _token(vector: Vector) -> HcertPresented:
    """From COSE, or by way of the code's text where a vector has only that."""
    if isinstance(vector.fields.get("COSE"), str):
        return read_token(vector.octets("COSE"))
    return read(vector.text("PREFIX"))


def _same(found: Any, expected: Any, field: str) -> None:
    if found != expected:
        raise Differs(field)


# A moment inside every vector's time, for checks that do not look at the clock.
_ANY = datetime(2021, 6, 1, tzinfo=UTC)

_DATA_ADDRESS = re.compile(r"^data:image/\w+;base64,")

STAGES: dict[str, tuple[str, Callable[[Vector], None]]] = {
    "picturedecode": ("EXPECTEDPICTUREDECODE", _picture),
    "unprefix": ("EXPECTEDUNPREFIX", _unprefix),
    "b45decode": ("EXPECTEDB45DECODE", _base45),
    "compression": ("EXPECTEDCOMPRESSION", _compression),
    "verify": ("EXPECTEDVERIFY", _verify),
    "decode": ("EXPECTEDDECODE", _decode),
    "validjson": ("EXPECTEDVALIDJSON", _valid_json),
    "schemavalidation": ("EXPECTEDSCHEMAVALIDATION", _schema),
    "expiration": ("EXPECTEDEXPIRATIONCHECK", _expiration),
    "keyusage": ("EXPECTEDKEYUSAGE", _key_usage),
}
