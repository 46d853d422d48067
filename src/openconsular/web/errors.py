"""What a person sees when something went wrong: a sentence, what to do now, and the hotline."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400, _("This request could not be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403, _("You are not allowed to see this."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404, _("There is no such page."))


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500, _("Something went wrong on our side."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open for too long, or cookies are off. Going back and sending again helps."""
    return page(request, 403, _("This form has expired. Go back, load the page again and send it once more."))


def page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    return render(request, "error.html", {"message": message, "status": status}, status=status)
