"""Where a member of staff begins after signing in: the first page their role opens."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from openconsular.foundation.permissions import Actor, Permission

_STARTS = (
    (Permission.SEE_INCIDENTS, "console"),
    (Permission.MANAGE_STAFF, "staff"),
    # Clinics and health officers.
    (Permission.SEE_HEALTH, "certificates"),
)


def first_page(by: Actor) -> str:
    """The path; pages of apps above are known by name only, and may not be installed."""
    for permission, name in _STARTS:
        if by.can(permission):
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
    return str(settings.LOGIN_REDIRECT_URL)
