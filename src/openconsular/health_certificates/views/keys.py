"""The keys a country signs with: their validity, their use, and each step of their lives."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound, Unavailable
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.actions import keys as actions
from openconsular.health_certificates.actions import uploading
from openconsular.health_certificates.forms.keys import CertifyForm, InstallForm, MakeKeyForm, RetireForm
from openconsular.health_certificates.models import Record, SigningKey
from openconsular.health_certificates.queries import keys as queries
from openconsular.health_certificates.views.frame import days_between, framed, names

State = SigningKey.State
STATE_COLOURS = {
    State.REQUESTED: "warning",
    State.CERTIFIED: "warning",
    State.ACTIVE: "success",
    State.RETIRED: "neutral",
    State.COMPROMISED: "danger",
}
SOON = timedelta(days=30)
Step = Callable[[Actor, datetime], object]


@require_safe
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def key_list(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    found = [one for one in queries.keys(by=by) if one.environment == settings.CERTIFICATES]
    context = framed(
        request,
        "certificate-keys",
        rows=[_row(one, found, now) for one in found],
        near=queries.keys_near_their_end(now=now),
        lines=_lines(found, now),
    )
    return render(request, "health_certificates/staff/keys.html", context)


def _row(key: SigningKey, every: list[SigningKey], now: datetime) -> dict[str, Any]:
    kinds = dict(Record.Kind.choices)
    return {
        "key": key,
        "colour": STATE_COLOURS[State(key.state)],
        "kid": bytes(key.kid).hex() if key.kid else "",
        "kinds": [kinds[one] for one in key.kinds],
        "days_left": days_between(now, key.signs_until) if key.signs_until else None,
        "overlap": _overlap(key, every),
    }


def _overlap(key: SigningKey, every: list[SigningKey]) -> list[SigningKey]:
    """Keys in use that sign the same and whose turns overlap with this one's: a roll-over without a gap."""
    if key.state != State.ACTIVE or key.not_before is None or key.signs_until is None:
        return []
    return [
        other
        for other in every
        if other.pk != key.pk
        and (other.state, other.purpose) == (State.ACTIVE, key.purpose)
        and (not other.kinds or not key.kinds or set(other.kinds) & set(key.kinds))
        and other.not_before is not None
        and other.signs_until is not None
        and other.not_before < key.signs_until
        and key.not_before < other.signs_until
    ]


def _lines(found: list[SigningKey], now: datetime) -> list[dict[str, Any]]:
    """For each key in use where its bar begins and ends, in hundredths of the time all of them cover."""
    active = [one for one in found if one.state == State.ACTIVE and one.not_before and one.not_after]
    if not active:
        return []
    starts = min([one.not_before for one in active if one.not_before] + [now])
    ends = max([one.not_after for one in active if one.not_after] + [now])
    whole = max((ends - starts).total_seconds(), 1.0)

    def place(at: datetime | None) -> float:
        return 100 * ((at or ends) - starts).total_seconds() / whole

    return [
        {
            "key": one,
            "x": f"{place(one.not_before):.2f}",
            "signs": f"{max(0.5, place(one.signs_until) - place(one.not_before)):.2f}",
            "valid": f"{max(0.5, place(one.not_after) - place(one.not_before)):.2f}",
            "now": f"{place(now):.2f}",
        }
        for one in active
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def make(request: HttpRequest) -> HttpResponse:
    """A new key; `like` names the one it follows, whose purpose and kinds it takes over."""
    by, now = actor_of(request), timezone.now()
    before = queries.keys(by=by).filter(label=request.GET.get("like", "")[:50]).first()
    initial = {"purpose": before.purpose, "kinds": before.kinds} if before else {"purpose": "dsc"}
    form = MakeKeyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            key = actions.make_key(
                label=wanted["label"],
                purpose=Purpose(wanted["purpose"]),
                kinds=[Kind(one) for one in wanted["kinds"]],
                in_token=wanted["in_token"],
                most_certificates=wanted["most_certificates"],
                by=by,
                now=now,
            )
        except Conflict as error:
            form.add_error("label", error.message)
        except (InvalidInput, Unavailable) as error:
            form.add_error(None, error.message)
        else:
            messages.success(
                request, _("Made. Send its request to the authority, or let one of yours certify it.")
            )
            return redirect("certificate-key", key.label)
    context = framed(request, "certificate-keys", form=form, before=before)
    status = 400 if form.errors else 200
    return render(request, "health_certificates/staff/key_make.html", context, status=status)


@require_safe
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def key(request: HttpRequest, label: str) -> HttpResponse:
    return _page(request, label)


def _found(label: str, by: Actor) -> SigningKey:
    found = queries.keys(by=by).filter(label=label).select_related("authority").first()
    if found is None:
        raise NotFound
    return found


def _page(request: HttpRequest, label: str, status: int = 200, **bound: forms.Form) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    found = _found(label, by)
    every = [one for one in queries.keys(by=by) if one.environment == found.environment]
    authorities = [one.label for one in every if (one.purpose, one.state) == ("sca", State.ACTIVE)]
    called = names([found.created_by, found.activated_by, found.ended_by])
    needs_other = found.environment == "live" and found.created_by == by.label
    context = framed(
        request,
        "certificate-keys",
        key=found,
        row=_row(found, every, now),
        facts=_facts(found),
        timeline=_timeline(found, called),
        installing=bound.get("installing") or InstallForm(auto_id="install_%s"),
        certifying=bound.get("certifying") or CertifyForm(auto_id="certify_%s", authorities=authorities),
        retiring=bound.get("retiring") or RetireForm(auto_id="retire_%s", label=found.label),
        authorities=authorities,
        is_requested=found.state == State.REQUESTED,
        is_authority=found.purpose == "sca",
        may_activate=found.state == State.CERTIFIED and not needs_other,
        waits_for_other=found.state == State.CERTIFIED and needs_other,
        may_retire=found.state != State.COMPROMISED,
        is_active=found.state == State.ACTIVE,
        is_near=found.pk in {one.pk for one in queries.keys_near_their_end(now=now)},
        follow=f"{reverse('certificate-key-make')}?like={found.label}",
    )
    return render(request, "health_certificates/staff/key.html", context, status=status)


def _facts(found: SigningKey) -> list[tuple[str, Any]]:
    kinds = dict(Record.Kind.choices)
    return [
        (_("Purpose"), found.get_purpose_display()),
        (_("May sign"), " · ".join(str(kinds[one]) for one in found.kinds) if found.purpose == "dsc" else ""),
        (_("Country"), found.country),
        (_("Key identifier"), bytes(found.kid).hex() if found.kid else ""),
        (_("Certified by"), found.authority.label if found.authority else ""),
        (_("Private half"), _("in the hardware token") if found.token_label else _("sealed in the database")),
    ]


def _timeline(found: SigningKey, called: dict[str, str]) -> list[dict[str, Any]]:
    steps = [
        (found.created_at, _("Made"), found.created_by, "", "accent"),
        (found.activated_at, _("Let in"), found.activated_by, "", "success"),
        (found.ended_at, found.get_state_display(), found.ended_by, found.end_reason, "danger"),
    ]
    return [
        {
            "at": at,
            "title": title,
            "text": " · ".join(one for one in (called.get(who, who), why) if one),
            "colour": colour,
        }
        for at, title, who, why, colour in reversed(steps)
        if at is not None
    ]


@require_safe
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def request_file(request: HttpRequest, label: str) -> HttpResponse:
    found = _found(label, actor_of(request))
    return _file(found.request_pem, f"{found.label}.csr.pem")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def certificate_file(request: HttpRequest, label: str) -> HttpResponse:
    """The certificate in PEM; asked for by POST, inside a message signed for the trust network (CMS, base64)."""
    found = _found(label, actor_of(request))
    if found.certificate is None:
        raise NotFound
    if request.method == "POST":
        return _for_network(request, label)
    body = base64.encodebytes(bytes(found.certificate)).decode().replace("\n", "")
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return _file(
        f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n", f"{found.label}.crt.pem"
    )


def _for_network(request: HttpRequest, label: str) -> HttpResponse:
    try:
        made = uploading.sign_upload(label=label, by=actor_of(request), now=timezone.now())
    except (Conflict, Unavailable) as error:
        messages.error(request, error.message)
        return redirect("certificate-key", label)
    return _file(made.message.text, f"{label}.cms.txt", "text/plain")


def _file(content: str, name: str, kind: str = "application/x-pem-file") -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def install(request: HttpRequest, label: str) -> HttpResponse:
    form = InstallForm(request.POST, request.FILES, auto_id="install_%s")

    def step(by: Actor, now: datetime) -> None:
        actions.install_certificate(
            label=label,
            certificate=form.certificate(),
            sign_days=form.cleaned_data["sign_days"],
            by=by,
            now=now,
        )

    return _do(request, label, step, installing=form)


@require_POST
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def certify(request: HttpRequest, label: str) -> HttpResponse:
    """By an authority of one's own; an authority vouches for itself."""
    found = _found(label, actor_of(request))
    if found.purpose == "sca":
        return _do(request, label, lambda by, now: actions.certify_self(label=label, by=by, now=now))
    every = queries.keys(by=actor_of(request)).filter(purpose="sca", state=State.ACTIVE)
    form = CertifyForm(request.POST, auto_id="certify_%s", authorities=[one.label for one in every])

    def step(by: Actor, now: datetime) -> None:
        actions.certify_with(label=label, **form.cleaned_data, by=by, now=now)

    return _do(request, label, step, certifying=form)


@require_POST
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def activate(request: HttpRequest, label: str) -> HttpResponse:
    return _do(request, label, lambda by, now: actions.activate_key(label=label, by=by, now=now))


@require_POST
@staff_page(Permission.MANAGE_HEALTH_KEYS)
def retire(request: HttpRequest, label: str) -> HttpResponse:
    form = RetireForm(request.POST, auto_id="retire_%s", label=label)

    def step(by: Actor, now: datetime) -> None:
        wanted = form.cleaned_data
        actions.retire_key(
            label=label, reason=wanted["reason"], is_compromised=wanted["is_compromised"], by=by, now=now
        )

    return _do(request, label, step, retiring=form)


def _do(request: HttpRequest, label: str, step: Step, **bound: forms.Form) -> HttpResponse:
    """Take a step and go back to the key. What stands against it is said at its form, or above the page."""
    form = next(iter(bound.values()), None)
    if form is not None and not form.is_valid():
        return _page(request, label, status=400, **bound)
    try:
        step(actor_of(request), timezone.now())
    except (Conflict, InvalidInput, NotAllowed, Unavailable) as error:
        if form is not None:
            form.add_error(None, error.message)
            return _page(request, label, status=error.http_status, **bound)
        messages.error(request, error.message)
    answer: HttpResponseBase = redirect("certificate-key", label)
    assert isinstance(answer, HttpResponse)
    return answer
