"""The door of every page for staff: signed in, allowed, and a refusal is on record.

@staff_page(Permission.WORK_CASES)
def case_list(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
"""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from openconsular.foundation import audit
from openconsular.foundation.errors import NotAllowed
from openconsular.foundation.permissions import ANONYMOUS, Actor, Permission

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, as the signed-in member of staff; ANONYMOUS for anybody else."""
    # A request refused at the door, such as one for an unknown host, has no user yet and still gets a page.
    actor: Any = getattr(getattr(request, "user", None), "actor", ANONYMOUS)
    return actor if isinstance(actor, Actor) else ANONYMOUS


def staff_page(*permissions: Permission) -> Callable[[View[P]], View[P]]:
    """Open a view to signed-in staff who hold one of `permissions`.

    Anybody else is sent to sign in. Staff without a permission get NotAllowed (403), and the audit trail an entry.
    """

    def door(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            by = actor_of(request)
            if not any(by.can(one) for one in permissions):
                match = request.resolver_match
                now = timezone.now()  # noqa: TID251 - the edge: every page passes here
                page = match.view_name if match else request.path
                audit.record(by=by, action="access.refused", subject=f"page:{page}", now=now)
                raise NotAllowed
            return view(request, *args, **kwargs)

        return opened

    return door
