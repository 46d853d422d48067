"""What a citizen sees of their own cases: the same milestones as the officer, minus internal notes and names."""

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from openconsular.casework import queries
from openconsular.citizens.session import citizen_required
from openconsular.foundation.permissions import Actor


@require_safe
@citizen_required
def own_cases(request: HttpRequest, person: Model) -> HttpResponse:
    by = Actor(label=f"citizen:{person.pk}", person_id=person.pk)
    context = {"section": "my-cases", "person": person, "cases": queries.own_cases(by=by)}
    return render(request, "casework/own.html", context)
