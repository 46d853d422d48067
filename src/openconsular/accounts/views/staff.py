"""Pages for the administrator: who works here, with which role, and with access or not."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.accounts import actions, queries
from openconsular.accounts.forms import OfficerForm, RoleForm, StaffSearchForm
from openconsular.accounts.models import Mission, Officer
from openconsular.foundation.errors import Conflict, InvalidInput, OpenConsularError
from openconsular.foundation.permissions import Permission, Role
from openconsular.foundation.staff_pages import actor_of, staff_page

PAGE = 50
# Where a link waits between making it and showing it, once, on the next page.
LINK_KEY = "accounts.setup_link"


@require_safe
@staff_page(Permission.MANAGE_STAFF)
def staff_list(request: HttpRequest) -> HttpResponse:
    form = StaffSearchForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    is_active = {"yes": True, "no": False}.get(wanted.get("active", ""))
    found = queries.find_staff(
        actor_of(request), text=wanted.get("q", ""), role=wanted.get("role", ""), is_active=is_active
    )
    return render(
        request,
        "accounts/staff_list.html",
        {
            "section": "staff",
            "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
            "search": {"name": "q", "label": _("Search"), "value": wanted.get("q", "")},
            "groups": _groups(wanted),
            "active": any(wanted.values()),
        },
    )


def _groups(wanted: dict[str, str]) -> list[dict[str, object]]:
    def group(name: str, label: str, choices: list[tuple[str, str]]) -> dict[str, object]:
        rows = [{"value": v, "label": text, "checked": wanted.get(name) == v} for v, text in choices]
        return {"name": name, "label": label, "choices": rows}

    access = [("yes", _("with access")), ("no", _("without access"))]
    roles = [(str(value), str(label)) for value, label in Officer.Roles.choices]
    return [group("role", _("Role"), roles), group("active", _("Access"), access)]


@require_http_methods(["GET", "POST"])
@staff_page(Permission.MANAGE_STAFF)
def add(request: HttpRequest) -> HttpResponse:
    form = OfficerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, now, wanted = actor_of(request), timezone.now(), form.cleaned_data
        try:
            officer = actions.add_officer(
                username=wanted["username"],
                display_name=wanted["display_name"],
                email=wanted["email"],
                role=Role(wanted["role"]),
                mission_id=_id_of(wanted["mission"]),
                by=by,
                now=now,
            )
        except (InvalidInput, Conflict) as error:
            _show(form, error)
        else:
            request.session[LINK_KEY] = actions.issue_setup_link(officer_id=officer.pk, by=by, now=now)
            return redirect("staff-officer", officer.pk)
    return render(request, "accounts/staff_add.html", {"section": "staff", "form": form})


@require_safe
@staff_page(Permission.MANAGE_STAFF)
def officer_page(request: HttpRequest, officer_id: int) -> HttpResponse:
    officer = queries.officer_by_id(officer_id, by=actor_of(request))
    return _officer_page(request, officer)


@require_POST
@staff_page(Permission.MANAGE_STAFF)
def change_role(request: HttpRequest, officer_id: int) -> HttpResponse:
    officer = queries.officer_by_id(officer_id, by=actor_of(request))
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            actions.change_role(
                officer_id=officer_id,
                role=Role(form.cleaned_data["role"]),
                mission_id=_id_of(form.cleaned_data["mission"]),
                by=actor_of(request),
                now=timezone.now(),
            )
        except (InvalidInput, Conflict) as error:
            _show(form, error)
        else:
            messages.success(request, _("The role is changed. It counts at once."))
            return redirect("staff-officer", officer_id)
    return _officer_page(request, officer, form, status=400)


@require_POST
@staff_page(Permission.MANAGE_STAFF)
def change_access(request: HttpRequest, officer_id: int, change: str) -> HttpResponse:
    """Deactivate, reactivate or reset; `change` is one of these words."""
    by, now = actor_of(request), timezone.now()
    try:
        if change == "deactivate":
            actions.deactivate(officer_id=officer_id, by=by, now=now)
            messages.success(request, _("Access has ended, on every device."))
        elif change == "reactivate":
            actions.reactivate(officer_id=officer_id, by=by, now=now)
            request.session[LINK_KEY] = actions.issue_setup_link(officer_id=officer_id, by=by, now=now)
        else:
            request.session[LINK_KEY] = actions.reset_access(officer_id=officer_id, by=by, now=now)
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("staff-officer", officer_id)


def _officer_page(
    request: HttpRequest, officer: Officer, form: RoleForm | None = None, status: int = 200
) -> HttpResponse:
    path = request.session.pop(LINK_KEY, "")
    context = {
        "section": "staff",
        "officer": officer,
        "form": form or RoleForm(initial={"role": officer.role, "mission": officer.mission_id}),
        "is_self": officer.pk == actor_of(request).officer_id,
        "setup_link": request.build_absolute_uri(path) if path else "",
        "facts": [
            (_("User name"), officer.username),
            (_("E-mail"), officer.email),
            (_("Role"), officer.get_role_display()),
            (_("Mission"), officer.mission and str(officer.mission)),
            (_("Access"), _("with access") if officer.is_active else _("without access")),
        ],
    }
    return render(request, "accounts/staff_officer.html", context, status=status)


def _id_of(mission: Mission | None) -> int | None:
    return mission.pk if mission else None


def _show(form: RoleForm, error: OpenConsularError) -> None:
    for name in error.fields or {"": ""}:
        form.add_error(name if name in form.fields else None, error.message)
