"""Nobody fills the server's disk: what a request brings is bounded before it is kept, and a clinic's file still passes."""

import asyncio
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from openconsular.config import body_limit
from openconsular.config.body_limit import LARGE_MOST, MEGABYTE, USUAL_MOST, LimitedBodies

BATCHES = "/console/certificates/batches/"


def ask(path, length=None, parts=(), cookie=""):
    """(status or None where it was cut off, how much the application got)."""
    taken, answers = [], []

    async def application(scope, receive, send):
        more = bool(parts)
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            taken.append(len(message["body"]))
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def run():
        waiting = list(parts)

        async def receive():
            body = waiting.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(waiting)}

        async def send(message):
            answers.append(message)

        headers = [(b"content-length", str(length).encode())] if length is not None else []
        headers += [(b"cookie", cookie.encode())] if cookie else []
        scope = {"type": "http", "path": path, "headers": headers}
        await LimitedBodies(application)(scope, receive, send)

    asyncio.run(run())
    return (answers[0]["status"] if answers else None), sum(taken), answers


@pytest.fixture
def session(transactional_db):
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["_auth_user_id"] = "1"
    store.save()
    return f"other=1; {settings.SESSION_COOKIE_NAME}={store.session_key}"


def test_what_is_usual_passes_whole():
    assert ask("/", 10, [b"12345", b"67890"])[:2] == (200, 10)
    assert ask("/", USUAL_MOST, [b"x"])[0] == 200
    assert ask("/x", None, [])[0] == 200


def test_what_is_too_large_is_refused_before_any_of_it_is_taken(session):
    for path in ("/verify/", "/api/certificates/verify", "/certificates/claim/"):
        status, taken, answers = ask(path, USUAL_MOST + 1, [b"x"], session)
        assert (status, taken) == (413, 0)
        assert f"{USUAL_MOST // MEGABYTE} MB" in answers[1]["body"].decode()
    assert ask(BATCHES, LARGE_MOST + 1, [b"x"], session)[0] == 413


def test_a_large_file_is_for_somebody_signed_in(session):
    assert ask(BATCHES, 300 * MEGABYTE, [b"x"], session)[0] == 200
    for cookie in (
        "",
        f"{settings.SESSION_COOKIE_NAME}=invented",
        "=;;,\x01",
        f"{settings.SESSION_COOKIE_NAME}=",
    ):
        assert ask(BATCHES, 300 * MEGABYTE, [b"x"], cookie)[0] == 413


def test_a_session_of_nobody_signed_in_brings_no_large_file(transactional_db):
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["certificates.claimed"] = "something"
    store.save()
    cookie = f"{settings.SESSION_COOKIE_NAME}={store.session_key}"
    assert ask(BATCHES, 300 * MEGABYTE, [b"x"], cookie)[0] == 413


def test_more_than_was_announced_is_cut_off():
    part = bytes(16 * MEGABYTE)
    status, taken, _answers = ask("/", None, [part] * 5)
    assert status is None and taken <= USUAL_MOST
    assert ask("/", 5, [part] * 5)[0] is None


@pytest.mark.parametrize("length", ["-1", "1e9", "9" * 30, "x", ""])
def test_a_length_that_is_none_is_counted_instead(length):
    assert ask("/", length, [b"12345"])[:2] == (200, 5)


def test_the_served_application_has_the_limit():
    served = Path(body_limit.__file__).with_name("asgi.py").read_text("utf-8")
    assert "application = LimitedBodies(get_asgi_application())" in served
