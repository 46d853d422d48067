"""The e-mail that leads a holder to their certificate: asked for at the desk, its state beside the certificate."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from openconsular.citizens.actions import TooMany
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor
from openconsular.foundation.staff_pages import actor_of
from openconsular.health_certificates import mailing
from openconsular.health_certificates.actions import mailing as sending
from openconsular.health_certificates.forms.mailing import MailForm
from openconsular.health_certificates.models import ClaimMail, Issued
from openconsular.health_certificates.queries.mailing import SentMail, mails_of, masked
from openconsular.health_certificates.queries.records import visible_to

_COLOURS = {"queued": "info", "sent": "success", "failed": "danger"}


def answer(request: HttpRequest, record_id: UUID, page: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    """Queue the e-mail, or one that was sent before once more; else `page` again with what is wrong."""
    by, now = actor_of(request), timezone.now()
    again = request.POST.get("again", "")
    if again.isdecimal():
        return _again(request, record_id, int(again[:18]))
    record = visible_to(by).filter(public_id=record_id, issued__isnull=False).first()
    form = form_for(record.issued if record else None, by, request.POST)
    if record is None or not form.is_valid():
        return page(request, record_id, status=400, mailing=form)
    typed = form.cleaned_data
    try:
        sending.send_claim(
            public_id=record_id,
            address=typed["address"],
            language=typed["language"],
            agreed=typed["agreed"],
            by=by,
            now=now,
        )
    except InvalidInput as error:
        for name, text in error.fields.items():
            form.add_error(name, text)
        return page(request, record_id, status=400, mailing=form)
    except (Conflict, TooMany) as error:
        form.add_error(None, error.message)
        return page(request, record_id, status=error.http_status, mailing=form)
    return _queued(request, record_id)


def _again(request: HttpRequest, record_id: UUID, number: int) -> HttpResponseBase:
    try:
        sending.send_again(public_id=record_id, mail_id=number, by=actor_of(request), now=timezone.now())
    except (Conflict, TooMany) as error:
        messages.error(request, error.message)
        return redirect("certificate", record_id)
    return _queued(request, record_id)


def _queued(request: HttpRequest, record_id: UUID) -> HttpResponseBase:
    messages.success(request, _("The e-mail is on its way. Its state stands beside the certificate."))
    return redirect("certificate", record_id)


def form_for(issued: Issued | None, by: Actor, data: Any = None) -> MailForm:
    """The form for one certificate. An address of the registration is hinted at, never shown."""
    registered = sending.registered_address(issued) if issued is not None else ""
    return MailForm(data, languages=mailing.languages(), registered=masked(registered, by=by))


def told(issued: Issued, by: Actor) -> list[dict[str, Any]]:
    """The e-mails about a certificate as lines of the page."""
    return [
        {
            "mail": one,
            "word": ClaimMail.State(one.state).label,
            "colour": "warning" if _is_twin(one) else _COLOURS[one.state],
            "reason": _reason(one),
        }
        for one in mails_of(issued, by=by)
    ]


def _is_twin(one: SentMail) -> bool:
    return one.state == ClaimMail.State.SENT and one.via.endswith("-console")


def _reason(one: SentMail) -> str:
    """What the desk should know beyond the word; "" where there is nothing."""
    if _is_twin(one):
        return _("No mail server is configured here: it went to nobody.")
    if one.state == ClaimMail.State.QUEUED:
        return _("The mail server does not take it yet; it is tried again.") if one.fault else ""
    words = {
        "address-invalid": _("This address cannot be written to."),
        "revoked": _("The certificate was revoked meanwhile."),
        "link-over": _("The link was over before it could be sent."),
        "fetched": _("The holder fetched the certificate meanwhile."),
        "smtp-550": _("The mail server says that there is no such mailbox."),
    }
    if one.state == ClaimMail.State.FAILED:
        said = " ".join(part for part in (one.fault, one.fault_told) if part)
        return words.get(one.fault) or _("The mail server did not take it: %(reason)s") % {"reason": said}
    return ""


def has_mail_server() -> bool:
    """Whether an e-mail would reach anybody."""
    return bool(settings.EMAIL_URL)
