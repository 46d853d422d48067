"""What changes while a page is open: a stream that says "changed", the parts that did, and what the map draws.

The stream carries no content: it names a version, and the page fetches its parts by an ordinary, checked request.
So a stream that outlives somebody's permission tells them nothing, and no transaction is held while it is idle.
"""

import asyncio
import functools
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from openconsular.alerts import board, figures, queries
from openconsular.alerts.models import Incident
from openconsular.alerts.timeline import kind_name
from openconsular.alerts.views import figures as shown
from openconsular.domain.geo.drawing import feature_collection
from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page

LOOK_EVERY_S = 2.0
PING_EVERY_S = 15.0
# Browsers connect again by themselves; a stream that ends now and then leaves no dead ones behind.
STREAM_LASTS_S = 300.0
# As many as one entry of the audit trail names.
LOCATED_AT_ONCE = 1000


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def stream(request: HttpRequest, incident_id: int) -> HttpResponseBase:
    """Server-sent events: `changed` with the new version, a ping in between."""
    this = queries.incident_for(actor_of(request), incident_id)
    response = StreamingHttpResponse(_events(this.pk), content_type="text/event-stream")
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(incident_id: int) -> AsyncIterator[str]:
    look = sync_to_async(_version_now, thread_sensitive=False)
    seen = await look(incident_id)
    started = pinged = time.monotonic()
    yield f"retry: 2000\nevent: hello\ndata: {seen}\n\n"
    while time.monotonic() - started < STREAM_LASTS_S:
        await asyncio.sleep(LOOK_EVERY_S)
        version = await look(incident_id)
        if version != seen:
            seen = version
            yield f"event: changed\ndata: {version}\n\n"
        elif time.monotonic() - pinged > PING_EVERY_S:
            pinged = time.monotonic()
            yield ": still here\n\n"


def _version_now(incident_id: int) -> str:
    return _version_at(incident_id, int(time.monotonic() / LOOK_EVERY_S))


@functools.lru_cache(maxsize=256)
def _version_at(incident_id: int, tick: int) -> str:
    """One look for all streams of this process and this moment; the connection is not kept between looks."""
    try:
        return queries.version_of(Incident(pk=incident_id))
    finally:
        connection.close()


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def parts(request: HttpRequest, incident_id: int) -> HttpResponseBase:
    """The parts of the board that move, for a page that shows the line `after` and the version `seen`.

    204 where nothing changed; plain clients may poll it with `If-None-Match` instead.
    """
    by = actor_of(request)
    this = queries.incident_for(by, incident_id)
    version = queries.version_of(this)
    etag = f'"{version}"'
    if request.GET.get("seen") == version:
        return HttpResponse(status=204)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    after = request.GET.get("after", "")
    context = live_context(this, by, after=int(after) if after.isdecimal() and len(after) < 18 else 0)
    response = render(request, "alerts/live/parts.html", {"incident": this, **context})
    response["ETag"] = etag
    return response


def live_context(this: Incident, by: Actor, *, after: int = 0) -> dict[str, Any]:
    """Everything on the board that changes by itself."""
    ledger = queries.ledger_of(this, by)
    warnings = list(this.warnings.select_related("submitted_by", "approved_by").order_by("-pk")[:20])
    events = queries.timeline_of(this, by, after=after)
    return {
        "version": queries.version_of(this),
        "last_line": events[0].pk if events else after or figures.last_line(this),
        "ledger": ledger,
        "kpis": shown.kpis(ledger, this.pk),
        "shares": shown.shares(ledger),
        "lines": shown.lines(events),
        "warnings": shown.warning_rows(warnings),
        "waiting": [one for one in warnings if one.state in {"proposed", "submitted"}],
        "told": any(one.released_at for one in warnings),
        **shown.open_cases(this, by),
    }


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def area(request: HttpRequest, incident_id: int) -> HttpResponseBase:
    this = queries.incident_for(actor_of(request), incident_id)
    return area_json(
        bytes(this.hazard.area or b""),
        title=queries.headline_of(this),
        grade_code=queries.grade_of(this),
        href=reverse("hazard", args=[this.hazard_id]),
    )


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def warning_area(request: HttpRequest, warning_id: int) -> HttpResponseBase:
    warning = queries.warning_for(actor_of(request), warning_id)
    return area_json(bytes(warning.area), title=kind_name(warning.kind), grade_code=warning.grade)


def area_json(content: bytes, *, title: str, grade_code: str, href: str = "") -> JsonResponse:
    """An area as the map draws it; a missing or broken one is an empty collection, never a guess."""
    grade = shown.grade(grade_code)
    drawn = feature_collection(
        content,
        title=title,
        word=grade.name if grade else "",
        colour=grade.colour if grade else "blue",
        href=href,
    )
    headers = {"Cache-Control": "private, max-age=30"}
    return JsonResponse(drawn, content_type="application/geo+json", headers=headers)


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def cells(request: HttpRequest, incident_id: int) -> HttpResponseBase:
    """People as counts on a grid within `bbox` (west,south,east,north), under the filters of the page."""
    by = actor_of(request)
    this = queries.incident_for(by, incident_id)
    bounds, zoom = _view_of(request)
    filters = board.Filters.of(request.GET)
    found = board.cells(this, by, filters, bounds, zoom=zoom)
    if filters.q:
        # A name on the map is no figure any more: it tells where somebody is.
        people = list(board.people(this, by, filters).values_list("person_id", flat=True)[:LOCATED_AT_ONCE])
        detail = {"people": people, "filters": filters.as_detail()}
        audit.record(
            by=by, action="people.locate", subject=f"incident:{this.pk}", now=timezone.now(), detail=detail
        )
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(one.lon, 5), round(one.lat, 5)]},
            "properties": {"n": one.people, "help": one.help, "silent": one.unanswered},
        }
        for one in found
    ]
    return HttpResponse(
        json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")),
        content_type="application/geo+json",
        headers={"Cache-Control": "private, no-store"},
    )


def _view_of(request: HttpRequest) -> tuple[board.Bounds, int]:
    try:
        west, south, east, north = (
            float(part) for part in request.GET.get("bbox", "-180,-90,180,90").split(",")
        )
        zoom = int(request.GET.get("zoom", "2"))
    except ValueError as error:
        raise InvalidInput("bbox is west,south,east,north in degrees; zoom is a number.") from error
    if not all(abs(one) <= 360 for one in (west, south, east, north)):
        raise InvalidInput("bbox is west,south,east,north in degrees; zoom is a number.")
    return board.Bounds(west, south, east, north), zoom


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def incident_of_hazard(request: HttpRequest, hazard_id: int) -> HttpResponseBase:
    """From a hazard to its incident, where the reader may see one."""
    found = queries.incidents_for(actor_of(request)).filter(hazard_id=hazard_id).first()
    if found is None:
        raise NotFound
    return redirect("incident", found.pk)
