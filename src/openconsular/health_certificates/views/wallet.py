"""The wallet: a family's certificates, one with its code, the code alone, the little a shopkeeper needs, and papers."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from openconsular.citizens import actions as citizens
from openconsular.citizens import queries as people
from openconsular.citizens import session
from openconsular.domain.health.certificate import Format
from openconsular.domain.health.paper import draw
from openconsular.domain.health.paper.contents import Sheet
from openconsular.domain.health.smart.issue import file_of
from openconsular.foundation.errors import NotFound
from openconsular.health_certificates.actions import claims
from openconsular.health_certificates.queries import trust
from openconsular.health_certificates.queries.wallet import HeldCertificate, reduced, states_of
from openconsular.health_certificates.views import held_words, holding
from openconsular.health_certificates.views.said import sheet_of

# A telephone that holds certificates asks how they stand whenever it is opened with a network.
STATES_AN_ADDRESS = citizens.Ration("certificate-states", 600, holding.HELD_FOR * 2)
MOST_ASKED = 50


def _context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    person = session.current(request)
    return {
        "person": person,
        "section": "wallet" if person else "",
        "is_test": settings.CERTIFICATES != "live",
        "verify_at": _verify_at(request),
        **more,
    }


def _verify_at(request: HttpRequest) -> str:
    """Where anybody can verify, without "https://"; "" where this installation has no such page."""
    try:
        return request.get_host() + reverse("verifier").rstrip("/")
    except NoReverseMatch:
        return ""


def _by_holder(found: list[HeldCertificate]) -> list[tuple[str, list[HeldCertificate]]]:
    """The certificates of each person together, whoever has the newest first."""
    groups: dict[tuple[str, str], list[HeldCertificate]] = {}
    for one in found:
        groups.setdefault((one.name, one.born_on), []).append(one)
    return [(name, ones) for (name, _born), ones in groups.items()]


@require_safe
@session.citizen_required
def wallet(request: HttpRequest, person: Model) -> HttpResponse:
    held = _by_holder(holding.held(request, timezone.now()))
    groups = [(name, [held_words.line(one) for one in ones]) for name, ones in held]
    return render(request, "health_certificates/wallet.html", _context(request, groups=groups))


@require_safe
def certificate(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    """One certificate with its code, and what the code reveals."""

    def page(held: HeldCertificate, found: list[HeldCertificate]) -> HttpResponse:
        one = held_words.shown(held)
        known = {other.public_id for other in found}
        person = session.current(request)
        context = _context(
            request,
            one=one,
            replacement=held.replaced_by if held.replaced_by in known else None,
            kept=held_words.for_device(one) if one.codes else None,
            family=_family(person, held),
            can_keep=person is not None and held.person_id is None,
            is_visit=held.public_id in holding.claimed(request, timezone.now()),
            **_neighbours(held, found),
        )
        return render(request, "health_certificates/wallet_certificate.html", context)

    return _for_holder(request, record_id, page)


@require_safe
def show(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    """The code and nothing beside it, as large as the screen lets it be."""

    def page(held: HeldCertificate, found: list[HeldCertificate]) -> HttpResponseBase:
        one = held_words.shown(held)
        if not one.codes:
            return redirect("wallet-certificate", record_id)
        told = request.GET.get("code", "")
        which = min(int(told), len(one.codes)) if told.isascii() and told.isdecimal() and len(told) < 3 else 1
        which = max(1, which)
        context = _context(
            request,
            one=one,
            code=one.codes[which - 1],
            which=which,
            several=len(one.codes) if len(one.codes) > 1 else 0,
            **_steps(held, found, which, len(one.codes)),
        )
        return render(request, "health_certificates/wallet_show.html", context)

    return _for_holder(request, record_id, page)


@require_safe
def little(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    """Yes or no, the name and the year of birth, for whoever may not know more."""

    def page(held: HeldCertificate, found: list[HeldCertificate]) -> HttpResponse:
        now = timezone.now()
        if not held.text:
            raise NotFound
        seen = reduced(trust.verify(held.text, now=now))
        # The register knows of a revocation before the lists that verifiers hold.
        is_valid = seen.is_valid and held.state == "valid"
        context = _context(
            request, held=held, seen=seen, is_valid=is_valid, standing=held_words.standing_of(held), now=now
        )
        return render(request, "health_certificates/wallet_little.html", context)

    return _for_holder(request, record_id, page)


def _card_file(sheet: Sheet) -> bytes:
    """A health card as other wallets take it ("Healthcare Information: Via File Download"). No other format has it."""
    if sheet.certificate.format is not Format.SMART:
        raise NotFound
    return file_of(sheet.code)


_PAPERS: dict[str, tuple[Callable[..., bytes], str, str]] = {
    "a4": (draw.certificate_pdf, "pdf", "application/pdf"),
    "card": (draw.card_pdf, "pdf", "application/pdf"),
    "phone": (draw.phone_png, "png", "image/png"),
    "file": (_card_file, "smart-health-card", "application/smart-health-card"),
}


@require_safe
def paper(request: HttpRequest, record_id: UUID, kind: str) -> HttpResponseBase:
    """The certificate as a file to print or to send: A4, a card, a picture for a telephone."""
    if kind not in _PAPERS:
        raise NotFound
    make, ending, media_type = _PAPERS[kind]

    def file(held: HeldCertificate, found: list[HeldCertificate]) -> HttpResponse:
        certificate = held_words.read_text(held.text)
        if certificate is None or held.state == "revoked":
            raise NotFound
        exercise = "" if settings.CERTIFICATES == "live" else _("TEST · NOT VALID")
        sheet = sheet_of(certificate, held.text, held.identifier, _verify_at(request), exercise)
        response = HttpResponse(make(sheet), content_type=media_type)
        name = f"certificate-{kind}-{str(record_id)[:8]}.{ending}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    return _for_holder(request, record_id, file)


def _for_holder(
    request: HttpRequest,
    record_id: UUID,
    page: Callable[[HeldCertificate, list[HeldCertificate]], HttpResponseBase],
) -> HttpResponseBase:
    try:
        held, found = holding.held_one(request, record_id, timezone.now())
    except holding.NobodyHere:
        there = urlencode({"next": request.path})
        return session.private(redirect(f"{reverse('sign-in')}?{there}"))
    return session.private(page(held, found))


def _steps(held: HeldCertificate, found: list[HeldCertificate], which: int, codes: int) -> dict[str, str]:
    """Where one step back and one step on lead: to another code of the card, else to another certificate."""
    beside = _neighbours(held, found)
    here = reverse("wallet-show", args=[held.public_id])
    steps = {}
    for name, other, number in (
        ("back", beside["before"], which - 1),
        ("on", beside["after"], which + 1),
    ):
        if 1 <= number <= codes:
            steps[name] = f"{here}?code={number}"
        elif other is not None:
            steps[name] = reverse("wallet-show", args=[other.public_id])
    return steps


def _neighbours(held: HeldCertificate, found: list[HeldCertificate]) -> dict[str, Any]:
    """The certificates before and after this one, person by person, without those that have no code to show."""
    order = [one for _name, ones in _by_holder(found) for one in ones if one.text and one.state != "revoked"]
    if held not in order or len(order) < 2:
        return {"before": None, "after": None, "place": 1, "count": 1}
    place = order.index(held)
    return {
        "before": order[place - 1] if place else None,
        "after": order[place + 1] if place + 1 < len(order) else None,
        "place": place + 1,
        "count": len(order),
    }


def _family(person: Model | None, held: HeldCertificate) -> list[tuple[int, str, bool]]:
    """Whose of the family it can be said to be: (number, name, whether it is), when there is more than one."""
    if person is None or held.person_id is None:
        return []
    party = [people.person_by_id(one) for one in people.party_ids(person.pk)]
    names = [(one.pk, str(one), one.pk == held.person_id) for one in party if one is not None]
    return names if len(names) > 1 and any(is_whose for _pk, _name, is_whose in names) else []


@require_POST
def keep(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    """Into the wallet of who signed in after fetching it."""

    def change(held: HeldCertificate, found: list[HeldCertificate]) -> HttpResponseBase:
        if held.person_id is None:
            claims.keep_in_wallet(public_id=record_id, by=holding.actor(request), now=timezone.now())
        messages.success(request, _("It is in your wallet."))
        return redirect("wallet-certificate", record_id)

    return _for_holder(request, record_id, change)


@require_POST
def give(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    """Say whose of the family it is."""
    told = request.POST.get("whose", "")

    def change(held: HeldCertificate, found: list[HeldCertificate]) -> HttpResponseBase:
        try:
            claims.give_to_companion(
                public_id=record_id,
                companion_id=int(told[:18]) if told.isascii() and told.isdecimal() else 0,
                by=holding.actor(request),
                now=timezone.now(),
            )
        except NotFound:
            messages.error(request, _("This person is not in your registration."))
        else:
            messages.success(request, _("Noted whose it is."))
        return redirect("wallet-certificate", record_id)

    return _for_holder(request, record_id, change)


@require_safe
def device(request: HttpRequest) -> HttpResponse:
    """The page for what a telephone keeps. It says nothing of anybody: the script fills it from the telephone."""
    # It is kept on the telephone, so nothing of this visit may stand on it.
    context = {"standings": held_words.standings(), "verify_at": _verify_at(request), "messages": ()}
    return render(request, "health_certificates/wallet_device.html", context)


# Asked by a page kept on the telephone, which has no form token; it knows no session and changes no record.
@csrf_exempt
@require_POST
def states(request: HttpRequest) -> HttpResponseBase:
    """POST {"ids": [...]}: how certificates stand now, for telephones that keep them. It changes nothing."""
    now = timezone.now()
    citizens.use_ration(STATES_AN_ADDRESS, session.address_of(request), now)
    try:
        told = json.loads(request.body[:8192])
        wanted = [UUID(one) for one in told["ids"][:MOST_ASKED]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return JsonResponse({"code": "ids-malformed"}, status=400)
    found = {str(one): state for one, state in states_of(public_ids=wanted, now=now).items()}
    return session.private(JsonResponse({"checkedAt": now.isoformat(), "states": found}))
