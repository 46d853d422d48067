"""What verifiers fetch and keep: keys, revocations and their parts. Public, signed, and named by their content."""

import json
import re

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from openconsular.domain.health.revocation.segments import Writing
from openconsular.foundation.errors import NotFound
from openconsular.health_certificates.api.answers import json_api, kept_list
from openconsular.health_certificates.api.openapi import DOCUMENT
from openconsular.health_certificates.queries import publications

_SIGNED = "text/plain; charset=utf-8"
_JSON = "application/json"
_BYTES = "application/octet-stream"
# Two to four bytes: of ten million hashes about 150 share the first two.
_HEAD = re.compile(r"[0-9a-f]{4}(?:[0-9a-f]{2}){0,2}")
_SOON, _FOR_EVER = 300, 365 * 24 * 3600


@json_api("GET", "HEAD")
def trust_list(request: HttpRequest) -> HttpResponse:
    """All keys believed here, below a line with the signature."""
    now = timezone.now()  # noqa: TID251 - the edge
    return kept_list(request, publications.trust_list(now=now), media_type=_SIGNED, max_age_s=_SOON)


@json_api("GET", "HEAD")
def own_keys(request: HttpRequest) -> HttpResponse:
    """This country's own authorities and signers, as European lists have them, below a line with the signature."""
    now = timezone.now()  # noqa: TID251 - the edge
    return kept_list(request, publications.own_keys(now=now), media_type=_SIGNED, max_age_s=_SOON)


@json_api("GET", "HEAD")
def revocations(request: HttpRequest, writing: str = Writing.WHOLE) -> HttpResponse:
    """The index of the newest revocation list, below a line with the signature. Its version and age stand in it."""
    if writing not in set(Writing):
        raise NotFound
    edition = publications.newest_edition(Writing(writing))
    if edition is None:
        raise NotFound(code="nothing-published")
    answer = kept_list(request, edition.index, media_type=_SIGNED, max_age_s=_SOON)
    answer["X-List-Version"] = str(edition.version)
    answer["X-List-As-Of"] = edition.published_at.isoformat(timespec="seconds")
    return answer


@json_api("GET", "HEAD")
def revocation_slice(request: HttpRequest, digest: str) -> HttpResponse:
    """A part of the list by its SHA-256; it never changes."""
    content = publications.slice_content(digest)
    if content is None:
        raise NotFound
    return _unchanging(kept_list(request, content, media_type=_BYTES, max_age_s=_FOR_EVER))


@json_api("GET", "HEAD")
def revocations_near(request: HttpRequest, list_id: str, key: str, head: str) -> HttpResponse:
    """The whole hashes that begin like one somebody is in doubt about: the answer to a filter's hit."""
    found = publications.hashes_near(list_id, key, bytes.fromhex(head)) if _HEAD.fullmatch(head) else None
    if found is None:
        raise NotFound
    return kept_list(request, found, media_type=_BYTES, max_age_s=_SOON)


def _unchanging(answer: HttpResponse) -> HttpResponse:
    """Hashes are noise and do not shrink: nobody on the way is to compress or change what is named by its content."""
    answer["Cache-Control"] += ", immutable, no-transform"
    return answer


@json_api("GET", "HEAD")
def jwks(request: HttpRequest) -> HttpResponse:
    """The keys of our SMART Health Cards."""
    content = json.dumps(publications.jwks(), separators=(",", ":")).encode()
    return kept_list(request, content, media_type=_JSON, max_age_s=_SOON)


@json_api("GET", "HEAD")
def card_revocations(request: HttpRequest, key_id: str) -> HttpResponse:
    """The revoked cards of one key."""
    found = publications.card_revocations(key_id)
    if found is None:
        raise NotFound
    content = json.dumps(found, separators=(",", ":")).encode()
    return kept_list(request, content, media_type=_JSON, max_age_s=_SOON)


@json_api("GET", "HEAD")
def openapi(request: HttpRequest) -> HttpResponse:
    content = json.dumps(DOCUMENT, ensure_ascii=False, separators=(",", ":")).encode()
    return kept_list(request, content, media_type=_JSON, max_age_s=_SOON)
