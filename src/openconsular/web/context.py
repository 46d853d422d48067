"""What every page knows: the profile and the languages offered."""

from typing import Any

from django.http import HttpRequest

from openconsular.foundation import profile


def site(request: HttpRequest) -> dict[str, Any]:
    return {"profile": profile.current()}
