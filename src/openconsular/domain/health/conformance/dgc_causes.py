"""Why a vector of dgc-testdata and this code may rightly differ, each computed from the vector itself."""

import base64
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import cbor2

from openconsular.domain.health.conformance import Cause
from openconsular.domain.health.conformance.keys import trusted
from openconsular.domain.health.hcert import base45
from openconsular.domain.health.limits import INFLATED_MOST
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.verdict import Unreadable

LACKS_FIELD = Cause(
    "vector-lacks-field", "The vector expects an outcome but has not the field the stage works on."
)
CURVE = Cause(
    "curve-not-allowed",
    "ES256 with a key on another curve than P-256: allowed by RFC 8152, not by the WHO's certificate governance 4.1.",
)
CONTRADICTS_ITSELF = Cause(
    "vector-contradicts-itself",
    "A plain CBOR library reads the same from the vector's code as this program, and its JSON field says another thing.",
)
SEVERAL_ENTRIES = Cause(
    "several-entries",
    "More than one entry in a certificate: refused since schema 1.3.0 and by the vector DGC2, once allowed by 1.0.0.",
)


def cause_of(stage: str, fields: Mapping[str, Any], expected: bool, found: str) -> Cause | None:
    """The cause of a disagreement; None when none of those known here applies."""
    if not expected:
        return None
    for fits, cause in _REASONS:
        if fits(fields, found):
            return cause
    return None


def _is_on_other_curve(fields: Mapping[str, Any]) -> bool:
    try:
        return trusted(base64.b64decode(fields["TESTCTX"]["CERTIFICATE"])).refused == "curve-not-allowed"
    except (KeyError, TypeError, ValueError, KeyRefused):
        return False


def _contradicts_itself(fields: Mapping[str, Any]) -> bool:
    claim = _carried(fields)
    return claim is not None and bool(claim != fields.get("JSON"))


def _carried(fields: Mapping[str, Any]) -> Any:
    """The claims in the vector's own CBOR, else in its code, read without this program's rules; None where it has none."""
    for carried in (_in_cbor, _in_code):
        try:
            found = carried(fields)
            return found[-260][1] if isinstance(found, dict) and -260 in found else found
        except (LookupError, TypeError, ValueError, zlib.error, cbor2.CBORError, Unreadable):
            continue
    return None


def _in_cbor(fields: Mapping[str, Any]) -> Any:
    return cbor2.loads(bytes.fromhex(fields["CBOR"]))


def _in_code(fields: Mapping[str, Any]) -> Any:
    """The token in the code's text, for vectors that do not show their CBOR."""
    packed = base45.decode(fields["PREFIX"].removeprefix("HC1:"))
    message = cbor2.loads(zlib.decompressobj().decompress(packed, INFLATED_MOST))
    while isinstance(message, cbor2.CBORTag):
        message = message.value
    return cbor2.loads(message[2])


def _entries(fields: Mapping[str, Any]) -> int:
    told = _carried(fields) or fields.get("JSON")
    groups = [told.get(group) for group in "vtr"] if isinstance(told, dict) else []
    return sum(len(group) for group in groups if isinstance(group, list))


_REASONS: tuple[tuple[Callable[[Mapping[str, Any], str], bool], Cause], ...] = (
    (lambda fields, found: found.startswith("lacks "), LACKS_FIELD),
    (lambda fields, found: "curve-not-allowed" in found and _is_on_other_curve(fields), CURVE),
    (lambda fields, found: found == "differs: JSON" and _contradicts_itself(fields), CONTRADICTS_ITSELF),
    (lambda fields, found: found.startswith("several-entries") and _entries(fields) > 1, SEVERAL_ENTRIES),
)
