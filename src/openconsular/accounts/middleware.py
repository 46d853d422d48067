"""What holds for every page a member of staff opens."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

# All that someone without a second factor may open: the way to one, the way out, and what a citizen in danger
# opens from a message, who may be the same person in the same browser.
WITHOUT_SECOND_FACTOR = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "answer",
    "answer-undo",
    "answer-stray",
    "healthz",
    "metrics",
    "set_language",
    "service-worker",
    "manifest",
    "offline",
}
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class RequireSecondFactor:
    """Staff have a second factor before they see anything; without one they are led to enrol.

    The one exception is an exercise (`settings.IS_DRILL`): its people are synthetic, its database is its own and
    no message leaves it, so a password is enough.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if settings.IS_DRILL or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in WITHOUT_SECOND_FACTOR:
            return None
        if get_adapter().is_mfa_enabled(request.user, SECOND_FACTORS):
            return None
        return redirect("mfa_index")


class KeepPagesPrivate:
    """Pages of people who are signed in are not kept by browsers or proxies, nor found by going back later."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
