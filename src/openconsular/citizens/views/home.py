"""A citizen's own page, where they are now, and the places list for scripts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from openconsular.citizens import actions, places, session
from openconsular.citizens.forms.places import PlaceForm
from openconsular.citizens.models import Person
from openconsular.citizens.queries.journeys import StayLine, stays_of
from openconsular.citizens.queries.labels import described
from openconsular.domain.people.places import distance_m


@dataclass(frozen=True)
class Errand:
    """Something still worth doing on a registration."""

    text: str
    address: str


def home_context(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What `citizens/home.html` needs. The layer above fills its block `concerns_me` with warnings and answers."""
    now = datetime.now(UTC)
    stays = stays_of(person, now)
    companions = list(person.companions.filter(erased_at__isnull=True).order_by("pk"))
    return {
        "person": person,
        "section": "me",
        "present": [stay for stay in stays if stay.is_now],
        "coming": [stay for stay in stays if stay.is_to_come][:3],
        "companions": companions,
        "errands": _errands(person, stays, companions),
    }


def _errands(person: Person, stays: list[StayLine], companions: list[Person]) -> list[Errand]:
    open_ones = []
    if not person.wants_warnings:
        open_ones.append(Errand(_("You get no warnings. Turn them on"), "me-consent"))
    if not stays:
        open_ones.append(Errand(_("Enter where you are or will be"), "trip-add"))
    if person.from_crisis_form:
        open_ones.append(
            Errand(_("Confirm your phone or e-mail, to come back to this page later"), "me-contacts")
        )
    if not person.contacts.filter(is_trusted_other=True).exists():
        open_ones.append(Errand(_("Name someone we may ask about you"), "me-trusted"))
    if not companions:
        open_ones.append(Errand(_("Add the people who are with you"), "me-people"))
    return open_ones


@require_safe
@session.citizen_required
def me(request: HttpRequest, person: Person) -> HttpResponse:
    return render(request, "citizens/home.html", home_context(request, person))


@require_http_methods(["GET", "POST"])
@session.citizen_required
def where(request: HttpRequest, person: Person) -> HttpResponseBase:
    """Where somebody is now, by their device, a pin, or a place."""
    form = PlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.chosen is not None:
        place = form.chosen
        lat, lon = form.pin or (place.lat, place.lon)
        uncertainty_m = 200 if form.pin else place.uncertainty_m
        actions.report_position(
            person_id=person.pk,
            lat=lat,
            lon=lon,
            uncertainty_m=uncertainty_m,
            by=actions.actor_of(person),
            now=datetime.now(UTC),
        )
        messages.success(request, _("We have noted where you are: %(place)s.") % {"place": described(place)})
        return redirect("me")
    return render(request, "citizens/where.html", {"form": form, "section": "me"})


@require_safe
@cache_control(max_age=86_400, public=True)
def suggestions(request: HttpRequest) -> JsonResponse:
    """Places for what was typed (`q`), or the nearest one to a point (`lat`, `lon`), as JSON. Nothing is kept."""
    language = get_language() or ""
    try:
        lat, lon = float(request.GET.get("lat", "")), float(request.GET.get("lon", ""))
    except ValueError:
        found = places.search(request.GET.get("q", "")[:80], language=language)
        return _as_json([{"place": place} for place in found])
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return _as_json([])
    nearest, _distance = places.gazetteer().nearest(lat, lon)
    return _as_json([{"place": nearest, "distance_m": round(distance_m(nearest, lat, lon))}])


def _as_json(rows: list[dict[str, Any]]) -> JsonResponse:
    content = []
    for row in rows:
        place = row.pop("place")
        content.append(
            {
                "id": place.id,
                "name": place.name_in(get_language() or ""),
                "label": described(place),
                "country": place.country,
                "region": place.region,
                "lat": place.lat,
                "lon": place.lon,
                "timezone": place.timezone,
                "uncertainty_m": place.uncertainty_m,
                **row,
            }
        )
    response = JsonResponse({"places": content}, json_dumps_params={"ensure_ascii": False})
    response["Vary"] = "Accept-Language, Cookie"
    return response
