"""The crisis form: three fields, then an answer. No account, no code, no riddle."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from openconsular.citizens import actions, session
from openconsular.citizens.forms.people import CrisisForm, refuse
from openconsular.citizens.views.entry import _reading
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.permissions import ANONYMOUS

ENTRY = "citizens.crisis_entry"


@require_http_methods(["GET", "POST"])
def crisis(request: HttpRequest) -> HttpResponseBase:
    """Who fills it in is in the registry at once, and on their own page, where the answer is one tap away.

    Who is signed in with a registration of their own goes there; a session that has made an entry corrects it.
    """
    person = session.current(request)
    if person is not None and not person.from_crisis_form:
        return redirect("me-where")
    form = CrisisForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.given is not None:
        now = datetime.now(UTC)
        try:
            entry = actions.enter_crisis_form(
                name=form.cleaned_data["name"],
                contact=form.given,
                stay=form.facts(now.date()),
                languages=tuple(_reading(request)),
                address=session.address_of(request),
                known_entry=request.session.get(ENTRY),
                by=ANONYMOUS,
                now=now,
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            session.begin(request, entry)
            request.session[ENTRY] = entry.pk
            return redirect("me")
    return session.private(render(request, "citizens/crisis.html", {"form": form}))
