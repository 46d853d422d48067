"""Lists of keys we believe: named once, taken by file or from their one address, never older than what is held."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.trust.crl import demand_newer, read_crl
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.gateways.feeds.base import FeedUnavailable
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from openconsular.gateways.trust_lists.http import HttpLists
from openconsular.health_certificates import collecting, fetching, trusting
from openconsular.health_certificates.anchoring import anchors_of, pinned_authority
from openconsular.health_certificates.models import TrustEdition, TrustSource
from openconsular.health_certificates.trusting import ListRefused

LIST_BYTES_MOST = 32 * 1024 * 1024
# As many bytes as are collected, in Base64.
REVOCATION_BYTES_MOST = collecting.BYTES_MOST * 3 // 2
# For one list with all its slices: the others of the hour wait for it.
SECONDS_MOST = 600.0


@transaction.atomic
def add_source(
    *,
    name: str,
    kind: str,
    url: str = "",
    issuer: str = "",
    anchors: Mapping[str, Any] | None = None,
    stale_after_hours: int = 48,
    by: Actor,
    now: datetime,
) -> TrustSource:
    """Name a list. `url` (https) is the only address it will ever be fetched from.

    `anchors`: who vouches for it, see `anchoring`. `issuer` is a SMART issuer's URL, or the list id of a revocation
    list. The list of an authority's revoked signers alone may be fetched over http: it is signed.

    In the live environment a list that gives trust is not believed before another person enables it: whoever names a
    list says whose signatures count, as whoever makes a key does.
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    if kind not in TrustSource.Kind.values:
        raise InvalidInput(_("There is no such kind of list."), fields={"kind": _("unknown")})
    schemes = ("https://", "http://") if kind == TrustSource.Kind.CRL else ("https://",)
    if url and not url.startswith(schemes):
        reason = _("Lists are fetched over https only.")
        raise InvalidInput(reason, fields={"url": reason})
    if name in trusting.OWN_NAMES:
        raise Conflict(_("There is a list of this name already."))
    _demand_only_one(kind, issuer)
    try:
        with transaction.atomic():
            source = TrustSource.objects.create(
                name=name,
                environment=settings.CERTIFICATES,
                kind=kind,
                url=url,
                issuer=issuer,
                anchors=json.dumps(anchors) if anchors else "",
                is_enabled=not _takes_two(kind),
                stale_after_hours=stale_after_hours,
                created_by=by.label[:60],
                created_at=now,
            )
    except IntegrityError as error:
        raise Conflict(_("There is a list of this name already.")) from error
    _audit(source, "add", by, now, kind=kind, url=url)
    return source


def _takes_two(kind: str) -> bool:
    """Lists that only take trust away are in force at once."""
    takes_away = (TrustSource.Kind.REVOCATIONS, TrustSource.Kind.CRL)
    return bool(settings.CERTIFICATES == Environment.LIVE and kind not in takes_away)


def _demand_only_one(kind: str, issuer: str) -> None:
    """Revocation lists that bear one name are editions of one list, of which the older is refused: two in use at once,
    from different places or in different ways of writing, would leave nothing to verify with."""
    in_use = TrustSource.objects.filter(environment=settings.CERTIFICATES, is_enabled=True)
    if kind == TrustSource.Kind.REVOCATIONS and in_use.filter(kind=kind, issuer=issuer).exists():
        raise Conflict(_("A list of this issuer is in use already. Stop believing it first."))


@transaction.atomic
def switch_source(*, name: str, is_enabled: bool, by: Actor, now: datetime) -> TrustSource:
    """Stop believing a list, or believe it again."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    source = _lock(name)
    if is_enabled and not source.is_enabled:
        if _takes_two(source.kind) and source.created_by == by.label:
            raise NotAllowed(_("Another person than who named the list lets it be believed."))
        _demand_only_one(source.kind, source.issuer)
    source.is_enabled = is_enabled
    source.save(update_fields=["is_enabled"])
    _audit(source, "enable" if is_enabled else "disable", by, now)
    return source


@transaction.atomic
def import_list(
    *,
    name: str,
    content: bytes,
    confirmed: str = "",
    is_fetched: bool = False,
    goes_back: bool = False,
    by: Actor,
    now: datetime,
) -> TrustEdition:
    """Take an edition of a list. The same content again is a fresh look at it; an older one is refused.

    Of a list that does not say when it was made, an edition that was replaced once is refused as well
    ("list-seen-before"), unless a person says that its publisher went back to it (`goes_back`).

    A list without a signature somebody configured needs `confirmed`: the SHA-256 (hex) of the file, as the publisher
    told it on another way. Raises ListRefused (`code` says why; "list-older" for a roll-back,
    "list-not-vouched-for").
    """
    by.require(Permission.MANAGE_HEALTH_KEYS)
    source = _lock(name)
    held = source.editions.order_by("-pk").first()
    facts = _facts(source, content, held, now, confirmed=confirmed, is_fetched=is_fetched)
    is_dated = facts.pop("is_dated")
    if held is not None and held.sequence > facts["sequence"]:
        raise ListRefused(_("This list is older than the one that is held."), code="list-older")
    if not is_dated and not goes_back:
        _demand_not_seen(source, held, facts["digest"])
    try:
        with transaction.atomic():
            edition = TrustEdition.objects.create(
                source=source, content=content, taken_at=now, taken_by=by.label[:60], **facts
            )
    except IntegrityError as error:
        raise ListRefused(
            _("This list says something else under the same number."), code="list-conflict"
        ) from error
    source.tried_at, source.fault = now, ""
    source.save(update_fields=["tried_at", "fault"])
    if held is None or held.digest != edition.digest:
        detail: dict[str, Any] = {"keys": edition.key_count, "digest": edition.digest}
        if goes_back:
            detail["goes_back"] = True
        _audit(source, "import", by, now, **detail)
    # Of an unchanged list the newest look is enough.
    if held is not None and held.digest == edition.digest:
        held.delete()
    return edition


def _demand_not_seen(source: TrustSource, held: TrustEdition | None, digest: str) -> None:
    """Who serves an old list again hides what was taken off it since; the list itself does not give that away."""
    if held is None or held.digest == digest or not source.editions.filter(digest=digest).exists():
        return
    raise ListRefused(
        _("This edition was replaced by another one before. Ask its publisher whether they went back to it."),
        code="list-seen-before",
    )


def _facts(
    source: TrustSource, content: bytes, held: TrustEdition | None, now: datetime, **vouched: Any
) -> dict[str, Any]:
    is_revocations = source.kind == TrustSource.Kind.REVOCATIONS
    if len(content) > (REVOCATION_BYTES_MOST if is_revocations else LIST_BYTES_MOST):
        raise ListRefused(_("This list is too large."), code="list-too-large")
    if is_revocations:
        return _revocation_facts(source, content, held)
    if source.kind == TrustSource.Kind.CRL:
        return _crl_facts(source, content, held, now)
    found = trusting.read_list(source, content, taken_at=now, **vouched)
    try:
        _before(source, held).with_list(found)
    except TrustRefused as error:
        raise ListRefused(error.message, code=error.code) from error
    return {
        "sequence": found.sequence,
        "as_of": found.as_of,
        "digest": found.digest,
        "key_count": len(found.keys),
        "problem_count": len(found.problems),
        "proof": str(found.proof),
        "valid_until": found.valid_until,
        "is_dated": found.is_dated,
    }


def _before(source: TrustSource, held: TrustEdition | None) -> TrustStore:
    """A store with the edition held, so that no part of a list is replaced by an older one."""
    store = TrustStore(Environment(source.environment))
    if held is None:
        return store
    try:
        return store.with_list(trusting.held_list(held))
    except (ListRefused, InvalidInput, TrustRefused):
        # Who vouches for the list was changed since: its sequence still orders it.
        return store


def _crl_facts(
    source: TrustSource, content: bytes, held: TrustEdition | None, now: datetime
) -> dict[str, Any]:
    """Signed by an authority of any list held here, or by the one that was configured."""
    pinned = pinned_authority(anchors_of(source))
    known = pinned or trusting.believed().trust.authorities
    try:
        found = read_crl(content, authorities=known, fetched_at=now)
        if held is not None:
            demand_newer(found, read_crl(bytes(held.content), authorities=None, fetched_at=held.taken_at))
    except TrustRefused as error:
        raise ListRefused(error.message, code=error.code) from error
    said = "\n".join(f"{serial:x} {reason}" for serial, reason in sorted(found.revoked.items()))
    return {
        "sequence": int(found.as_of.timestamp()),
        "as_of": found.as_of,
        "digest": hashlib.sha256(found.issuer + said.encode()).hexdigest(),
        "key_count": len(found.revoked),
        "proof": "verified",
        "valid_until": found.valid_until,
        "is_dated": True,
    }


def _revocation_facts(source: TrustSource, content: bytes, held: TrustEdition | None) -> dict[str, Any]:
    try:
        found = trusting.publication_of(json.loads(content), source)
        before = Revocations(Environment(source.environment))
        if held is not None:
            before = before.with_list(trusting.publication_of(json.loads(bytes(held.content)), source))
        before.with_list(found)
    except RevocationRefused as error:
        raise ListRefused(error.message, code=error.code) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ListRefused(_("This is no revocation list."), code="list-unreadable") from error
    return {
        "sequence": found.version,
        "as_of": found.as_of,
        "digest": found.digest,
        "key_count": found.entries,
        "proof": "verified" if trusting.list_anchor(source) else "not-checked",
        "is_dated": True,
    }


def fetch_list(*, name: str, by: Actor, now: datetime) -> TrustEdition:
    """Take a list from its address. What went wrong is kept with the list for whoever looks after it."""
    by.require(Permission.MANAGE_HEALTH_KEYS)
    source = TrustSource.objects.filter(environment=settings.CERTIFICATES, name=name).first()
    if source is None or not source.url:
        raise NotFound(_("There is no list with an address of this name."))
    try:
        content = _collect(source) if source.kind == TrustSource.Kind.REVOCATIONS else _download(source, now)
        return import_list(name=name, content=content, is_fetched=True, by=by, now=now)
    except OpenConsularError as error:
        TrustSource.objects.filter(pk=source.pk).update(tried_at=now, fault=error.message[:300])
        raise


def _collect(source: TrustSource) -> bytes:
    """A revocation list from its address; an answer that is a whole file already is taken as it is."""
    held = source.editions.order_by("-pk").first()
    before = collecting.slices_of(bytes(held.content)) if held is not None else {}
    reader = HttpFeeds(limits=Limits(session=SECONDS_MOST, body_bytes=REVOCATION_BYTES_MOST))
    try:
        return collecting.collect(source.url, read=lambda url: reader.read(url).body or b"", held=before)
    except FeedUnavailable as error:
        raise ListRefused(error.message, code=error.code) from error
    except RevocationRefused as error:
        raise ListRefused(error.message, code=error.code) from error
    finally:
        reader.close()


def _download(source: TrustSource, now: datetime) -> bytes:
    reader = HttpLists(inner_hosts=settings.INNER_FEEDS)
    try:
        return fetching.gather(source, reader, now)
    except TrustRefused as error:
        raise ListRefused(error.message, code=error.code) from error
    finally:
        reader.close()


def pack_publication(index: bytes, slices: dict[str, bytes]) -> bytes:
    """A revocation list and its slices as the one file `import_list` takes."""
    packed = {name: base64.b64encode(content).decode() for name, content in slices.items()}
    return json.dumps({"index": index.decode(), "slices": packed}).encode()


def _lock(name: str) -> TrustSource:
    source = (
        TrustSource.objects.select_for_update().filter(environment=settings.CERTIFICATES, name=name).first()
    )
    if source is None:
        raise NotFound(_("There is no list of this name."))
    return source


def _audit(source: TrustSource, action: str, by: Actor, now: datetime, **detail: Any) -> None:
    audit.record(
        by=by,
        action=f"certificate.list_{action}",
        subject=f"list:{source.environment}:{source.name}",
        now=now,
        detail=detail,
    )
