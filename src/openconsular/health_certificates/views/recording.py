"""Writing down: whom, what, a look at what the certificate will say, and only then into the register."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from openconsular.citizens import queries as citizens
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.recording import OFFERED
from openconsular.foundation import profile
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates import previewing
from openconsular.health_certificates.actions import issuing, records
from openconsular.health_certificates.forms.people import PersonSearchForm
from openconsular.health_certificates.forms.recording import RecordForm, zone_of
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries import register
from openconsular.health_certificates.queries.records import record_for
from openconsular.health_certificates.views.certificate import no_store
from openconsular.health_certificates.views.frame import framed
from openconsular.health_certificates.views.said import compared, said


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.RECORD_HEALTH)
def choose(request: HttpRequest) -> HttpResponse:
    """Whom it is about, for those who may look into the registry, and which certificate."""
    by, now = actor_of(request), timezone.now()
    may_search = by.can(Permission.SEE_PEOPLE)
    form = PersonSearchForm(request.POST or None)
    found = None
    if request.method == "POST" and may_search and form.is_valid():
        text, region = form.cleaned_data["text"], profile.current().country
        found = citizens.search_people(actor=by, text=text, region=region, now=now)
    person = _person(request.GET.get("person", ""), by, now)
    context = framed(
        request,
        "certificate-new",
        form=form,
        found=found,
        person=person,
        may_search=may_search,
        offers=_offers(),
    )
    return no_store(render(request, "health_certificates/staff/choose.html", context))


def _offers() -> list[dict[str, Any]]:
    """What can be written down here: a card a format, a link a kind."""
    about = {
        Format.ICVP: _(
            "Yellow fever and polio, in the form of the International Health Regulations of 2024."
        ),
        Format.EU_DCC: _("COVID-19, read by the verifiers of some 80 states."),
        Format.SMART: _("COVID-19, read in North America and Japan."),
    }
    names, kinds = dict(Record.Format.choices), dict(Record.Kind.choices)
    order = [one for one in about if one.value in issuing.formats()]
    return [
        {
            "format": one.value,
            "name": names[one.value],
            "about": about[one],
            "kinds": [(kind.value, kinds[kind.value]) for kind in Kind if kind in OFFERED[one]],
        }
        for one in order
    ]


def _person(public_id: str, by: Actor, now: datetime) -> Any:
    """The registered person of an address; None where none is named or one may not look."""
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    if not by.can(Permission.SEE_PEOPLE):
        return None
    return citizens.person_for(actor=by, public_id=wanted, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.RECORD_HEALTH)
def write(request: HttpRequest, certificate_format: str, kind: str) -> HttpResponse:
    """The form, then what the certificate will say, then the register. Nothing is signed here."""
    try:
        chosen = Format(certificate_format), Kind(kind)
    except ValueError:
        raise Http404 from None
    if chosen[0].value not in issuing.formats() or chosen[1] not in OFFERED[chosen[0]]:
        raise Http404
    return _Desk(request, *chosen).answer()


class _Desk:
    """One form on its way into the register. `person` and `replaces` stand in the address."""

    def __init__(self, request: HttpRequest, certificate_format: Format, kind: Kind) -> None:
        self.request, self.format, self.kind = request, certificate_format, kind
        self.by, self.now = actor_of(request), timezone.now()
        self.person = _person(request.GET.get("person", ""), self.by, self.now)
        self.before = self._before()
        mission_id = None if self.by.sees_every_mission else self.by.mission_id
        if self.by.sees_every_mission and (told := request.POST.get("mission", "")).isdecimal():
            mission_id = int(told[:9])
        self.form = RecordForm(
            request.POST if request.method == "POST" else None,
            certificate_format=certificate_format,
            kind=kind,
            zone=zone_of(mission_id),
            names_mission=self.by.sees_every_mission,
            initial=self._initial(mission_id),
        )

    def _before(self) -> Any:
        """The record a correction is of, opened; None for a first one."""
        try:
            wanted = UUID(self.request.GET.get("replaces", ""))
        except ValueError:
            return None
        before = record_for(public_id=wanted, by=self.by, now=self.now)
        if before.written is None or (before.record.format, before.record.kind) != (self.format, self.kind):
            raise Http404
        return before

    def _initial(self, mission_id: int | None) -> dict[str, Any]:
        ours = profile.current()
        here = next((one.country for one in ours.missions if one.timezone == zone_of(mission_id)), "")
        start: dict[str, Any] = {
            "nationality": ours.country,
            "country": here or ours.country,
            "dose": "1",
            "doses": "1",
        }
        if self.before is not None:
            return start | _fields_of(self.before.written)
        if self.person is not None:
            family, _blank, given = str(self.person.latin_name).partition(" ")
            start |= {
                "family_name": family,
                "given_name": given,
                "born_on": self.person.born_on.isoformat() if self.person.born_on else "",
                "document_number": self.person.document_number or "",
            }
        return start

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._page()
        if not self.form.is_valid() or self.request.POST.get("then") == "change":
            return self._page(status=200 if self.request.POST.get("then") == "change" else 400)
        fields = self.form.written()
        try:
            written = records.checked(fields, self.format, self.kind, self.now)
            certificate = previewing.preview(written, self.format, self.now)
        except InvalidInput as error:
            self.form.refuse(error)
            return self._page(status=400)
        twins = register.alike(
            written, self.format.value, by=self.by, except_for=self.before.record if self.before else None
        )
        must_look = bool(twins) and self.request.POST.get("looked") != "on"
        if self.request.POST.get("then") == "save" and not must_look:
            return self._save(fields)
        context = self._context(
            groups=said(certificate),
            twins=twins,
            must_look=must_look and self.request.POST.get("then") == "save",
            changes=self._changes(certificate),
        )
        return no_store(render(self.request, "health_certificates/staff/preview.html", context))

    def _changes(self, certificate: Any) -> list[tuple[str, str, str]] | None:
        if self.before is None:
            return None
        return compared(previewing.preview(self.before.written, self.format, self.now), certificate)

    def _save(self, fields: dict[str, str]) -> HttpResponse:
        mission = self.form.cleaned_data.get("mission") or ""
        try:
            record = records.record_event(
                certificate_format=self.format,
                kind=self.kind,
                fields=fields,
                mission_id=int(mission) if mission else None,
                person_public_id=self.person.public_id if self.person else None,
                replaces=self.before.record.public_id if self.before else None,
                by=self.by,
                now=self.now,
            )
        except InvalidInput as error:
            self.form.refuse(error)
            return self._page(status=400)
        except Conflict as error:
            self.form.add_error(None, error.message)
            return self._page(status=409)
        messages.success(
            self.request, _("Written down. Another person has to approve it before it is signed.")
        )
        return redirect("certificate", record.public_id)

    def _context(self, **more: Any) -> dict[str, Any]:
        return framed(
            self.request,
            "certificate-new",
            form=self.form,
            format_name=dict(Record.Format.choices)[self.format.value],
            kind_name=dict(Record.Kind.choices)[self.kind.value],
            person=self.person,
            before=self.before,
            back=reverse("certificate-new"),
            **more,
        )

    def _page(self, status: int = 200) -> HttpResponse:
        context = self._context()
        return no_store(render(self.request, "health_certificates/staff/write.html", context, status=status))


def _fields_of(written: Any) -> dict[str, str]:
    """What was written down, as the form shows it."""
    holder, entry = written.holder, written.entry
    names = ("family_name", "given_name", "standard_family_name", "standard_given_name", "born_on", "sex")
    more = ("nationality", "document_number", "document_type", "guardian")
    found = {name: getattr(holder, name) for name in (*names, *more)}
    found |= {
        "batch": entry.batch,
        "place": entry.place,
        "clinician": entry.clinician,
        "country": entry.country,
    }
    found |= {
        "product": entry.product.code,
        "covid_product": entry.product.code,
        "device": entry.product.code,
    }
    found |= {
        "cvx_product": entry.vaccine.code,
        "dose": str(entry.dose or ""),
        "doses": str(entry.doses or ""),
    }
    found |= {"test_type": entry.test_type.code, "result": entry.result.code}
    found |= {"happened_on": entry.happened_on, "happened_at": entry.happened_on[:16]}
    return found | {"valid_from": entry.valid_from, "valid_until": entry.valid_until}
