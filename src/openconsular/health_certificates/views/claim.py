"""Fetching a certificate: with the code from the paper or the link from a message, and the day of birth. No account."""

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openconsular.citizens import session
from openconsular.citizens.actions import TooMany
from openconsular.health_certificates import delivery
from openconsular.health_certificates.actions import claims
from openconsular.health_certificates.delivery import WrongCode
from openconsular.health_certificates.forms.claiming import BirthForm, ClaimForm
from openconsular.health_certificates.queries.wallet import HeldCertificate
from openconsular.health_certificates.views import holding


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponseBase:
    form = ClaimForm(request.POST or None)

    def fetch() -> HeldCertificate:
        return claims.claim_by_code(
            code=form.cleaned_data["code"],
            born_on=form.cleaned_data["born_on"].isoformat(),
            address=session.address_of(request),
            by=holding.actor(request),
            now=timezone.now(),
        )

    wrong = _(
        "This code and this date of birth lead to no certificate. Look at both again: a code works once, "
        "and ends after five attempts. The clinic or the mission makes a new one."
    )
    return _answer(request, form, fetch, wrong)


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link from a message. It asks for nothing but the day of birth, and never for an account."""
    try:
        delivery.issued_of(token, timezone.now())
    except WrongCode:
        page = render(request, "health_certificates/claim_over.html", status=404)
        return session.private(page)
    form = BirthForm(request.POST or None)

    def fetch() -> HeldCertificate:
        return claims.claim_by_link(
            token=token,
            born_on=form.cleaned_data["born_on"].isoformat(),
            address=session.address_of(request),
            by=holding.actor(request),
            now=timezone.now(),
        )

    wrong = _("This is not the date of birth on the certificate. Look at it again, or ask the clinic.")
    return _answer(request, form, fetch, wrong, is_link=True)


def _answer(
    request: HttpRequest,
    form: forms.Form,
    fetch: Callable[[], HeldCertificate],
    wrong: str,
    *,
    is_link: bool = False,
) -> HttpResponseBase:
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            found = fetch()
        except WrongCode:
            form.add_error(None, wrong)
            status = 400
        except TooMany as error:
            form.add_error(None, error.message)
            status = 429
        else:
            holding.remember(request, found.public_id, timezone.now())
            return redirect("wallet-certificate", found.public_id)
    elif request.method == "POST":
        status = 400
    context = {"form": form, "is_link": is_link, "person": session.current(request)}
    return session.private(render(request, "health_certificates/claim.html", context, status=status))


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Done on a telephone that is somebody else's: what was claimed on this visit opens no more."""
    holding.forget(request)
    return redirect("certificate-claim")
