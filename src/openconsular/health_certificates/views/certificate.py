"""One record and its certificate: what it says, how it came about, its code and papers, and the steps that follow."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.domain.health import formats
from openconsular.domain.health.carriers import codes
from openconsular.domain.health.certificate import Certificate, Format
from openconsular.domain.health.paper import draw
from openconsular.domain.health.verdict import Unreadable
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates import contents, previewing
from openconsular.health_certificates.actions import claims, records, revocations
from openconsular.health_certificates.forms.deciding import RefuseForm, RevokeForm
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries import register
from openconsular.health_certificates.queries.records import RecordView, record_for, subject_of
from openconsular.health_certificates.reasons import reason_text
from openconsular.health_certificates.views import mailing
from openconsular.health_certificates.views.frame import framed, names
from openconsular.health_certificates.views.said import Said, compared, said, sheet_of

STATE_COLOURS = {
    "waiting": "warning",
    "refused": "neutral",
    "approved": "info",
    "issued": "success",
    "revoked": "danger",
}
Step = Callable[[Actor, datetime], object]


def state_words() -> dict[str, str]:
    return {
        "waiting": _("waiting for approval"),
        "approved": _("approved, not signed yet"),
        "issued": _("issued"),
        "revoked": _("revoked"),
        "refused": _("refused"),
    }


def no_store(response: HttpResponse) -> HttpResponse:
    """Health records are kept by no browser and nothing on the way."""
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@staff_page(Permission.SEE_HEALTH)
def certificate(request: HttpRequest, record_id: UUID) -> HttpResponse:
    return page(request, record_id)


@require_POST
@staff_page(Permission.APPROVE_HEALTH)
def approve(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    def step(by: Actor, now: datetime) -> None:
        records.approve_record(public_id=record_id, by=by, now=now)
        messages.success(request, _("Approved. It is signed within seconds."))

    return _do(request, record_id, step)


@require_POST
@staff_page(Permission.RECORD_HEALTH, Permission.APPROVE_HEALTH)
def refuse(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    form = RefuseForm(request.POST)

    def step(by: Actor, now: datetime) -> None:
        records.refuse_record(public_id=record_id, reason=form.cleaned_data["reason"], by=by, now=now)

    return _do_with("refusing", form, request, record_id, step)


@require_POST
@staff_page(Permission.REVOKE_HEALTH)
def revoke(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    form = RevokeForm(request.POST)

    def step(by: Actor, now: datetime) -> None:
        view = record_for(public_id=record_id, by=by, now=now)
        wanted = form.cleaned_data
        revocations.revoke(
            identifiers=[view.identifier], reason=wanted["reason"], note=wanted["note"], by=by, now=now
        )
        messages.success(request, _("Revoked. Verifiers learn of it with their next list."))

    return _do_with("revoking", form, request, record_id, step)


@require_POST
@staff_page(Permission.SEE_HEALTH)
def deliver(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A code for the holder, shown here and nowhere else, this once."""
    by, now = actor_of(request), timezone.now()
    claim = claims.make_claim(public_id=record_id, by=by, now=now)
    context = framed(
        request,
        "certificates",
        record_id=record_id,
        claim=claim,
        enter_at=_address(request, "certificate-claim"),
        link=_address(request, "certificate-claim-link", claim.token),
    )
    return no_store(render(request, "health_certificates/staff/claim.html", context))


@require_POST
@staff_page(Permission.SEE_HEALTH)
def mail(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    """The link by e-mail, to an address the holder gave."""
    return mailing.answer(request, record_id, page)


def _address(request: HttpRequest, name: str, *arguments: str) -> str:
    """The holder's own page of this name; "" where an installation has none."""
    try:
        return request.build_absolute_uri(reverse(name, args=arguments))
    except NoReverseMatch:
        return ""


# ------------------------------------------------------------------ code and papers

_PAPERS: dict[str, tuple[Callable[..., bytes], str, str]] = {
    "a4": (draw.certificate_pdf, "pdf", "application/pdf"),
    "card": (draw.card_pdf, "pdf", "application/pdf"),
    "phone": (draw.phone_png, "png", "image/png"),
}


@require_safe
@staff_page(Permission.SEE_HEALTH)
def code(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """The picture of its code; of several that of the one asked for (`?which=2`)."""
    texts = codes.texts_of(_issued(request, record_id).text)
    told = request.GET.get("which", "1")
    which = int(told) if told.isascii() and told.isdecimal() and len(told) < 3 else 0
    if not 1 <= which <= len(texts):
        raise NotFound
    return no_store(HttpResponse(codes.qr_svg(texts[which - 1]), content_type="image/svg+xml"))


@require_safe
@staff_page(Permission.SEE_HEALTH)
def paper(request: HttpRequest, record_id: UUID, kind: str) -> HttpResponse:
    """The certificate as a file: A4, a card, a picture for a telephone. Who took it away is audited."""
    if kind not in _PAPERS:
        raise NotFound
    view = _issued(request, record_id)
    make, ending, media_type = _PAPERS[kind]
    exercise = "" if settings.CERTIFICATES == "live" else _("TEST · NOT VALID")
    verify_at = request.get_host() if _address(request, "verifier") else ""
    sheet = sheet_of(_read(view.text), view.text, view.identifier, verify_at, exercise)
    by, now = actor_of(request), timezone.now()
    audit.record(
        by=by, action="certificate.print", subject=subject_of(view.record), now=now, detail={"as": kind}
    )
    response = HttpResponse(make(sheet), content_type=media_type)
    response["Content-Disposition"] = (
        f'attachment; filename="certificate-{kind}-{str(record_id)[:8]}.{ending}"'
    )
    return no_store(response)


def _issued(request: HttpRequest, record_id: UUID) -> RecordView:
    view = record_for(public_id=record_id, by=actor_of(request), now=timezone.now())
    if not view.text:
        raise NotFound(_("There is no certificate to show, or its words were deleted by their term."))
    return view


def _read(text: str) -> Certificate:
    try:
        return formats.read(text).certificate
    except Unreadable as error:
        raise Conflict(error.message, code=error.code) from error


# ------------------------------------------------------------------ the page


def _do(request: HttpRequest, record_id: UUID, step: Step) -> HttpResponseBase:
    try:
        step(actor_of(request), timezone.now())
    except (Conflict, InvalidInput) as error:
        messages.error(request, error.message)
    return redirect("certificate", record_id)


def _do_with(
    name: str, form: forms.Form, request: HttpRequest, record_id: UUID, step: Step
) -> HttpResponseBase:
    if form.is_valid():
        return _do(request, record_id, step)
    return page(request, record_id, status=400, **{name: form})


def page(request: HttpRequest, record_id: UUID, status: int = 200, **bound: forms.Form) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    try:
        view = record_for(public_id=record_id, by=by, now=now)
    except contents.Altered as error:
        context = framed(request, "certificates", message=error.message)
        return no_store(render(request, "health_certificates/staff/altered.html", context, status=409))
    record = view.record
    issued = getattr(record, "issued", None)
    is_own = record.recorded_by == by.label
    waits = view.state == "waiting" and record.batch_id is None
    context = framed(
        request,
        "certificate-approvals" if waits and not is_own else "certificates",
        record=record,
        view=view,
        issued=issued,
        state_word=state_words()[view.state],
        state_colour=STATE_COLOURS[view.state],
        groups=_told(view, now),
        twins=register.alike(view.written, record.format, by=by, except_for=record)
        if view.written and waits
        else [],
        changes=_changes(view, by, now) if record.replaces_id else None,
        replaced_by=Record.objects.filter(replaces=record).first(),
        timeline=_timeline(view),
        fault=reason_text(record.fault),
        waits=waits,
        is_own=is_own,
        may_approve=waits and not is_own and by.can(Permission.APPROVE_HEALTH),
        may_refuse=waits and (is_own or by.can(Permission.APPROVE_HEALTH)),
        may_revoke=view.state == "issued" and by.can(Permission.REVOKE_HEALTH),
        may_correct=view.state == "issued" and bool(view.written) and by.can(Permission.RECORD_HEALTH),
        refusing=bound.get("refusing") or RefuseForm(auto_id="refuse_%s"),
        revoking=bound.get("revoking") or RevokeForm(auto_id="revoke_%s"),
        facts=_facts(view),
        code_numbers=range(1, len(codes.texts_of(view.text)) + 1) if view.text else (),
        **_handing_over(view, bound, by),
    )
    return no_store(render(request, "health_certificates/staff/certificate.html", context, status=status))


def _told(view: RecordView, now: datetime) -> list[Said]:
    """As signed, once it is; before that what it would say. Nothing when the words are gone."""
    if view.text:
        return said(_read(view.text))
    if view.written is None:
        return []
    return said(previewing.preview(view.written, Format(view.record.format), now))


def _changes(view: RecordView, by: Actor, now: datetime) -> list[tuple[str, str, str]]:
    if view.record.replaces is None or view.written is None:
        return []
    before = record_for(public_id=view.record.replaces.public_id, by=by, now=now)
    if before.written is None:
        return []
    form = Format(view.record.format)
    return compared(
        previewing.preview(before.written, form, now), previewing.preview(view.written, form, now)
    )


def _handing_over(view: RecordView, bound: dict[str, forms.Form], by: Actor) -> dict[str, Any]:
    """What the page needs to bring a certificate to its holder."""
    if view.state != "issued" or not view.text:
        return {}
    mails = mailing.told(view.record.issued, by)
    return {
        "mails": mails,
        "mailing": bound.get("mailing") or mailing.form_for(view.record.issued, by),
        "is_mail_under_way": any(one["mail"].state == "queued" for one in mails),
        "has_mail_server": mailing.has_mail_server(),
        "certificate_address": reverse("certificate", args=[view.record.public_id]),
    }


def _facts(view: RecordView) -> list[tuple[str, Any]]:
    record = view.record
    return [
        (_("Kind"), f"{record.get_format_display()} · {record.get_kind_display()}"),
        (_("Mission"), record.mission or _("The ministry")),
        (_("Certificate number"), view.identifier),
    ]


def _timeline(view: RecordView) -> list[dict[str, Any]]:
    """What happened, the newest first, by whom."""
    record, issued, batch = view.record, getattr(view.record, "issued", None), view.record.batch
    revoked = getattr(issued, "revoked", None)
    approved_by = record.approved_by or (batch.approved_by if batch else "")
    approved_at = record.approved_at or (batch.approved_at if batch else None)
    people = [record.recorded_by, approved_by, record.refused_by]
    if revoked:
        people += [revoked.revocation.proposed_by, revoked.revocation.confirmed_by]
    called = names(people)

    def by_whom(label: str) -> str:
        return called.get(label, label)

    steps: list[tuple[datetime | None, str, str, str]] = [
        (record.recorded_at, _("Written down"), by_whom(record.recorded_by), "accent"),
        (approved_at, _("Approved"), by_whom(approved_by), "accent"),
        (record.refused_at, _("Refused"), f"{by_whom(record.refused_by)} · {record.refusal}", "neutral"),
    ]
    if issued is not None:
        steps.append((issued.signed_at, _("Signed"), _("Key %(key)s") % {"key": issued.key.label}, "success"))
        steps.append((issued.delivered_at, _("Fetched by the holder"), "", "success"))
        steps.append((issued.forgotten_at, _("Words deleted by their term"), "", "neutral"))
    if revoked:
        decision = revoked.revocation
        people_told = " · ".join(by_whom(one) for one in (decision.proposed_by, decision.confirmed_by) if one)
        why = ": ".join(one for one in (decision.get_reason_display(), decision.note) if one)
        steps.append((revoked.at, _("Revoked"), f"{people_told} · {why}", "danger"))
    told: list[dict[str, Any]] = [
        {"at": at, "title": title, "text": text, "colour": colour}
        for at, title, text, colour in steps
        if at is not None
    ]
    # Approvals and signatures count in whole seconds: of steps taken within one the later one stands above.
    return sorted(told, key=lambda one: one["at"].replace(microsecond=0))[::-1]
