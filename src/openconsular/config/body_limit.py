"""How much a request may bring: told before it is taken in, since the server keeps all of it before a page is asked.

A clinic's file of a million rows is large, and only somebody signed in may send one; everything else is small.
"""

from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

MEGABYTE = 1024 * 1024
USUAL_MOST = 48 * MEGABYTE
# Somewhat more than a page takes, so that a file only a little too large is told there, beside its field.
LARGE_MOST = 640 * MEGABYTE
LARGE_BELOW = "/console/certificates/"

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class LimitedBodies:
    """Passes requests on to `application` unless they bring too much; those are answered with 413."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        announced = int(length) if length.isdigit() and len(length) < 16 else 0
        most = USUAL_MOST
        if announced > USUAL_MOST and scope["path"].startswith(LARGE_BELOW) and await _is_somebody(headers):
            most = LARGE_MOST
        if announced > most:
            await _refuse(send, most)
            return
        await self._application(scope, _counted(receive, most), send)


def _counted(receive: Receive, most: int) -> Receive:
    """`receive` that hangs up where more comes than was announced or may come."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= most else {"type": "http.disconnect"}

    return counted


async def _is_somebody(headers: dict[bytes, bytes]) -> bool:
    """Whether the session that is named is that of a member of staff. What they may do, the page looks at."""
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return False
    named = cookies.get(settings.SESSION_COOKIE_NAME)
    return named is not None and await sync_to_async(_is_session)(named.value)


def _is_session(key: str) -> bool:
    try:
        return SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(key)
    finally:
        # This thread is none of a request's, at whose end connections go back by themselves.
        connection.close()


async def _refuse(send: Send, most: int) -> None:
    told = []
    for language in dict.fromkeys((settings.LANGUAGE_CODE, "en")):
        with override(language):
            told.append(
                _("This is too large: at most %(most)d MB are taken here.") % {"most": most // MEGABYTE}
            )
    body = "".join(f"<p>{escape(one)}</p>" for one in told).encode()
    head = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": head})
    await send({"type": "http.response.body", "body": body})
