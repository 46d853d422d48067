"""Replies by SMS that only a person can understand: read, acted on, put aside."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.alerts import actions, inbox
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page

PAGE = 50


@require_safe
@staff_page(Permission.EDIT_WARNINGS)
def replies(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    page = Paginator(inbox.waiting(by), PAGE).get_page(request.GET.get("page"))
    rows = inbox.opened(page.object_list, by=by, now=now)
    return render(request, "alerts/replies.html", {"section": "replies", "page": page, "rows": rows})


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def settle(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Read and dealt with. The reply stays on record and leaves the list."""
    try:
        actions.settle_unread(reply_id=reply_id, by=actor_of(request), now=timezone.now())
    except Conflict as error:
        messages.error(request, _(error.message))
    else:
        messages.success(request, _("Put aside as read. It stays on record."))
    return redirect("replies")
