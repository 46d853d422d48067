"""Answers for machines: JSON in, JSON out, errors with their stable code; and lists that verifiers keep."""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from openconsular.foundation.errors import InvalidInput, OpenConsularError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
# 5,000 codes of the longest kind of QR code, and the JSON around them.
BODY_MOST = 24 * 1024 * 1024


class BodyTooLarge(InvalidInput):
    """The request is too large. Send fewer codes at a time."""

    code = "body-too-large"
    http_status = 413


def json_api(*methods: str) -> Callable[[View[P]], View[P]]:
    """Open an address to machines. They bring a key or nothing, never a session, so no form token is asked for."""

    def door(view: View[P]) -> View[P]:
        @csrf_exempt
        @functools.wraps(view)
        def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                answer = told("method-not-allowed", "This address takes other methods.", 405)
                answer["Allow"] = ", ".join(methods)
                return answer
            try:
                return view(request, *args, **kwargs)
            except OpenConsularError as error:
                answer = told(error.code, error.message, error.http_status)
                if error.http_status == 401:
                    answer["WWW-Authenticate"] = "Bearer"
                if error.http_status == 429:
                    answer["Retry-After"] = "60"
                return answer

        return opened

    return door


def told(code: str, message: str, status: int) -> JsonResponse:
    answer = JsonResponse({"error": {"code": code, "message": message}}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises InvalidInput, and BodyTooLarge before it is read whole."""
    raw = request.read(BODY_MOST + 1)
    if len(raw) > BODY_MOST:
        raise BodyTooLarge
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The request is not JSON.", code="not-json") from error
    if not isinstance(found, dict):
        raise InvalidInput("The request is not a JSON object.", code="not-json")
    return found


def kept_list(request: HttpRequest, content: bytes, *, media_type: str, max_age_s: int) -> HttpResponse:
    """A public list: with its ETag, 304 for who has it, and readable from pages of other origins."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if etag in request.headers.get("If-None-Match", ""):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(content, content_type=media_type)
    answer["ETag"] = etag
    answer["Cache-Control"] = f"public, max-age={max_age_s}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
