"""The COSE working group's examples of COSE_Sign1, with the algorithms health certificates may be signed with.

A vector is `{input: {sign0: {key, alg, external?}, plaintext}, intermediates: {ToBeSign_hex}, output: {cbor}, fail?}`.
Run below the rules of HCERT: an algorithm that is not signed over, which HCERT refuses, is plain COSE.
"""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicNumbers

from openconsular.domain.health.certificate import Seal
from openconsular.domain.health.conformance import Disagreement, Suite, files, name_of, read_json
from openconsular.domain.health.hcert import cose
from openconsular.domain.health.signing import seals
from openconsular.domain.health.verdict import Unreadable

_CURVES = {"P-256": SECP256R1, "P-384": SECP384R1}
_ALGORITHMS = ("ES256", "ES384")


def run(data: Path) -> Iterator[Suite]:
    """Every COSE_Sign1 example below `data`."""
    counted, skipped, disagreements = 0, 0, []
    for path in files(data, ".json"):
        vector = read_json(path)
        if not _is_sign1(vector):
            continue
        if not _is_ours(vector["input"]["sign0"]):
            skipped += 1
            continue
        counted += 1
        expected = not vector.get("fail", False)
        found = _outcome(vector)
        if (found == "") is not expected:
            told = "accepted" if expected else "refused"
            disagreements.append(Disagreement(name_of(data, path), told, found or "accepted"))
    yield Suite("cose", counted, tuple(disagreements), skipped)


def _is_sign1(vector: Any) -> bool:
    return (
        isinstance(vector, dict)
        and isinstance(vector.get("input"), dict)
        and isinstance(vector["input"].get("sign0"), dict)
        and isinstance(vector.get("output"), dict)
        and isinstance(vector["output"].get("cbor"), str)
    )


def _is_ours(signing: Mapping[str, Any]) -> bool:
    """Whether the example was signed with what certificates may be signed with, before it was spoilt."""
    key = signing.get("key")
    return isinstance(key, dict) and str(key.get("crv")) in _CURVES and str(signing.get("alg")) in _ALGORITHMS


def _outcome(vector: Mapping[str, Any]) -> str:
    """ "" when the signature holds, else why not. An example with other things in its places is told, and no more."""
    try:
        return _judge(vector)
    except (AttributeError, KeyError, TypeError, ValueError):
        return "the example lacks something or has it in another form"


def _judge(vector: Mapping[str, Any]) -> str:
    signing = vector["input"]["sign0"]
    try:
        signed = cose.read(bytes.fromhex(vector["output"]["cbor"]))
    except Unreadable as unreadable:
        return unreadable.code
    algorithm = signed.algorithm
    if algorithm is None:
        return signed.algorithm_fault
    message = signed.to_be_signed(bytes.fromhex(signing.get("external", "")))
    fault = seals.fault(Seal(algorithm, message, signed.signature), _public_key(signing["key"]))
    published = vector.get("intermediates", {}).get("ToBeSign_hex", "")
    if not fault and message.hex() != published.lower():
        return "the structure signed over differs"
    return fault


def _public_key(key: Mapping[str, str]) -> seals.PublicKey:
    numbers = EllipticCurvePublicNumbers(_number(key, "x"), _number(key, "y"), _CURVES[key["crv"]]())
    return numbers.public_key()


def _number(key: Mapping[str, str], name: str) -> int:
    if f"{name}_hex" in key:
        return int(key[f"{name}_hex"], 16)
    try:
        return int.from_bytes(base64.urlsafe_b64decode(key[name] + "=" * (-len(key[name]) % 4)))
    except ValueError:
        return 0
