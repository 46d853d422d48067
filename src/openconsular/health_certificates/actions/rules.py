"""Lists of entry rules: named once, taken by file or from their one address, never rolled back."""

import hashlib
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.limits import LIST_BYTES_MOST, RULES_MOST
from openconsular.domain.health.rules.listing import (
    Refusal,
    is_packed,
    list_rules,
    list_value_sets,
)
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.storable import storable
from openconsular.gateways.feeds.base import FeedUnavailable
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from openconsular.health_certificates.entry_rules import RulesRefused
from openconsular.health_certificates.models import RuleEdition, RuleSource
from openconsular.health_certificates.rule_signers import signers_in
from openconsular.health_certificates.rule_taking import Taken, take_rules, take_value_sets

REFUSALS_KEPT = 500
_HASH = re.compile("[0-9a-fA-F]{64}")
_COUNTRY = re.compile("(?:[A-Za-z]{2,3})?")
# For one list with all its texts: the others of the hour wait for it.
SECONDS_MOST = 600.0


@transaction.atomic
def add_rule_source(
    *,
    name: str,
    kind: str,
    url: str = "",
    signers: str = "",
    stale_after_hours: int = 48,
    by: Actor,
    now: datetime,
) -> RuleSource:
    """Name a list of rules or of value sets. `url` (https) is the only address it will ever be fetched from; `signers`
    are PEM certificates with which countries sign their rules."""
    by.require(Permission.MANAGE_ENTRY_RULES)
    if kind not in RuleSource.Kind.values:
        raise InvalidInput(_("There is no such kind of list."), fields={"kind": _("unknown")})
    if url and not url.startswith("https://"):
        reason = _("Lists are fetched over https only.")
        raise InvalidInput(reason, fields={"url": reason})
    signers_in(signers)
    try:
        with transaction.atomic():
            source = RuleSource.objects.create(
                name=name,
                environment=settings.CERTIFICATES,
                kind=kind,
                url=url,
                signers=signers,
                stale_after_hours=stale_after_hours,
                created_by=by.label[:60],
                created_at=now,
            )
    except IntegrityError as error:
        raise Conflict(_("There is a list of this name already.")) from error
    _audit(source, "add", by, now, kind=kind, url=url)
    return source


@transaction.atomic
def switch_rule_source(*, name: str, is_enabled: bool, by: Actor, now: datetime) -> RuleSource:
    """Stop judging by a list, or judge by it again."""
    by.require(Permission.MANAGE_ENTRY_RULES)
    source = _lock(name)
    source.is_enabled = is_enabled
    source.save(update_fields=["is_enabled"])
    _audit(source, "enable" if is_enabled else "disable", by, now)
    return source


@transaction.atomic
def import_rules(
    *,
    name: str,
    content: bytes,
    is_fetched: bool = False,
    index_digest: str = "",
    may_shrink: bool = False,
    by: Actor,
    now: datetime,
) -> RuleEdition:
    """Take what a list says now. Each entry that cannot be used stays out with its reason; an older version of a rule
    never replaces a newer one, and while any was tried nothing is withdrawn.

    Raises RulesRefused: "rule-malformed" (no list at all), "rules-too-large", "rules-empty", and "rules-shrunk" when
    more than half of the rules held would go; `may_shrink` says that a person has seen to that.
    """
    by.require(Permission.MANAGE_ENTRY_RULES)
    source = _lock(name)
    if len(content) > LIST_BYTES_MOST:
        raise RulesRefused(_("This list is too large."), code="rules-too-large")
    digest = hashlib.sha256(content).hexdigest()
    taken = _take(source, content, now, may_shrink=may_shrink)
    held = source.editions.order_by("-pk").first()
    if held is not None and held.digest == digest and not taken.changes:
        return _seen(source, held, now)
    edition = RuleEdition.objects.create(
        source=source,
        digest=digest,
        index_digest=index_digest,
        taken_count=taken.count,
        refused_count=len(taken.refused),
        refused=[_told(one) for one in taken.refused[:REFUSALS_KEPT]],
        incomplete=sorted(map(storable, taken.incomplete)),
        added=taken.added,
        withdrawn=taken.withdrawn,
        proof="signed" if taken.is_signed else "address" if is_fetched else "file",
        seen_at=now,
        taken_at=now,
        taken_by=by.label[:60],
    )
    _seen(source, edition, now)
    detail = {
        "digest": digest,
        "added": taken.added,
        "withdrawn": taken.withdrawn,
        "refused": len(taken.refused),
    }
    _audit(source, "import", by, now, **detail)
    return edition


def _take(source: RuleSource, content: bytes, now: datetime, *, may_shrink: bool) -> Taken:
    try:
        if source.kind == RuleSource.Kind.VALUE_SETS:
            return take_value_sets(source, list_value_sets(content), now)
        signers = signers_in(source.signers) if source.signers else None
        return take_rules(source, list_rules(content, signers=signers), now, may_shrink=may_shrink)
    except RuleError as error:
        raise RulesRefused(error.message, code=error.code) from error


def _told(one: Refusal) -> dict[str, Any]:
    return {
        "place": one.place,
        "identifier": storable(one.identifier),
        "country": storable(one.country),
        "version": storable(one.version),
        "code": one.code,
        "message": storable(one.message[:300]),
    }


def fetch_rules(*, name: str, by: Actor, now: datetime) -> RuleEdition:
    """Take a list from its address; of a list of hashes every text it names is fetched from below the address. What went
    wrong is kept with the list for whoever looks after it."""
    by.require(Permission.MANAGE_ENTRY_RULES)
    source = RuleSource.objects.filter(environment=settings.CERTIFICATES, name=name).first()
    if source is None or not source.url:
        raise NotFound(_("There is no list with an address of this name."))
    try:
        return _fetched(source, by, now)
    except OpenConsularError as error:
        RuleSource.objects.filter(pk=source.pk).update(tried_at=now, fault=error.message[:300])
        raise


def _fetched(source: RuleSource, by: Actor, now: datetime) -> RuleEdition:
    reader = _reader()
    try:
        body = reader.read(source.url).body or b""
        index = _hashes_in(body)
        if index is None:
            return import_rules(name=source.name, content=body, is_fetched=True, by=by, now=now)
        digest = hashlib.sha256(body).hexdigest()
        held = source.editions.order_by("-pk").first()
        if held is not None and held.index_digest == digest and not held.refused_count:
            return _seen(source, held, now)
        packed = {"index": index, "texts": _texts(reader, source, index)}
    except FeedUnavailable as error:
        raise RulesRefused(error.message, code=error.code) from error
    finally:
        reader.close()
    content = json.dumps(packed, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return import_rules(
        name=source.name, content=content, is_fetched=True, index_digest=digest, by=by, now=now
    )


def _texts(reader: HttpFeeds, source: RuleSource, index: list[dict[str, str]]) -> dict[str, str]:
    """The text behind every hash, from /{country}/{hash} or /{hash} below the address of the list. Together they are no
    larger than a list may be; what is not there is refused later, entry by entry."""
    texts: dict[str, str] = {}
    size = 0
    for one in index:
        if not _HASH.fullmatch(one["hash"]) or not _COUNTRY.fullmatch(one["country"]):
            continue
        below = [one["country"], one["hash"]] if source.kind == RuleSource.Kind.RULES else [one["hash"]]
        address = "/".join([source.url.rstrip("/"), *(quote(part, safe="") for part in below)])
        body = _body_of(reader, address)
        if body is None:
            continue
        size += len(body)
        if size > LIST_BYTES_MOST:
            raise RulesRefused(_("This list is too large."), code="rules-too-large")
        texts[one["hash"]] = body.decode("utf-8", "replace")
    return texts


def _body_of(reader: HttpFeeds, address: str) -> bytes | None:
    """None where the publisher answers and has no such text; that it cannot be reached ends the look at the list."""
    try:
        return reader.read(address).body or b""
    except FeedUnavailable as error:
        if error.code == "feed-status":
            return None
        raise


def _seen(source: RuleSource, held: RuleEdition, now: datetime) -> RuleEdition:
    """Nothing new: the list was looked at, and that is all."""
    RuleSource.objects.filter(pk=source.pk).update(tried_at=now, fault="")
    held.seen_at = now
    held.save(update_fields=["seen_at"])
    return held


def _reader() -> HttpFeeds:
    return HttpFeeds(limits=Limits(session=SECONDS_MOST, body_bytes=LIST_BYTES_MOST))


def _hashes_in(body: bytes) -> list[dict[str, str]] | None:
    """The entries of a list of hashes; None when the list is of another form."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, list) or not 0 < len(value) <= RULES_MOST or is_packed(value):
        return None
    if not all(
        isinstance(one, dict) and isinstance(one.get("hash"), str) and "Logic" not in one for one in value
    ):
        return None
    return [
        {key: text for key, text in one.items() if isinstance(text, str)}
        | {"country": str(one.get("country", ""))}
        for one in value
    ]


def _lock(name: str) -> RuleSource:
    sources = RuleSource.objects.select_for_update()
    source = sources.filter(environment=settings.CERTIFICATES, name=name).first()
    if source is None:
        raise NotFound(_("There is no list of this name."))
    return source


def _audit(source: RuleSource, action: str, by: Actor, now: datetime, **detail: Any) -> None:
    subject = f"rules:{source.environment}:{source.name}"
    audit.record(by=by, action=f"certificate.rules_{action}", subject=subject, now=now, detail=detail)
