"""Pages for the auditor: what was done, by whom, and whether the trail is whole."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from openconsular.accounts import audit_trail, queries
from openconsular.foundation import audit
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page


@require_safe
@staff_page(Permission.SEE_AUDIT)
def audit_list(request: HttpRequest) -> HttpResponse:
    form = audit_trail.SearchForm(request.GET)
    wanted = form.wanted()
    page = audit_trail.page(wanted, before=form.before())
    names = queries.names_of({one.actor for one in page.entries} | {one.subject for one in page.entries})
    older = request.GET.copy()
    older["before"] = str(page.older_than or "")
    return render(
        request,
        "accounts/audit.html",
        {
            "section": "audit",
            "form": form,
            "rows": [(one, names.get(one.actor, ""), names.get(one.subject, "")) for one in page.entries],
            "older": older.urlencode() if page.older_than else "",
            "is_newest": not form.before(),
            "is_filtered": wanted != audit_trail.Wanted(),
            "query": request.GET.urlencode(),
        },
    )


@require_POST
@staff_page(Permission.SEE_AUDIT)
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole chain, and show the head to be noted elsewhere. The check itself is an entry."""
    number, head = request.POST.get("number", ""), request.POST.get("head", "").strip().lower()
    is_usable = number.isdecimal() and len(number) < 16
    verdict = audit.verify(head_number=int(number) if is_usable else 0, head=head if is_usable else "")
    detail = {"entries": verdict.entries, "broken_at": verdict.broken_at}
    audit.record(
        by=actor_of(request), action="audit.verify", subject="audit", now=timezone.now(), detail=detail
    )
    return render(request, "accounts/audit_verdict.html", {"section": "audit", "verdict": verdict})


@require_safe
@staff_page(Permission.SEE_AUDIT)
def export(request: HttpRequest) -> HttpResponseBase:
    """What the search finds, newest first, as CSV; at most 100,000 entries."""
    form = audit_trail.SearchForm(request.GET)
    wanted = form.wanted()
    now = timezone.now()
    audit.record(
        by=actor_of(request), action="audit.export", subject="audit", now=now, detail=wanted.as_detail()
    )
    return csv_download(f"audit-{now:%Y%m%d-%H%M%S}.csv", audit_trail.COLUMNS, audit_trail.rows(wanted))
