"""Uploads over the network's interface, with a client certificate (mutual TLS).

The certificate of the other side is checked against `server_authority` where one is given, so that an upload goes to
the gateway one was told of at onboarding and nowhere else. The private half of the client's key is never on a disk.
"""

import json
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from openconsular import __version__
from openconsular.gateways.trust_uploads.base import Outcome, UploadMessage, UploadRefused, UploadUnavailable

_ANSWER_MOST = 64 * 1024
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_CMS = {"Content-Type": "application/cms", "Content-Transfer-Encoding": "base64"}


@dataclass(frozen=True, slots=True)
class ClientKey:
    """The TLS key of the participant: its certificate with those above it, and its private half, both in PEM.

    The private half does not show where the object is printed, as in a report of an error.
    """

    certificate: bytes
    private_key: bytes = field(repr=False)


class HttpUploads:
    """`address` is the gateway's, such as https://tng.who.int. One connection at a time; follows no redirects."""

    def __init__(self, address: str, client: ClientKey, *, server_authority: str = "") -> None:
        if urlsplit(address).scheme != "https" or not urlsplit(address).hostname:
            raise UploadRefused("Uploads go over https only.", code="upload-address")
        self._address = address.rstrip("/")
        self._client = httpx.Client(
            verify=_context(client, server_authority),
            timeout=_TIMEOUT,
            headers={"User-Agent": f"OpenConsular/{__version__}", "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    def put(self, message: UploadMessage) -> Outcome:
        if message.domain:
            body = json.dumps({"cms": message.text, "properties": {}, "domain": message.domain})
            status = self._send("/trustedCertificate", body, {"Content-Type": "application/json"}, (201, 409))
        else:
            status = self._send("/signerCertificate", message.text, _CMS, (201, 409))
        return Outcome.TAKEN if status == httpx.codes.CREATED else Outcome.WAS_THERE

    def remove(self, message: UploadMessage) -> Outcome:
        """By POST to "/delete", which the gateways offer since many clients and proxies drop the body of a DELETE."""
        path = "/trustedCertificate/delete" if message.domain else "/signerCertificate/delete"
        status = self._send(path, message.text, _CMS, (204, 404))
        return Outcome.REMOVED if status == httpx.codes.NO_CONTENT else Outcome.WAS_GONE

    def close(self) -> None:
        self._client.close()

    def _send(self, path: str, body: str, headers: dict[str, str], expected: tuple[int, ...]) -> int:
        try:
            with self._client.stream(
                "POST", self._address + path, content=body.encode(), headers=headers
            ) as answer:
                status = answer.status_code
                words = _words(answer)
        except (httpx.HTTPError, httpx.StreamError, ssl.SSLError, UnicodeError) as cause:
            raise UploadUnavailable(f"The network cannot be reached: {cause}") from cause
        if status in expected:
            return status
        if 400 <= status < 500:
            raise UploadRefused(f"The network refuses it (HTTP {status}): {words}")
        raise UploadUnavailable(f"The network answers with HTTP status {status}.")


def _words(answer: httpx.Response) -> str:
    """What the gateway says went wrong: its report of a problem (code, problem, details), never more than a line."""
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > _ANSWER_MOST:
            return ""
    try:
        told = json.loads(body)
        parts = [str(told.get(name, "")) for name in ("code", "problem", "details")]
    except (ValueError, AttributeError, RecursionError):
        return ""
    return " ".join(part for part in parts if part)[:300]


def _context(client: ClientKey, server_authority: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=server_authority or None)
        with _in_memory(client.certificate.rstrip() + b"\n" + client.private_key) as path:
            context.load_cert_chain(path)
    except (ssl.SSLError, OSError, ValueError) as cause:
        raise UploadRefused(
            f"The client's key, its certificate or the gateway's authority cannot be used: {cause}",
            code="upload-key",
        ) from cause
    return context


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """A file that lies in memory alone: OpenSSL reads a chain from a path only."""
    handle = os.memfd_create("client-key", os.MFD_CLOEXEC)
    try:
        os.write(handle, content)
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
