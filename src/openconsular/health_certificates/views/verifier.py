"""The page a border guard verifies certificates with. Once opened it works without a network; nothing scanned is kept."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from openconsular.citizens import actions as citizens
from openconsular.citizens.session import address_of
from openconsular.domain.health.carriers.pictures import codes_in
from openconsular.domain.health.verdict import Unreadable
from openconsular.foundation import profile
from openconsular.health_certificates.forms.checking import CheckForm
from openconsular.health_certificates.queries import trust, verifier
from openconsular.health_certificates.views import verdict_words
from openconsular.health_certificates.views.said import said
from openconsular.health_certificates.views.verifier_words import words

# A queue at one gate shows some hundreds an hour; drawing documents costs the server seconds each.
CHECKS_AN_ADDRESS = citizens.Ration("verify-address", 600, timedelta(hours=1))
_BYTES = "application/octet-stream"
FILES = (
    "dist/site.css",
    "dist/verifier.css",
    "dist/site.js",
    "dist/verifier.js",
    "dist/zxing_reader.wasm",
    "img/mark.svg",
)
# What reads PDF documents: large, so it is kept once the page itself is.
LATER = ("dist/pdf-reader.js", "dist/pdf-worker.js", "dist/jbig2.wasm", "dist/openjpeg.wasm")


@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"script-src": [SELF, "'wasm-unsafe-eval'"]})
def page(request: HttpRequest) -> HttpResponse:
    """The verifier itself; posted to, the verdicts on a file or text, for browsers without scripts and for documents."""
    form = CheckForm(request.POST or None, request.FILES or None)
    results: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        now = timezone.now()
        citizens.use_ration(CHECKS_AN_ADDRESS, address_of(request), now)
        if form.is_valid():
            texts = _texts(form)
            if request.headers.get("Accept") == "application/json":
                return _no_store(_codes(form, texts))
            results = [_shown(one) for one in trust.verify_all(texts, now=now)]
        status = 400 if form.errors else 200
    context = {
        "form": form,
        "results": results,
        "words": words(),
        "shapes": list(dict.fromkeys(verdict_words.SHAPES.values())),
        "list_keys": verifier.list_keys(),
        "bundles": reverse("verifier-head").removesuffix("head"),
        "near": f"{reverse('certificates-revocations')}/near/",
        "environment": settings.CERTIFICATES,
        "is_exercise": settings.CERTIFICATES != "live",
        # The page is kept on the device: what was said to whoever is signed in is for another page.
        "messages": (),
    }
    answer = render(request, "health_certificates/verifier.html", context, status=status)
    answer["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    return _no_store(answer) if request.method == "POST" else answer


def _texts(form: CheckForm) -> tuple[str, ...]:
    file = form.cleaned_data.get("file")
    if file is None:
        return (form.cleaned_data["text"].strip(),)
    try:
        return codes_in(file.read())
    except Unreadable as fault:
        form.add_error("file", verdict_words.reason_words(fault.code) or fault.message)
        return ()


def _codes(form: CheckForm, texts: tuple[str, ...]) -> JsonResponse:
    """What stands in a document, for the browser to verify: it needs the server's eyes only."""
    faults = [str(fault) for found in form.errors.values() for fault in found]
    return JsonResponse({"codes": texts, "faults": faults}, status=400 if faults else 200)


def _shown(verdict: Any) -> dict[str, Any]:
    certificate = verdict.certificate
    return {
        "headline": verdict_words.headline(verdict),
        "checks": [verdict_words.check_row(one) for one in verdict.checks],
        "groups": said(certificate) if certificate is not None else [],
    }


def _no_store(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@cache_control(no_cache=True)
def lists(request: HttpRequest) -> HttpResponse:
    """All lists in one signed file, to be carried to devices without a network."""
    answer = HttpResponse(verifier.pack(now=timezone.now()).whole, content_type=_BYTES)
    answer["Content-Disposition"] = 'attachment; filename="lists.ocv"'
    return answer


@require_safe
@cache_control(no_cache=True)
def head(request: HttpRequest) -> HttpResponse:
    """The signed head of the lists: all keys, and which bundles of revocations go with it."""
    return HttpResponse(verifier.pack(now=timezone.now()).head, content_type=_BYTES)


@require_safe
@cache_control(public=True, max_age=30 * 24 * 3600, immutable=True, no_transform=True)
def bundle(request: HttpRequest, name: str) -> HttpResponse:
    """Revocations by the SHA-256 of their bytes."""
    content = verifier.bundle(name)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type=_BYTES)


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The verifier's own service worker, with the hashed names of what it keeps."""
    files = [static(name) for name in FILES]
    later = [static(name) for name in LATER]
    version = hashlib.sha256(json.dumps([files, later]).encode()).hexdigest()[:12]
    context = {"files": files, "later": later, "version": version, "page": reverse("verifier")}
    return render(request, "health_certificates/verifier_sw.js", context, content_type="text/javascript")


@require_safe
@cache_control(no_cache=True)
def manifest(request: HttpRequest) -> JsonResponse:
    """For the home screen: the verifier is a program of its own."""
    content = {
        "id": reverse("verifier"),
        "name": f"{_('Check health certificates')} · {profile.current().service_name}",
        "short_name": _("Check certificates"),
        "lang": get_language(),
        "start_url": reverse("verifier"),
        "scope": reverse("verifier"),
        "display": "standalone",
        "background_color": "#f3f4f4",
        "theme_color": "#16395c",
        "icons": [{"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(content, content_type="application/manifest+json")
