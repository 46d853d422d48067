"""Signing out, and the first password of a new member of staff. The rest of sign-in is allauth's."""

from typing import Any

from allauth.account.views import LogoutView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from openconsular.accounts import actions, setup_link
from openconsular.accounts.forms import FirstPasswordForm
from openconsular.accounts.models import Officer
from openconsular.accounts.start import first_page
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page


class SignOutView(LogoutView):  # type: ignore[misc]
    """Ends the session and has the browser forget what it kept of it."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(self.request.user, Officer):
            actions.record_sign_out(officer=self.request.user, now=timezone.now())
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@require_safe
@staff_page(*Permission)
def start(request: HttpRequest) -> HttpResponseBase:
    """The first page of whoever asks."""
    return redirect(first_page(actor_of(request)))


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the first password with a set-up link; then sign in and enrol a second factor."""
    now = timezone.now()
    officer = setup_link.officer_for(token, now)
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_first_password(token=token, password=form.cleaned_data["password"], now=now)
        except InvalidInput as error:
            form.add_error("password", error.message)
        else:
            messages.success(request, _("Your password is set. Sign in with it now."))
            return redirect("account_login")
    response = render(request, "accounts/welcome.html", {"form": form, "officer": officer})
    # The address is a credential: no other site is told it.
    response["Referrer-Policy"] = "no-referrer"
    return response
