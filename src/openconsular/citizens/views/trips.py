"""My trips and my residence: add, change, end, remove and take that back, print."""

from datetime import UTC, date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.citizens import actions, places, session
from openconsular.citizens.actions.stays import facts_of
from openconsular.citizens.forms.people import refuse
from openconsular.citizens.forms.places import LegForm, ResidenceForm, TripForm, initial_of
from openconsular.citizens.models import Person, Stay, Trip
from openconsular.citizens.queries.journeys import residence_of, trips_of
from openconsular.citizens.session import citizen_required
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound

REMOVED = "citizens.removed_trip"
UNDO_SECONDS = 600


@require_safe
@citizen_required
def trip_list(request: HttpRequest, person: Person) -> HttpResponse:
    now = datetime.now(UTC)
    context = {
        "person": person,
        "section": "trips",
        "trips": trips_of(person, now),
        "residence": residence_of(person, now),
        "removed": session.get(request, REMOVED),
        "undo_seconds": UNDO_SECONDS,
    }
    return render(request, "citizens/trips.html", context)


@require_safe
@citizen_required
def print_trips(request: HttpRequest, person: Person) -> HttpResponse:
    """All on one sheet, with the hotline, for the luggage."""
    now = datetime.now(UTC)
    context = {
        "person": person,
        "section": "trips",
        "trips": [trip for trip in trips_of(person, now) if not trip.is_over],
        "residence": residence_of(person, now),
        "companions": person.companions.order_by("pk"),
    }
    return render(request, "citizens/trips_print.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def add(request: HttpRequest, person: Person) -> HttpResponseBase:
    form = TripForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_trip(
                person_id=person.pk,
                title=form.cleaned_data["title"],
                legs=[form.stay()],
                by=actions.actor_of(person),
                now=datetime.now(UTC),
            )
        except InvalidInput as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Your trip is entered. If you go on to another place, add it."))
            return redirect("trips")
    context = {"form": form, "section": "trips", "title": _("Add a trip")}
    return render(request, "citizens/stay_form.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def add_leg(request: HttpRequest, person: Person, trip_id: int) -> HttpResponseBase:
    trip = _trip(person, trip_id)
    last = trip.legs.filter(person=person, kind=Stay.Kind.LEG).order_by("-starts_at").first()
    before = facts_of(last) if last else None
    form = LegForm(request.POST or None, initial={"first": before.last if before else None})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_leg(
                trip_id=trip.pk, facts=form.stay(), by=actions.actor_of(person), now=datetime.now(UTC)
            )
        except InvalidInput as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The place is added."))
            return redirect("trips")
    context = {"form": form, "section": "trips", "title": _("Add the next place")}
    return render(request, "citizens/stay_form.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def change(request: HttpRequest, person: Person, stay_id: int) -> HttpResponseBase:
    """Change one stay of a trip, or the residence."""
    stay = person.stays.filter(pk=stay_id).exclude(kind=Stay.Kind.POSITION).first()
    if stay is None:
        raise NotFound
    kind = LegForm if stay.kind == Stay.Kind.LEG else ResidenceForm
    form = kind(request.POST or None, initial=initial_of(stay, facts_of(stay)))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_leg(
                stay_id=stay.pk, facts=form.stay(), by=actions.actor_of(person), now=datetime.now(UTC)
            )
        except InvalidInput as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("trips")
    context = {"form": form, "section": "trips", "title": _("Change the place or the days")}
    return render(request, "citizens/stay_form.html", context)


@require_POST
@citizen_required
def end(request: HttpRequest, person: Person, trip_id: int) -> HttpResponseBase:
    trip = _trip(person, trip_id)
    actions.end_trip(trip_id=trip.pk, by=actions.actor_of(person), now=datetime.now(UTC))
    messages.success(request, _("Welcome home. The trip has ended."))
    return redirect("trips")


@require_POST
@citizen_required
def remove(request: HttpRequest, person: Person, trip_id: int) -> HttpResponseBase:
    now = datetime.now(UTC)
    trip = _trip(person, trip_id)
    removed = actions.remove_trip(trip_id=trip.pk, by=actions.actor_of(person), now=now)
    session.put(request, REMOVED, _as_kept(removed, now))
    return redirect("trips")


@require_POST
@citizen_required
def undo_remove(request: HttpRequest, person: Person) -> HttpResponseBase:
    """Add the trip removed last again, as it was."""
    kept = session.take(request, REMOVED)
    now = datetime.now(UTC)
    if kept is None or now.timestamp() - kept["at"] > UNDO_SECONDS:
        raise Conflict(_("This can no longer be taken back."))
    legs = [_as_facts(one) for one in kept["legs"]]
    try:
        actions.add_trip(
            person_id=person.pk, title=kept["title"], legs=legs, by=actions.actor_of(person), now=now
        )
    except InvalidInput as error:
        raise Conflict(_("This can no longer be taken back.")) from error
    messages.success(request, _("The trip is back."))
    return redirect("trips")


@require_http_methods(["GET", "POST"])
@citizen_required
def residence(request: HttpRequest, person: Person) -> HttpResponseBase:
    """Where somebody lives abroad; entering another place moves them there."""
    now = datetime.now(UTC)
    present = residence_of(person, now)
    form = ResidenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.move_residence(person_id=person.pk, facts=form.stay(), by=actions.actor_of(person), now=now)
        messages.success(request, _("Your residence is saved."))
        return redirect("trips")
    title = _("Move to another place") if present else _("I live abroad")
    return render(request, "citizens/stay_form.html", {"form": form, "section": "trips", "title": title})


@require_POST
@citizen_required
def end_residence(request: HttpRequest, person: Person) -> HttpResponseBase:
    actions.end_residence(person_id=person.pk, by=actions.actor_of(person), now=datetime.now(UTC))
    messages.success(request, _("Your residence abroad has ended."))
    return redirect("trips")


def _trip(person: Person, trip_id: int) -> Trip:
    trip = person.trips.filter(pk=trip_id).first()
    if trip is None:
        raise NotFound
    return trip


def _refuse(form: LegForm | ResidenceForm, error: InvalidInput) -> None:
    """A trip of one leg has the faults of its leg: show them at the days."""
    named = {
        "last" if name == "legs" and "last" in form.fields else name: text
        for name, text in error.fields.items()
    }
    refuse(form, InvalidInput(error.message, fields=named))


def _as_kept(removed: actions.RemovedTrip, now: datetime) -> dict[str, Any]:
    legs = [{**vars(leg), "place": leg.place.id} for leg in removed.legs]
    name = removed.title or " – ".join(dict.fromkeys(leg.label for leg in removed.legs))
    return {
        "at": now.timestamp(),
        "title": removed.title,
        "name": name,
        "legs": legs,
        "undo": reverse("trip-undo"),
    }


def _as_facts(kept: dict[str, Any]) -> actions.StayFacts:
    place = places.place_by_id(kept["place"])
    if place is None:
        raise Conflict(_("This can no longer be taken back."))
    first = date.fromisoformat(kept["first"])
    last = date.fromisoformat(kept["last"]) if kept["last"] else None
    return actions.StayFacts(**{**kept, "place": place, "first": first, "last": last})
