"""A list from its address, with whatever belongs to it: documents it refers to, files named beside it.

Nothing is fetched but over https, from the address and hosts an operator configured for this list, never from a private
address, and references only of documents whose signature holds.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from openconsular.domain.health.trust.bundle import pack
from openconsular.domain.health.trust.did import read_document
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.limits import LIST_BYTES_MOST
from openconsular.domain.health.trust.model import Environment, Proof
from openconsular.gateways.trust_lists.base import (
    ListDocument,
    ListReader,
    ListSource,
    ListUnavailable,
    read_with_references,
)
from openconsular.health_certificates.anchoring import anchors_of, did_anchor
from openconsular.health_certificates.models import TrustSource


def gather(source: TrustSource, reader: ListReader, now: datetime) -> bytes:
    """The one file `actions.trust.import_list` takes. Raises ListUnavailable, and TrustRefused for hostile documents."""
    anchors = anchors_of(source)
    hosts = tuple(str(host) for host in anchors.get("hosts", ()))
    # A revocation list of an authority is signed by it, and most authorities serve theirs over http (RFC 5280, 8).
    plain = source.kind == TrustSource.Kind.CRL and source.url.startswith("http://")
    where = ListSource(source.url, hosts, plain=plain)
    if source.kind == TrustSource.Kind.GDHCN_DID:
        return pack(_whole(read_with_references(reader, where, _References(source, now))))
    addresses = ("", *(str(address) for address in anchors.get("also", ())))
    return pack(_whole(reader.read(where, address) for address in addresses))


class _References:
    """The documents a signed document of the trust network leaves keys to."""

    def __init__(self, source: TrustSource, now: datetime) -> None:
        self._environment = Environment(source.environment)
        self._anchor = did_anchor(anchors_of(source))
        self._now = now

    def __call__(self, document: ListDocument) -> Collection[str]:
        read = read_document(
            document.body or b"", environment=self._environment, fetched_at=self._now, anchor=self._anchor
        )
        if read.references and read.proof is not Proof.VERIFIED:
            raise TrustRefused(
                "proof-missing", "References are followed only of documents signed by a configured key."
            )
        return read.references


def _whole(documents: Iterable[ListDocument]) -> list[bytes]:
    """Counted while they come: what is too large together is not read to its end."""
    bodies: list[bytes] = []
    size = 0
    for document in documents:
        bodies.append(document.body or b"")
        size += len(bodies[-1])
        if size > LIST_BYTES_MOST:
            raise ListUnavailable("The parts of the list are too large together.", code="list-too-large")
    return bodies
