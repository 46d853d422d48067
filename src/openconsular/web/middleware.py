"""Turns the error tree into pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from openconsular.foundation.errors import OpenConsularError
from openconsular.web import errors


class ErrorsAsPages:
    """A view need not catch the errors of the actions it calls: each becomes a page that says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # The device is asked for its position and nothing else.
        response.setdefault(
            "Permissions-Policy", "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"
        )
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OpenConsularError):
            return None
        # What an error says of itself is English; what an action said may be translated already, and stays so.
        said = gettext(error.message) if error.message else ""
        return errors.page(request, error.http_status, said)
