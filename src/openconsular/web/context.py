"""What every page knows: the profile, the languages offered, light or dark."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_info

from openconsular.foundation import profile

SCHEMES = ("light", "dark", "auto")
# Chosen by the writing, not by the tongue: what a screen reader and `:lang()` need.
TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


@dataclass(frozen=True)
class Language:
    code: str
    tag: str
    name: str
    is_current: bool


def languages(codes: tuple[str, ...]) -> list[Language]:
    """The languages of the profile that the site has texts for, each called by its own name."""
    known = {code for code, _name in settings.LANGUAGES}
    current = (get_language() or settings.LANGUAGE_CODE).lower()
    offered = [code.lower() for code in codes if code.lower() in known]
    return [
        Language(code, TAGS.get(code, code), get_language_info(code)["name_local"], code == current)
        for code in offered
    ]


def site(request: HttpRequest) -> dict[str, Any]:
    ours = profile.current()
    current = (get_language() or settings.LANGUAGE_CODE).lower()
    scheme = request.COOKIES.get("scheme", "auto")
    return {
        "profile": ours,
        "languages": languages(ours.languages),
        "language_tag": TAGS.get(current, current),
        "direction": "rtl" if get_language_info(current)["bidi"] else "ltr",
        "scheme": scheme if scheme in SCHEMES else "auto",
        "is_drill": settings.IS_DRILL,
        "is_debug": settings.DEBUG,
    }
