"""A citizen's session: who is signed in here, and what waits between two pages."""

import base64
import json
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address, ip_network
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from openconsular.citizens import queries
from openconsular.citizens.models import Person
from openconsular.foundation.secrets import Unreadable, seal, unseal

CITIZEN_KEY = "citizen_id"
SEALED = "citizens.session"
P = ParamSpec("P")


def begin(request: HttpRequest, person: Person) -> None:
    """Sign in. The session id changes (an id somebody planted is worth nothing), and nobody else stays signed in."""
    if request.user.is_authenticated or request.session.get(CITIZEN_KEY) not in (None, person.pk):
        request.session.flush()
    request.session.cycle_key()
    request.session[CITIZEN_KEY] = person.pk


def end(request: HttpRequest) -> None:
    request.session.flush()


def current(request: HttpRequest) -> Person | None:
    """The person signed in here, as the registry has them now; None for nobody and for who was deleted since."""
    person_id = request.session.get(CITIZEN_KEY)
    return queries.person_by_id(person_id) if isinstance(person_id, int) else None


def citizen_required(
    view: Callable[Concatenate[HttpRequest, Person, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for who is signed in; the view gets the person. Others are led to sign in, and back. Nothing is cached."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = current(request)
        if person is None:
            back = request.path if request.method == "GET" else reverse("me")
            response: HttpResponseBase = redirect(f"{reverse('sign-in')}?{urlencode({'next': back})}")
        else:
            response = view(request, person, *args, **kwargs)
        return private(response)

    return inner


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Not to be kept by browsers or anything on the way: telephones are shared."""
    response["Cache-Control"] = "private, no-store"
    return response


def put(request: HttpRequest, key: str, value: Any) -> None:
    """Keep something for a later page, sealed: sessions lie in the database, and what people type is theirs."""
    request.session[key] = base64.b64encode(seal(json.dumps(value, default=str), SEALED)).decode()


def get(request: HttpRequest, key: str) -> Any:
    """What was put, or None."""
    kept = request.session.get(key)
    if not isinstance(kept, str):
        return None
    try:
        return json.loads(unseal(base64.b64decode(kept), SEALED))
    except (Unreadable, ValueError):
        return None


def take(request: HttpRequest, key: str) -> Any:
    """What was put, or None; it is gone then."""
    value = get(request, key)
    request.session.pop(key, None)
    return value


def address_of(request: HttpRequest) -> str:
    """The network address that asks, for rationing only: of IPv6 the network of 64 bits, since whoever has one address
    of it has all of them (RFC 6177)."""
    given = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(given.split("%", 1)[0])
    except ValueError:
        return given
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
