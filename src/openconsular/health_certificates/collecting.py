"""Another country's revocation list from its address: the signed index first, then the slices that are not held yet.

Slices are asked for beside the index ("slices/<SHA-256>") and nowhere else; what comes back must hash to its name. An
index of form 2 is what `revoked_lists` publishes, whole, shortened or in filters.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urljoin

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from openconsular.domain.health.certificate import Algorithm, Seal
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.parts import fetched
from openconsular.domain.health.revocation.segments import names_in_index, names_in_segment
from openconsular.domain.health.signing.seals import fault

BYTES_MOST = 96 * 1024 * 1024
SLICES_MOST = 50_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
Read = Callable[[str], bytes]


def collect(url: str, *, read: Read, held: Mapping[str, bytes]) -> bytes:
    """The list as the one file `actions.trust.import_list` takes: {"index": ..., "slices": {name: base64}}.

    An address that gives such a file is taken at its word. `held` are slices by name from before. Raises RevocationRefused: "list-unreadable", "list-too-large", "slice-wrong".
    """
    index = read(url)
    if index.startswith(b'{"index"'):
        return index
    found: dict[str, bytes] = {}
    size = len(index)

    def take(names: Iterable[str]) -> None:
        nonlocal size
        for name in names:
            if not _DIGEST.fullmatch(name):
                raise RevocationRefused(
                    "list-unreadable", "The index names slices in a way that is not known."
                )
            if name in found:
                continue
            content = held[name] if name in held else read(urljoin(url, f"slices/{name}"))
            found[name] = fetched(name, {name: content}.__getitem__)
            size += len(content)
            if size > BYTES_MOST or len(found) > SLICES_MOST:
                raise RevocationRefused("list-too-large", "The list has more bytes or slices than are read.")

    segments = names_in_index(_body(index))
    take(segments)
    for segment in segments:
        take(names_in_segment(found[segment]))
    packed = {name: base64.b64encode(content).decode() for name, content in found.items()}
    return json.dumps({"index": index.decode("utf-8", "replace"), "slices": packed}).encode()


def slices_of(content: bytes) -> dict[str, bytes]:
    """The slices of a file as `collect` makes it."""
    return {name: base64.b64decode(text) for name, text in json.loads(content)["slices"].items()}


def vouched_index(index: bytes, key: EllipticCurvePublicKey | None) -> tuple[bytes, bool]:
    """The index without the line of its signature, and whether `key` signed it.

    Raises RevocationRefused: "proof-missing", "proof-wrong" when a key is configured and did not.
    """
    body = _body(index)
    if key is None:
        return body, False
    if body is index:
        raise RevocationRefused("proof-missing", "The list is not signed.")
    try:
        signature = base64.b64decode(index.partition(b"\n")[0], validate=True)
    except ValueError as cause:
        raise RevocationRefused("proof-wrong", "The signature of the list cannot be read.") from cause
    if fault(Seal(Algorithm.ES256, body, signature), key):
        raise RevocationRefused("proof-wrong", "The list is not signed with the key that was configured.")
    return body, True


def _body(index: bytes) -> bytes:
    """What stands below the line with the signature, or all of it where there is none."""
    return index if index.startswith(b"{") else index.partition(b"\n")[2]
