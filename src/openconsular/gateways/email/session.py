"""One SMTP connection on which e-mails follow one another, a round trip each where the server allows (RFC 2920)."""

import contextlib
import smtplib
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from openconsular.gateways.base import DRILL_MARK, LiveGatewayRefused


class MailConnectionLost(Exception):
    """The connection cannot be opened or has ended; `code` says how."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEndpoint:
    """The server. `tls` wraps the connection from the start, `starttls` demands it before anything is said.
    `live` False demands that a drill sink answers."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = True
    context: ssl.SSLContext | None = None
    response_seconds: float = 30.0
    live: bool = True


class _Client(smtplib.SMTP):
    """Remembers how the server named itself."""

    banner = b""

    def connect(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        code, self.banner = super().connect(*arguments, **options)
        return code, self.banner


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, with TLS from the start."""


class Answer(NamedTuple):
    """A reply code of RFC 5321 section 4.2 and its text."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.code < 400


class MailSession:
    """Connected, secured and signed in on construction. Used by one thread at a time."""

    def __init__(self, endpoint: MailEndpoint) -> None:
        self.used_at = time.monotonic()
        try:
            self._client = self._open(endpoint)
        except smtplib.SMTPAuthenticationError as error:
            raise MailConnectionLost(
                "sign-in-refused", f"The mail server refuses the sign-in: {error}"
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailConnectionLost("unreachable", f"{endpoint.host}:{endpoint.port}: {error}") from error
        self._pipelines = self._client.has_extn("pipelining")

    def talk(self, octets: list[bytes]) -> Iterator[Answer]:
        """Say things one after the other and yield the answer to each as it is read.

        Each ends in CRLF; all but the first must be allowed in one group by RFC 2920 section 3.1. Raises
        MailConnectionLost in place of an answer that does not come.
        """
        groups = [octets] if self._pipelines else [[one] for one in octets]
        for group in groups:
            try:
                self._client.send(b"".join(group))
            except (OSError, smtplib.SMTPException) as error:
                raise MailConnectionLost("closed", f"The connection broke while sending: {error}") from error
            for _ in group:
                yield self._answer()

    def is_alive(self) -> bool:
        try:
            return next(self.talk([b"NOOP\r\n"])).is_good
        except MailConnectionLost:
            return False

    def close(self, *, politely: bool = True) -> None:
        if politely:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._client.send(b"QUIT\r\n")
        self._client.close()

    def _answer(self) -> Answer:
        try:
            code, text = self._client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise MailConnectionLost("closed", f"The mail server ended the connection: {error}") from error
        self.used_at = time.monotonic()
        if code == 421 or code == -1:
            raise MailConnectionLost("closing", text.decode("utf-8", "replace"))
        return Answer(code, text.decode("utf-8", "replace"))

    @staticmethod
    def _open(endpoint: MailEndpoint) -> smtplib.SMTP:
        context = endpoint.context or ssl.create_default_context()
        client: _Client | _TlsClient
        if endpoint.tls:
            client = _TlsClient(
                endpoint.host, endpoint.port, timeout=endpoint.response_seconds, context=context
            )
        else:
            client = _Client(endpoint.host, endpoint.port, timeout=endpoint.response_seconds)
        try:
            if not endpoint.live and DRILL_MARK.encode() not in client.banner:
                raise LiveGatewayRefused(f"{endpoint.host}:{endpoint.port} is not a drill sink.")
            client.ehlo_or_helo_if_needed()
            if endpoint.starttls and not endpoint.tls:
                client.starttls(context=context)
                client.ehlo()
            if endpoint.user:
                client.login(endpoint.user, endpoint.password)
        except (OSError, smtplib.SMTPException, LiveGatewayRefused):
            client.close()
            raise
        return client
