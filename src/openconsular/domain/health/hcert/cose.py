"""COSE_Sign1 (RFC 9052 section 4.2), the envelope of a signed token, and what it lets be signed with what.

The algorithm stands in the protected header. Where that has none, the one in the unprotected header is taken and noted:
published certificates exist that put it there, and it decides nothing, because every key has one algorithm only and
another one is refused (`seals`). The key identifier may stand in either; the protected one wins (HCERT section 3.3.1).
"""

from functools import lru_cache
from typing import Any, NamedTuple

from openconsular.domain.health.certificate import Algorithm
from openconsular.domain.health.hcert import cbor
from openconsular.domain.health.limits import PROTECTED_MOST, SIGNATURE_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

# Header parameters (RFC 9052 section 3.1).
ALGORITHM, CRITICAL, CONTENT_TYPE, KEY_ID = 1, 2, 3, 4
# Algorithms (RFC 9053 section 2.1, RFC 8230 section 2).
ALGORITHMS = {-7: Algorithm.ES256, -35: Algorithm.ES384, -37: Algorithm.PS256}
NUMBERS = {algorithm: number for number, algorithm in ALGORITHMS.items()}
# COSE_Sign1 is tag 18; a CWT may wear tag 61 around it (RFC 8392 section 6).
_TAGS = (61, 18)
# Tag 18 on a list of four: how all but a few begin. Then an empty unprotected header before a payload whose length
# takes two bytes, and a signature of 64.
_USUAL, _THEN, _LAST = b"\xd2\x84", b"\xa0\x59", b"\x58\x40"
_LEAST = 90
_EMPTY_MAP = b"\xa0"
_CONTEXT = b"\x84\x6aSignature1"


class Sign1(NamedTuple):
    """A signed message taken apart.

    `algorithm` is None when there is none or one this code does not know, and then `algorithm_fault` says why.
    `key_id` is lower-case hex, "" when absent. `notes` tell what was odd and harmless.
    """

    protected: bytes
    payload: bytes
    signature: bytes
    algorithm: Algorithm | None
    algorithm_fault: str
    key_id: str
    notes: tuple[str, ...] = ()

    def to_be_signed(self, external: bytes = b"") -> bytes:
        return to_be_signed(self.protected, self.payload, external)


def read(message: bytes) -> Sign1:
    """Takes COSE_Sign1 apart, tagged 18, tagged 61(18) or untagged. Raises `Unreadable`, layer COSE or CBOR."""
    usual = _usual_parts(message)
    if usual is not None:
        protected, payload, signature = usual
        return Sign1(protected, payload, signature, *_protected_header(protected))
    parts = cbor.read(_untagged(message))
    if type(parts) is not list or len(parts) != 4:
        raise Unreadable(Layer.COSE, "cose-structure", "A signed message has four parts.")
    protected, unprotected, payload, signature = parts
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        raise Unreadable(Layer.COSE, "cose-structure", "Header, payload and signature are byte strings.")
    if type(unprotected) is not dict:
        raise Unreadable(Layer.COSE, "cose-structure", "The unprotected header is a map.")
    if len(protected) > PROTECTED_MOST or len(signature) > SIGNATURE_MOST:
        raise Unreadable(Layer.COSE, "cose-too-large", "A header or signature longer than any there is.")
    algorithm, fault, key_id = _protected_header(protected)
    if not unprotected:
        return Sign1(protected, payload, signature, algorithm, fault, key_id)
    other = _key_id(unprotected)
    notes = _note(key_id, other)
    if fault == "algorithm-missing" and unprotected.get(ALGORITHM) is not None:
        algorithm = _algorithm(unprotected[ALGORITHM])
        fault = "" if algorithm else "algorithm-unknown"
        notes = (*notes, "algorithm-unprotected")
    return Sign1(protected, payload, signature, algorithm, fault, key_id or other, notes)


def _usual_parts(message: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Header, payload and signature of a message in the usual form, cut at the lengths it gives: a third of the time
    of reading it as CBOR, which takes whatever is not exactly so."""
    size = len(message)
    if size < _LEAST or message[:2] != _USUAL or not 0x40 <= message[2] < 0x58:
        return None
    header = message[2] - 0x3D
    begin, end = header + 4, size - 66
    if (
        message[header : header + 2] != _THEN
        or int.from_bytes(message[header + 2 : begin]) != end - begin
        or message[end : end + 2] != _LAST
    ):
        return None
    return message[3:header], message[begin:end], message[end + 2 :]


def _note(key_id: str, other: str) -> tuple[str, ...]:
    if other in ("", key_id):
        return ()
    return ("key-ids-differ",) if key_id else ("key-id-unprotected",)


def _algorithm(number: Any) -> Algorithm | None:
    return ALGORITHMS.get(number) if type(number) is int else None


def _untagged(message: bytes) -> bytes:
    """The message without tags 61 and 18, in any length of writing them. cbor.read refuses every tag but dates."""
    for expected in _TAGS:
        size = _tag_size(message, expected)
        message = message[size:]
        if expected == 61 and size and not _tag_size(message, 18):
            raise Unreadable(Layer.COSE, "cose-tag", "Tag 61 does not wrap a COSE_Sign1.")
    return message


def _tag_size(message: bytes, tag: int) -> int:
    """How many bytes at the start are `tag`; 0 when they are something else."""
    if not message or message[0] >> 5 != 6:
        return 0
    short = message[0] & 31
    if short < 24:
        return 1 if short == tag else 0
    if short > 27:
        return 0
    size = 1 + (1 << (short - 24))
    return size if len(message) >= size and int.from_bytes(message[1:size]) == tag else 0


@lru_cache(maxsize=1024)
def _protected_header(protected: bytes) -> tuple[Algorithm | None, str, str]:
    """Algorithm, why it cannot be used, and key identifier. An issuer's header is the same in all its certificates."""
    header: Any = cbor.read(protected) if protected else {}
    if type(header) is not dict:
        raise Unreadable(Layer.COSE, "cose-header", "The protected header is not a map.")
    if CRITICAL in header:
        _demand_understood(header[CRITICAL], header)
    number = header.get(ALGORITHM)
    if number is None:
        return None, "algorithm-missing", _key_id(header)
    algorithm = _algorithm(number)
    return algorithm, "" if algorithm else "algorithm-unknown", _key_id(header)


def _demand_understood(critical: Any, header: dict[Any, Any]) -> None:
    """RFC 9052 section 3.1: what is marked critical must be present and understood, or the message refused."""
    understood = (ALGORITHM, CRITICAL, CONTENT_TYPE, KEY_ID)
    if type(critical) is not list or not critical:
        raise Unreadable(
            Layer.COSE, "cose-critical", "The list of critical header parameters is empty or none."
        )
    if any(type(label) is not int or label not in understood or label not in header for label in critical):
        raise Unreadable(Layer.COSE, "cose-critical", "A header parameter marked critical is not understood.")


def _key_id(header: dict[Any, Any]) -> str:
    found = header.get(KEY_ID)
    if found is None:
        return ""
    if type(found) is not bytes:
        raise Unreadable(Layer.COSE, "key-id-type", "A key identifier is a byte string.")
    return found.hex()


def to_be_signed(protected: bytes, payload: bytes, external: bytes = b"") -> bytes:
    """The Sig_structure of a COSE_Sign1 (RFC 9052 section 4.4), written by hand: it is made for every verification."""
    return _before_payload(protected, external) + _length(len(payload)) + payload


@lru_cache(maxsize=1024)
def _before_payload(protected: bytes, external: bytes) -> bytes:
    """An empty protected header counts as no bytes, however it was sent."""
    if protected == _EMPTY_MAP:
        protected = b""
    return b"".join((_CONTEXT, _length(len(protected)), protected, _length(len(external)), external))


def _length(count: int) -> bytes:
    """The head of a byte string in its shortest form."""
    if 0x100 <= count < 0x10000:
        return b"\x59" + count.to_bytes(2)
    if count < 24:
        return bytes((0x40 + count,))
    if count < 0x100:
        return bytes((0x58, count))
    return b"\x5a" + count.to_bytes(4)


def write(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """A COSE_Sign1 with tag 18 and an empty unprotected header."""
    return b"".join(
        (
            b"\xd2\x84",
            _length(len(protected)),
            protected,
            b"\xa0",
            _length(len(payload)),
            payload,
            _length(len(signature)),
            signature,
        )
    )


@lru_cache(maxsize=64)
def protected_header(algorithm: Algorithm, key_id: bytes) -> bytes:
    """{alg, kid}, both protected."""
    return cbor.write({ALGORITHM: NUMBERS[algorithm], KEY_ID: key_id})
