"""What may have been meant as a warning and could not be used: read why, try again, or dismiss."""

import zlib
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from openconsular.accounts import queries as accounts
from openconsular.foundation.errors import Conflict, NotFound
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.hazards import actions, queries
from openconsular.hazards.models import Quarantined
from openconsular.hazards.outcomes import Outcome
from openconsular.hazards.views.hazard_pages import asked, group

PAGE = 50
UNDO_SECONDS = 60
# As much of a document as says what it is; the whole may be megabytes.
EXCERPT_BYTES = 12_000
STATE_COLOURS = {"open": "warning", "retried": "success", "dismissed": "neutral"}


@require_safe
@staff_page(Permission.SORT_QUARANTINE)
def quarantine(request: HttpRequest) -> HttpResponse:
    every = queries.quarantined_visible_to(actor_of(request))
    ticked, text = asked(request, "state", "code", "source")
    found = _narrowed(every, ticked, text)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "quarantine",
        "page": page,
        "rows": [_row(one) for one in page.object_list],
        "groups": _groups(every, ticked),
        "search": {"name": "q", "label": _("Find a title"), "value": text},
        "active": bool(text) or any(ticked.values()),
        "unresolved": every.filter(state=Quarantined.State.OPEN, code__in=actions.UNRESOLVED).count(),
    }
    return render(request, "hazards/quarantine.html", context)


def _narrowed(rows: QuerySet[Quarantined], ticked: dict[str, list[str]], text: str) -> QuerySet[Quarantined]:
    """Without a state ticked, what waits for a decision."""
    rows = rows.filter(state__in=ticked["state"] or [Quarantined.State.OPEN])
    if ticked["code"]:
        rows = rows.filter(code__in=ticked["code"])
    if ticked["source"]:
        rows = rows.filter(
            source__in=[int(one) for one in ticked["source"] if one.isdecimal() and len(one) < 18]
        )
    return rows.filter(Q(title__icontains=text) | Q(reason__icontains=text)) if text else rows


def _row(item: Quarantined) -> dict[str, Any]:
    return {
        "item": item,
        "reason": queries.reason_text(item.code, item.values),
        "colour": STATE_COLOURS[item.state],
    }


def _groups(every: QuerySet[Quarantined], ticked: dict[str, list[str]]) -> list[dict[str, Any]]:
    waiting = every.order_by().filter(state__in=ticked["state"] or [Quarantined.State.OPEN])
    states = dict(every.order_by().values_list("state").annotate(Count("pk")))
    codes = waiting.values_list("code").annotate(n=Count("pk")).order_by("-n")[:20]
    sources = waiting.values_list("source_id", "source__name").annotate(n=Count("pk")).order_by("-n")[:20]
    rows = {
        "state": [(value, str(label), states.get(value, 0)) for value, label in Quarantined.State.choices],
        "code": [(code, code, count) for code, count in codes],
        "source": [(str(pk), name, count) for pk, name, count in sources],
    }
    labels = {"state": _("State"), "code": _("Reason"), "source": _("Feed")}
    shown = ticked | {"state": ticked["state"] or [Quarantined.State.OPEN.value]}
    return [group(name, labels[name], rows[name], shown[name]) for name in rows]


@require_safe
@staff_page(Permission.SORT_QUARANTINE)
def quarantined(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    item = queries.quarantined_visible_to(by).select_related("hazard").filter(pk=quarantined_id).first()
    if item is None:
        raise NotFound
    is_fresh = item.decided_at is not None and (now - item.decided_at).total_seconds() < UNDO_SECONDS
    excerpt, is_cut = _excerpt(bytes(item.raw))
    context = _row(item) | {
        "section": "quarantine",
        "excerpt": excerpt,
        "is_cut": is_cut,
        "decided_by": accounts.names_of([item.decided_by]).get(item.decided_by, item.decided_by),
        "undo_seconds": UNDO_SECONDS if is_fresh else 0,
    }
    return render(request, "hazards/quarantined.html", context)


def _excerpt(raw: bytes) -> tuple[str, bool]:
    """The beginning as text, unpacked no further than it is shown; what is no UTF-8 is shown as such."""
    unpacked = zlib.decompressobj().decompress(raw, EXCERPT_BYTES + 1)
    text = unpacked[:EXCERPT_BYTES].decode("utf-8", "replace")
    visible = "".join(
        one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}"
        for one in text.replace("\r\n", "\n")
    )
    return visible, len(unpacked) > EXCERPT_BYTES


@require_POST
@staff_page(Permission.SORT_QUARANTINE)
def retry(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    try:
        result = actions.retry_quarantined(quarantined_id=quarantined_id, by=by, now=now)
    except Conflict as error:
        messages.error(request, error.message)
        return redirect("quarantined", quarantined_id)
    if result.count(Outcome.QUARANTINED):
        messages.warning(request, _("It still cannot be used, for the reason given here."))
    else:
        messages.success(request, _("It can be used now and is out of quarantine."))
    return redirect("quarantined", quarantined_id)


@require_POST
@staff_page(Permission.SORT_QUARANTINE)
def retry_unresolved(request: HttpRequest) -> HttpResponse:
    """Try again everything that failed for an unknown area code, after new codes were loaded."""
    result = actions.retry_unresolved(by=actor_of(request), now=timezone.now())
    used = result.read - result.count(Outcome.QUARANTINED)
    text = ngettext("%(count)d item can be used now.", "%(count)d items can be used now.", used) % {
        "count": used
    }
    messages.info(request, text)
    return redirect("quarantine")


@require_POST
@staff_page(Permission.SORT_QUARANTINE)
def dismiss(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    return _decide(request, quarantined_id, actions.dismiss_quarantined)


@require_POST
@staff_page(Permission.SORT_QUARANTINE)
def reopen(request: HttpRequest, quarantined_id: int) -> HttpResponse:
    return _decide(request, quarantined_id, actions.reopen_quarantined)


def _decide(request: HttpRequest, quarantined_id: int, act: Any) -> HttpResponse:
    try:
        act(quarantined_id=quarantined_id, by=actor_of(request), now=timezone.now())
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("quarantined", quarantined_id)
