"""Pages and files that belong to no single app."""

import hashlib
import json

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from openconsular.foundation import profile
from openconsular.web import style_guide as guide

# What a telephone keeps so that the page for "no network" opens with the hotline on it.
SHELL = ("dist/site.css", "dist/site.js", "img/mark.svg")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the hashed names of the files it keeps. Its version is what it keeps."""
    files = [static(name) for name in SHELL]
    version = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]
    context = {
        "files": files,
        "version": version,
        "offline": reverse("offline"),
        "static_at": settings.STATIC_URL,
    }
    return render(request, "web/sw.js", context, content_type="text/javascript")


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest: name, icon and colours for the home screen."""
    ours = profile.current()
    content = {
        "name": f"{ours.service_name} · {ours.name}",
        "short_name": ours.service_name,
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": "#f3f4f4",
        "theme_color": "#16395c",
        "shortcuts": [{"name": _("Certificates kept on this telephone"), "url": reverse("wallet-device")}],
        "icons": [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker and shown when there is no network. Nothing on it belongs to one person."""
    return render(request, "offline.html")


@require_safe
@cache_control(max_age=3600)
def worldview(request: HttpRequest) -> HttpResponseBase:
    """How this ministry sees borders and names on maps; an empty view where its profile has none."""
    path = profile.FOLDER / profile.current().code / "worldview.json"
    if not path.exists():
        return JsonResponse({})
    return FileResponse(path.open("rb"), content_type="application/json")


@require_safe
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every component once, for people who build pages and for the accessibility tests."""
    if not (settings.DEBUG or request.user.is_authenticated):
        raise Http404
    now = timezone.now()
    context = guide.examples(now) | {
        "page": Paginator(range(1, 240), 20).get_page(request.GET.get("page")),
        "section": "console",
    }
    base = "base.html" if request.GET.get("frame") == "citizen" else "base_staff.html"
    return render(request, "web/style_guide.html", context | {"base": base})
