"""What a signed-in citizen does about an emergency on their own page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from openconsular.alerts import actions
from openconsular.citizens.queries import Person
from openconsular.citizens.session import citizen_required


@require_POST
@citizen_required
def ask_for_help(request: HttpRequest, person: Person) -> HttpResponse:
    """Help outside any known emergency: a case of its own, at once."""
    case = actions.ask_for_help(
        person_id=person.pk,
        note=request.POST.get("note", "").strip()[:500],
        place=request.POST.get("place", "").strip()[:200],
        now=timezone.now(),
    )
    messages.success(
        request,
        _("We have it. Your case has the number %(number)s. Keep your phone on.") % {"number": case.number},
    )
    return redirect("me")
