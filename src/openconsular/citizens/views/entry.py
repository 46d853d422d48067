"""Coming in: the front page, signing in by code, registering, and leaving."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.citizens import actions, session
from openconsular.citizens.entries import TEXT_VERSION, ContactFacts
from openconsular.citizens.forms.people import CodeForm, ContactForm, RegistrationForm, refuse
from openconsular.citizens.models import Person
from openconsular.domain.people import emails, phones
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.permissions import ANONYMOUS

# What waits in the session: the contact a code was asked for, then the contact that was proved.
ASKED, PROVED, CHOICES = "citizens.asked", "citizens.proved", "citizens.choices"


def steps() -> list[str]:
    return [_("Contact"), _("Code"), _("About you"), _("Where you are")]


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The first page: in an emergency, register, sign in. Who is signed in goes to their own page."""
    if session.current(request) is not None:
        return redirect("me")
    return render(request, "citizens/front.html")


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    return _ask_contact(request, "citizens/sign_in.html", is_new_welcome=False)


@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponseBase:
    """The first step: a contact, which gets a code. Who is registered already is simply signed in by it."""
    return _ask_contact(request, "citizens/register.html", is_new_welcome=True)


def _ask_contact(request: HttpRequest, template: str, *, is_new_welcome: bool) -> HttpResponseBase:
    if session.current(request) is not None:
        return redirect("me")
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.given is not None:
        actions.request_code(
            contact=form.given,
            address=session.address_of(request),
            is_new_welcome=is_new_welcome,
            now=datetime.now(UTC),
        )
        asked = {
            "kind": form.given.kind,
            "value": form.given.value,
            "is_new": is_new_welcome,
            "next": _safe_next(request),
        }
        session.put(request, ASKED, asked)
        return redirect("sign-in-code")
    context = {"form": form, "steps": steps(), "next": _safe_next(request)}
    return session.private(render(request, template, context))


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponseBase:
    """The code from the message. The page is the same whether the contact is known or not."""
    asked = session.get(request, ASKED)
    if asked is None:
        return redirect("sign-in")
    contact = ContactFacts(asked["kind"], asked["value"])
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proven = actions.check_code(
                contact=contact,
                code=form.cleaned_data["code"],
                address=session.address_of(request),
                now=datetime.now(UTC),
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            return _proved(request, proven, asked["next"])
    masked = phones.masked(contact.value) if contact.kind == "phone" else emails.masked(contact.value)
    context = {"form": form, "contact": masked, "is_new": asked["is_new"], "steps": steps()}
    return session.private(render(request, "citizens/code.html", context))


def _proved(request: HttpRequest, proven: actions.Proven, back: str) -> HttpResponseBase:
    request.session.pop(ASKED, None)
    if len(proven.people) == 1:
        return _enter(request, proven.people[0], back)
    if proven.people:
        session.put(request, CHOICES, [person.pk for person in proven.people])
        return redirect("sign-in-choose")
    request.session.cycle_key()
    session.put(request, PROVED, vars(proven.contact))
    return redirect("register-person")


def _enter(request: HttpRequest, person: Person, back: str) -> HttpResponseBase:
    actions.sign_in(person=person, now=datetime.now(UTC))
    session.begin(request, person)
    return redirect(back or reverse("me"))


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponseBase:
    """Several people registered with the contact that was proved: which of them is it?"""
    people = _choices(session.get(request, CHOICES) or [])
    if not people:
        return redirect("sign-in")
    chosen = next((one for one in people if str(one.public_id) == request.POST.get("person")), None)
    if request.method == "POST" and chosen is not None:
        request.session.pop(CHOICES, None)
        return _enter(request, chosen, "")
    return session.private(render(request, "citizens/choose.html", {"people": people}))


def _choices(ids: Sequence[int]) -> list[Person]:
    return list(Person.objects.filter(pk__in=ids, erased_at__isnull=True).order_by("pk"))


@require_http_methods(["GET", "POST"])
def register_person(request: HttpRequest) -> HttpResponseBase:
    """Who registers. From here on they are signed in, and whatever is missing can be added later."""
    proved = session.get(request, PROVED)
    if proved is None:
        return redirect("register")
    form = RegistrationForm(request.POST or None, initial={"languages": _reading(request)})
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.register_citizen(
                facts=form.facts(),
                contact=ContactFacts(**proved),
                consents=("warnings",) if form.cleaned_data["consent"] else (),
                text_version=TEXT_VERSION,
                by=ANONYMOUS,
                now=datetime.now(UTC),
            )
        except InvalidInput as error:
            refuse(form, error)
        else:
            request.session.pop(PROVED, None)
            return _enter(request, person, reverse("register-place"))
    context = {"form": form, "steps": steps()}
    return session.private(render(request, "citizens/register_person.html", context))


def _reading(request: HttpRequest) -> list[str]:
    return ["zh-Hans"] if request.LANGUAGE_CODE.startswith("zh") else [request.LANGUAGE_CODE]


@require_safe
@session.citizen_required
def register_place(request: HttpRequest, person: Person) -> HttpResponseBase:
    """The last step: on a trip, or living there?"""
    return render(request, "citizens/register_place.html", {"steps": steps()})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    session.end(request)
    response = redirect("home")
    # What the browser kept of this site (answers not yet sent, the last warning) goes too: telephones are shared.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else ""
