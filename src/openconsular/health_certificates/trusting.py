"""Lists of others: read by their kind, kept by edition, never replaced by an older one; and the stores made of them.

A store is made anew when an edition or a key of ours has changed, and kept by the process meanwhile.
"""

import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from django.conf import settings
from django.db.models import Max

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.lists import RevocationList
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.slices import read_publication
from openconsular.domain.health.trust.bundle import unpack
from openconsular.domain.health.trust.crl import read_crl
from openconsular.domain.health.trust.did import read_did, read_document
from openconsular.domain.health.trust.dsc_list import DscAnchors, read_dsc_list
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.jwks import read_directory, read_jwks
from openconsular.domain.health.trust.model import Environment, TrustList, TrustStore
from openconsular.domain.health.trust.revoked_signers import SignerRevocations
from openconsular.domain.health.trust.revoking import with_revoked
from openconsular.domain.health.trust.vds_signers import read_vds_signers
from openconsular.domain.health.verify import Policy
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates import own_cards, publishing, revoked_lists
from openconsular.health_certificates.anchoring import anchors_of, did_anchor, dsc_anchors, ec_key
from openconsular.health_certificates.collecting import vouched_index
from openconsular.health_certificates.models import (
    RevocationEdition,
    SigningKey,
    TrustEdition,
    TrustSource,
)

Kind = TrustSource.Kind
OWN = "own"
# By which the lists made of our own tables are known among those of others.
OWN_NAMES = frozenset({OWN, own_cards.LIST_ID})


class ListRefused(InvalidInput):
    """This list cannot be taken."""

    code = "list-refused"


def read_list(
    source: TrustSource, content: bytes, *, taken_at: datetime, confirmed: str = "", is_fetched: bool = False
) -> TrustList:
    """A list by the kind of its source. Raises ListRefused with the reader's own code.

    `confirmed` is the SHA-256 (hex) that a person compared with the publisher's; `is_fetched` says that the bytes come
    from the source's own address over TLS, which is all the proof some kinds have.
    """
    environment, name = Environment(source.environment), source.name
    anchors = anchors_of(source)
    confirmed = confirmed or str(anchors.get("confirmed", ""))
    try:
        if source.kind == Kind.GDHCN_DID:
            return _of_network(source, content, taken_at, confirmed)
        common: dict[str, Any] = {"list_id": name, "environment": environment, "fetched_at": taken_at}
        if source.kind == Kind.DSC_LIST:
            return read_dsc_list(content, anchors=dsc_anchors(anchors, confirmed), **common)
        if source.kind == Kind.VDS_NC:
            return read_vds_signers(content, confirmed=confirmed, **common)
        if source.issuer:
            # What the standard offers as proof is that it came from the issuer's own address.
            is_issuers = is_fetched and source.url.startswith(source.issuer.rstrip("/") + "/")
            return read_jwks(
                content,
                issuer=source.issuer,
                confirmed=confirmed,
                from_issuer=is_issuers,
                **common,
            ).keys
        return read_directory(content, confirmed=confirmed, from_publisher=bool(source.url), **common).keys
    except (TrustRefused, KeyRefused) as error:
        raise ListRefused(error.message, code=error.code) from error


def _of_network(source: TrustSource, content: bytes, taken_at: datetime, confirmed: str) -> TrustList:
    """A document of the trust network, or several that came together. Who confirms the whole confirms each."""
    environment, parts = Environment(source.environment), unpack(content)
    if confirmed and hashlib.sha256(content).hexdigest() != confirmed.strip().replace(":", "").lower():
        raise TrustRefused("fingerprint-wrong", "The file is not the one whose fingerprint was confirmed.")
    documents = [
        read_document(
            part,
            environment=environment,
            fetched_at=taken_at,
            anchor=did_anchor(anchors_of(source)),
            confirmed=hashlib.sha256(part).hexdigest() if confirmed else "",
        )
        for part in parts
    ]
    return read_did(documents, list_id=source.name, environment=environment)


# ------------------------------------------------------------------ the stores


@dataclass(frozen=True)
class Believed:
    """All a verification asks, as it stands now."""

    trust: TrustStore
    revocations: Revocations
    policy: Policy


_KEPT: dict[str, tuple[tuple[Any, ...], Believed]] = {}


def believed() -> Believed:
    """Keys and revocations of this environment: every list held, our own keys and our own revocations."""
    environment = settings.CERTIFICATES
    state = _state(environment)
    kept = _KEPT.get(environment)
    if kept is None or kept[0] != state:
        kept = (state, _load(environment))
        _KEPT[environment] = kept
    return kept[1]


def _state(environment: str) -> tuple[Any, ...]:
    """What the stores are made of, in three short queries."""
    editions = TrustEdition.objects.filter(source__environment=environment, source__is_enabled=True)
    own = SigningKey.objects.filter(environment=environment, purpose__in=("dsc", "sca"))
    return (
        settings.DATABASES["default"]["NAME"],
        tuple(editions.order_by("source").values_list("source").annotate(newest=Max("pk"))),
        tuple(own.order_by("pk").values_list("pk", "state")),
        RevocationEdition.objects.filter(environment=environment).aggregate(newest=Max("pk"))["newest"],
    )


def _load(environment: str) -> Believed:
    trust = TrustStore(Environment(environment))
    revocations = Revocations(Environment(environment))
    signers: list[SignerRevocations] = []
    own = RevocationEdition.objects.filter(environment=environment).order_by("-version").first()
    for edition in newest_editions(environment):
        if edition.source.kind == Kind.REVOCATIONS:
            if own is not None and edition.source.issuer == publishing.list_id():
                # Somebody's copy of our own list, which may be older than what we have.
                continue
            revocations = revocations.with_list(_publication(edition))
        elif edition.source.kind == Kind.CRL:
            signers.append(read_crl(bytes(edition.content), authorities=None, fetched_at=edition.taken_at))
        else:
            trust = trust.with_list(held_list(edition))
    own_keys = _own(environment)
    trust = trust.with_list(own_keys)
    cards = own_cards.keys(Environment(environment), own_keys.as_of)
    if cards is not None:
        trust = trust.with_list(cards.keys)
    if own is not None:
        revocations = revocations.with_list(_own_publication(own))
        revocations = own_cards.with_revoked(revocations, own.published_at)
    return Believed(with_revoked(trust, signers), revocations, Policy())


def held_list(edition: TrustEdition) -> TrustList:
    """An edition as it was taken. What was vouched for then by a person or an address is known by its digest now."""
    content = bytes(edition.content)
    return read_list(
        edition.source, content, taken_at=edition.taken_at, confirmed=hashlib.sha256(content).hexdigest()
    )


def newest_editions(environment: str) -> list[TrustEdition]:
    """The edition in force of every list in use."""
    sources = TrustSource.objects.filter(environment=environment, is_enabled=True)
    newest = TrustEdition.objects.filter(source__in=sources).values("source").annotate(newest=Max("pk"))
    found = TrustEdition.objects.filter(pk__in=[one["newest"] for one in newest])
    return list(found.select_related("source").order_by("source__name"))


def _own(environment: str) -> TrustList:
    """Our own keys: as good as the table they lie in."""
    keys = SigningKey.objects.filter(environment=environment, activated_at__isnull=False)
    as_of = keys.aggregate(newest=Max("activated_at"))["newest"]
    content = publishing.own_list()
    return read_dsc_list(
        content,
        list_id=OWN,
        environment=Environment(environment),
        anchors=DscAnchors(confirmed=hashlib.sha256(content).hexdigest()),
        fetched_at=as_of or datetime.fromisoformat("2000-01-01T00:00:00+00:00"),
    )


def _own_publication(edition: RevocationEdition) -> RevocationList:
    body = edition.index_json.encode().partition(b"\n")[2]
    return read_publication(
        body,
        revoked_lists.slices_for(body),
        list_id=publishing.list_id(),
        environment=Environment(edition.environment),
    )


def _publication(edition: TrustEdition) -> RevocationList:
    """A list of somebody else, kept as one file: {"index": ..., "slices": {name: base64}}."""
    held = json.loads(bytes(edition.content))
    return publication_of(held, edition.source)


def publication_of(held: Mapping[str, Any], source: TrustSource) -> RevocationList:
    slices = {name: b64decode(text) for name, text in held["slices"].items()}

    def named(digest: str) -> bytes:
        if digest not in slices:
            raise RevocationRefused("slice-missing", f"The slice {digest[:16]} is not there.")
        return slices[digest]

    index, _is_signed = vouched_index(str(held["index"]).encode(), list_anchor(source))
    return read_publication(index, named, list_id=source.issuer, environment=Environment(source.environment))


def list_anchor(source: TrustSource) -> EllipticCurvePublicKey | None:
    """The key that signs a revocation list, where one was configured."""
    anchors = anchors_of(source)
    return ec_key(anchors) if anchors.get("public_key") else None


def is_stale(source: TrustSource, edition: TrustEdition | None, now: datetime) -> bool:
    """Too old for whoever configured it, or replaced by now if its publisher keeps to what the list says."""
    if edition is None or edition.as_of < now - timedelta(hours=source.stale_after_hours):
        return True
    return is_overdue(edition, now)


def is_overdue(edition: TrustEdition | None, now: datetime) -> bool:
    """Whether the next edition should be there, by the list's own word."""
    return edition is not None and edition.valid_until is not None and edition.valid_until < now
