"""People as the staff sees them: found by name, document or contact, and every look goes into the audit."""

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from openconsular.citizens import queries
from openconsular.citizens.forms.staff import PeopleSearchForm
from openconsular.citizens.models import Contact
from openconsular.citizens.queries.journeys import residence_of, stays_of, trips_of
from openconsular.citizens.session import private
from openconsular.domain.people import phones
from openconsular.foundation import profile
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page


@require_http_methods(["GET", "POST"])
@staff_page(Permission.SEE_PEOPLE)
def people_search(request: HttpRequest) -> HttpResponse:
    """The search is a POST: what is searched for is personal data and stays out of addresses and logs."""
    form = PeopleSearchForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = queries.search_people(
            actor=actor_of(request),
            text=form.cleaned_data["text"],
            region=profile.current().country,
            now=datetime.now(UTC),
        )
    context = {"form": form, "found": found, "section": "people"}
    response = render(request, "citizens/staff_people.html", context)
    private(response)
    return response


@require_safe
@staff_page(Permission.SEE_PEOPLE)
def person_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    by, now = actor_of(request), datetime.now(UTC)
    person = queries.person_for(actor=by, public_id=public_id, now=now)
    visible = queries.visible_to(by)
    source = person.lead or person
    context = {
        "section": "people",
        "person": person,
        "companions": visible.filter(lead=person).order_by("pk"),
        "contacts": [
            (one, phones.shown(one.value) if one.kind == Contact.Kind.PHONE else one.value)
            for one in source.contacts.order_by("is_trusted_other", "pk")
        ],
        "same_contact": [one for one in queries.same_contact(person) if visible.filter(pk=one.pk).exists()],
        "stays": stays_of(person, now),
        "trips": trips_of(source, now),
        "residence": residence_of(person, now),
        "consents": source.consents.order_by("-given_at"),
        "case_number": "",
    }
    response = render(request, "citizens/staff_person.html", context)
    private(response)
    return response
