"""Lists of others: how old each is, what it holds, what of it was refused; taken by file or from its address."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.domain.health.trust.model import Problem, TrustedKey, TrustList
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.actions import trust as actions
from openconsular.health_certificates.actions.confirming import import_confirmed_list
from openconsular.health_certificates.forms.keys import ImportForm, SourceForm
from openconsular.health_certificates.models import TrustEdition, TrustSource
from openconsular.health_certificates.queries import lists as queries
from openconsular.health_certificates.queries import trust
from openconsular.health_certificates.views.frame import framed, names
from openconsular.health_certificates.views.list_words import words_of

PAGE = 50
P = Permission


def proof_words() -> dict[str, str]:
    return {
        "verified": _("signed by its publisher"),
        "confirmed": _("compared by a person"),
        "entries": _("each entry signed"),
        "not-checked": _("vouched for by nobody"),
    }


@require_safe
@staff_page(P.MANAGE_HEALTH_KEYS, P.SEE_HEALTH)
def list_list(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    kinds, proofs = dict(TrustSource.Kind.choices), proof_words()
    rows = [
        {
            "one": one,
            "kind": kinds.get(one.kind, one.kind),
            "age": age_words(one.age),
            "proof": proofs.get(one.proof, ""),
        }
        for one in trust.lists(now=now)
    ]
    context = framed(request, "certificate-lists", rows=rows, may_manage=by.can(P.MANAGE_HEALTH_KEYS))
    return render(request, "health_certificates/staff/lists.html", context)


def age_words(age: timedelta | None) -> str:
    """How old a list's statements are, in hours under two days and in days from there on."""
    if age is None:
        return ""
    hours = max(0, int(age.total_seconds() // 3600))
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(P.MANAGE_HEALTH_KEYS)
def add(request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        plain = {name: wanted[name] for name in ("name", "kind", "url", "issuer", "stale_after_hours")}
        try:
            by, now = actor_of(request), timezone.now()
            added = actions.add_source(**plain, anchors=form.anchors(), by=by, now=now)
        except (InvalidInput, Conflict) as error:
            for name, text in (error.fields or {"": error.message}).items():
                form.add_error(name if name in form.fields else None, text)
        else:
            messages.success(request, _("Added. Now take the list itself."))
            if not added.is_enabled:
                messages.info(request, _("It is believed when another person lets it be."))
            return redirect("certificate-list", wanted["name"])
    context = framed(request, "certificate-lists", form=form)
    status = 400 if form.errors else 200
    return render(request, "health_certificates/staff/list_add.html", context, status=status)


@require_safe
@staff_page(P.MANAGE_HEALTH_KEYS, P.SEE_HEALTH)
def one_list(request: HttpRequest, name: str) -> HttpResponseBase:
    if request.GET.get("download") == "refused":
        return _refused_file(name, request.GET.get("q", ""))
    return _page(request, name)


def _refused_file(name: str, text: str) -> HttpResponseBase:
    """What was refused, for whoever writes to the publisher about it."""
    opened = queries.opened_list(name, now=timezone.now())
    rows = (
        (one.entry, one.code, words_of(one.code), one.message)
        for one in queries.refused(opened.content, text)
    )
    header = (_("Entry"), _("Code"), _("Reason"), _("Details"))
    return csv_download(f"{opened.state.name}-refused.csv", header, rows)


def _page(
    request: HttpRequest, name: str, status: int = 200, importing: ImportForm | None = None
) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    opened = queries.opened_list(name, now=now)
    content = opened.content
    text = request.GET.get("q", "").strip()[:60]
    shows_refused = request.GET.get("show") == "refused"
    found = queries.refused(content, text) if shows_refused else _keys(content, text)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    edition = opened.edition
    context = framed(
        request,
        "certificate-lists",
        opened=opened,
        state=opened.state,
        kind=opened.source.get_kind_display(),
        age=age_words(opened.state.age),
        proof=proof_words().get(opened.state.proof, ""),
        page=page,
        entries=[] if shows_refused else [_entry(one, now) for one in page.object_list],
        problems=[_problem(one) for one in page.object_list] if shows_refused else [],
        shows_refused=shows_refused,
        text=text,
        key_count=len(content.keys) if content else 0,
        problem_count=len(content.problems) if content else 0,
        taken_by=names([edition.taken_by]).get(edition.taken_by, edition.taken_by) if edition else "",
        editions=list(queries.editions(opened.source)[:10]),
        importing=importing or ImportForm(),
        may_manage=by.can(P.MANAGE_HEALTH_KEYS),
    )
    return render(request, "health_certificates/staff/list.html", context, status=status)


def _keys(content: TrustList | None, text: str) -> Sequence[TrustedKey | Problem]:
    return [one for one in content.keys if _matches(one, text)] if content else []


def _problem(one: Any) -> dict[str, Any]:
    return {"one": one, "words": words_of(one.code)}


def _matches(one: Any, text: str) -> bool:
    wanted = text.lower()
    return not wanted or wanted in one.country.lower() or any(wanted in name.lower() for name in one.key_ids)


def _entry(one: Any, now: Any) -> dict[str, Any]:
    fault = one.refused or one.fault_at(now)
    words = words_of(fault) if fault else ""
    return {"key": one, "kinds": sorted(kind.value for kind in one.kinds), "fault": words}


@require_POST
@staff_page(P.MANAGE_HEALTH_KEYS)
def take_file(request: HttpRequest, name: str) -> HttpResponse:
    """An edition from a file. One that is older than what is held, or that nobody vouches for, is refused with why."""
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            edition = _taken(name, form, actor_of(request), timezone.now())
        except InvalidInput as error:
            form.add_error("file", f"{error.message} ({error.code})")
        else:
            said = ngettext("Taken: %(count)d entry.", "Taken: %(count)d entries.", edition.key_count)
            messages.success(request, said % {"count": edition.key_count})
            return redirect("certificate-list", name)
    return _page(request, name, status=400, importing=form)


def _taken(name: str, form: ImportForm, by: Actor, now: datetime) -> TrustEdition:
    content, confirmed = form.cleaned_data["file"].read(), form.cleaned_data["confirmed"]
    taken: dict[str, Any] = {"goes_back": form.cleaned_data["goes_back"], "by": by, "now": now}
    if confirmed:
        return import_confirmed_list(name=name, content=content, confirmed=confirmed, **taken)
    return actions.import_list(name=name, content=content, **taken)


@require_POST
@staff_page(P.MANAGE_HEALTH_KEYS)
def fetch(request: HttpRequest, name: str) -> HttpResponse:
    try:
        edition = actions.fetch_list(name=name, by=actor_of(request), now=timezone.now())
    except OpenConsularError as error:
        messages.error(request, f"{error.message} ({error.code})")
    else:
        said = ngettext("Taken: %(count)d entry.", "Taken: %(count)d entries.", edition.key_count)
        messages.success(request, said % {"count": edition.key_count})
    return redirect("certificate-list", name)


@require_POST
@staff_page(P.MANAGE_HEALTH_KEYS)
def switch(request: HttpRequest, name: str) -> HttpResponse:
    is_enabled = request.POST.get("enabled") == "1"
    done = _("The list is believed again.") if is_enabled else _("The list is not believed any more.")
    try:
        actions.switch_source(name=name, is_enabled=is_enabled, by=actor_of(request), now=timezone.now())
    except (Conflict, NotAllowed) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("certificate-list", name)
