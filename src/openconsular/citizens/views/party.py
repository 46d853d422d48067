"""Who is with me, how to reach me, and whom I trust."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.citizens import actions, session
from openconsular.citizens.entries import ContactFacts, phone_or_email
from openconsular.citizens.forms.people import (
    CodeForm,
    CompanionForm,
    ContactForm,
    PersonForm,
    TrustedForm,
    initial_of,
    refuse,
)
from openconsular.citizens.models import Contact, Person
from openconsular.citizens.session import citizen_required
from openconsular.domain.people import emails, phones
from openconsular.foundation import profile
from openconsular.foundation.errors import InvalidInput, NotFound

ADDING = "citizens.adding_contact"


@require_safe
@citizen_required
def people(request: HttpRequest, person: Person) -> HttpResponse:
    companions = person.companions.filter(erased_at__isnull=True).order_by("pk")
    return render(
        request, "citizens/people.html", {"person": person, "companions": companions, "section": "me-people"}
    )


@require_http_methods(["GET", "POST"])
@citizen_required
def add_companion(request: HttpRequest, person: Person) -> HttpResponseBase:
    form = CompanionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_companion(
                lead_id=person.pk, facts=form.facts(), by=actions.actor_of(person), now=datetime.now(UTC)
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            messages.success(
                request, _("Added. Your trips and your residence now count for this person too.")
            )
            return redirect("me-people")
    context = {"form": form, "section": "me-people", "title": _("Add someone who is with you")}
    return render(request, "citizens/person_form.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def change_person(request: HttpRequest, person: Person, public_id: UUID) -> HttpResponseBase:
    """Correct one's own particulars, or a companion's."""
    one = _of_party(person, public_id)
    kind = PersonForm if one.pk == person.pk else CompanionForm
    form = kind(request.POST or None, initial=initial_of(one))
    if request.method == "POST" and form.is_valid():
        facts = form.facts()
        if one.pk != person.pk:
            facts = actions.PersonFacts(**{**vars(facts), "languages": tuple(one.languages)})
        try:
            actions.change_person(
                person_id=one.pk, facts=facts, by=actions.actor_of(person), now=datetime.now(UTC)
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("me-people")
    context = {"form": form, "section": "me-people", "title": _("Change particulars")}
    return render(request, "citizens/person_form.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def remove_companion(request: HttpRequest, person: Person, public_id: UUID) -> HttpResponseBase:
    one = _of_party(person, public_id)
    if one.pk == person.pk:
        raise NotFound
    if request.method == "POST":
        actions.remove_companion(person_id=one.pk, by=actions.actor_of(person), now=datetime.now(UTC))
        messages.success(request, _("Removed, with all that was kept about this person."))
        return redirect("me-people")
    return render(request, "citizens/companion_remove.html", {"one": one, "section": "me-people"})


@require_http_methods(["GET", "POST"])
@citizen_required
def contacts(request: HttpRequest, person: Person) -> HttpResponseBase:
    """The phones and e-mail addresses of a person; a new one is asked to prove itself by a code."""
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.given is not None:
        actions.request_code(
            contact=form.given,
            address=session.address_of(request),
            is_new_welcome=True,
            now=datetime.now(UTC),
        )
        session.put(request, ADDING, vars(form.given))
        return redirect("me-contact-code")
    mine = [(one, _shown(one)) for one in person.contacts.filter(is_trusted_other=False).order_by("pk")]
    context = {"form": form, "contacts": mine, "section": "me-contacts"}
    return render(request, "citizens/contacts.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def contact_code(request: HttpRequest, person: Person) -> HttpResponseBase:
    adding = session.get(request, ADDING)
    if adding is None:
        return redirect("me-contacts")
    contact = ContactFacts(**adding)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = datetime.now(UTC)
        try:
            proven = actions.check_code(
                contact=contact, code=form.cleaned_data["code"], address=session.address_of(request), now=now
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            request.session.pop(ADDING, None)
            actions.add_contact(person_id=person.pk, proven=proven, by=actions.actor_of(person), now=now)
            messages.success(request, _("The contact is confirmed."))
            return redirect("me-contacts")
    masked = phones.masked(contact.value) if contact.kind == "phone" else emails.masked(contact.value)
    context = {"form": form, "contact": masked, "section": "me-contacts", "is_adding": True}
    return render(request, "citizens/code.html", context)


@require_POST
@citizen_required
def remove_contact(request: HttpRequest, person: Person, contact_id: int) -> HttpResponseBase:
    actions.remove_contact(
        person_id=person.pk, contact_id=contact_id, by=actions.actor_of(person), now=datetime.now(UTC)
    )
    messages.success(request, _("The contact is removed."))
    return redirect("me-contacts")


@require_http_methods(["GET", "POST"])
@citizen_required
def trusted(request: HttpRequest, person: Person) -> HttpResponseBase:
    """Whom to ask when the person does not answer."""
    known = person.contacts.filter(is_trusted_other=True).first()
    start = {"name": known.other_name, "contact": known.value} if known else None
    form = TrustedForm(request.POST or None, initial=start)
    by, now = actions.actor_of(person), datetime.now(UTC)
    if request.method == "POST" and "remove" in request.POST:
        actions.set_trusted_contact(person_id=person.pk, name="", contact=None, by=by, now=now)
        messages.success(request, _("Nobody is named any more."))
        return redirect("me")
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_trusted_contact(
                person_id=person.pk,
                name=form.cleaned_data["name"],
                contact=phone_or_email(form.cleaned_data["contact"], profile.current().country),
                by=by,
                now=now,
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved. Please tell this person."))
            return redirect("me")
    context = {"form": form, "known": known, "section": "me-contacts"}
    return render(request, "citizens/trusted.html", context)


def _shown(contact: Contact) -> str:
    return phones.shown(contact.value) if contact.kind == Contact.Kind.PHONE else contact.value


def _of_party(person: Person, public_id: UUID) -> Person:
    one = Person.objects.filter(public_id=public_id, erased_at__isnull=True).first()
    if one is None or person.pk not in (one.pk, one.lead_id):
        raise NotFound
    return one
