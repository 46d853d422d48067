"""The feeds and how they do; administrators add them and switch them on and off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.hazards import actions, queries
from openconsular.hazards.forms import SourceForm


@require_safe
@staff_page(Permission.MANAGE_SOURCES, Permission.SEE_INCIDENTS)
def sources(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    context = {
        "section": "sources",
        "rows": queries.sources_visible_to(by, timezone.now()),
        "registries": queries.loaded_registries(),
        "may_manage": by.can(Permission.MANAGE_SOURCES),
        "may_sort": by.can(Permission.SORT_QUARANTINE),
    }
    return render(request, "hazards/sources.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.MANAGE_SOURCES)
def add(request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = actions.add_source(
                kind="http", **form.cleaned_data, by=actor_of(request), now=timezone.now()
            )
        except (InvalidInput, Conflict) as error:
            for name, message in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, message)
        else:
            messages.success(
                request, _("%(name)s is added and is asked from now on.") % {"name": source.name}
            )
            return redirect("sources")
    status = 400 if request.method == "POST" else 200
    return render(request, "hazards/source_add.html", {"section": "sources", "form": form}, status=status)


@require_POST
@staff_page(Permission.MANAGE_SOURCES)
def switch(request: HttpRequest, source_id: int) -> HttpResponse:
    """On or off, by the button's value; the other button undoes it."""
    is_active = request.POST.get("active") == "1"
    actions.set_source_active(
        source_id=source_id, is_active=is_active, by=actor_of(request), now=timezone.now()
    )
    messages.success(
        request, _("The feed is asked again.") if is_active else _("The feed is not asked any more.")
    )
    return redirect("sources")
