"""E-mail over SMTP (RFC 5321): one recipient in every envelope, several kept connections."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from openconsular.foundation.errors import InvalidInput
from openconsular.gateways.base import Outcome, OutgoingMessage, read_clock, refuse_exercises
from openconsular.gateways.email.batch import MailBatch
from openconsular.gateways.email.mime import Composer, header_date
from openconsular.gateways.email.session import MailConnectionLost, MailEndpoint, MailSession
from openconsular.gateways.trust import tls_context

_IDLE_SECONDS = 10.0
_MOST_LOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """`sender` is the address of the envelope and of From. `patience_seconds` is how long one hand-over may go on."""

    endpoint: MailEndpoint
    sender: str
    sender_name: str = ""
    connections: int = 4
    patience_seconds: float = 120.0


class SmtpGateway:
    """Connections are opened when first needed, at most `connections`, and kept."""

    def __init__(self, settings: SmtpSettings, name: str = "smtp") -> None:
        self.name = name
        self._settings = settings
        self._composer = Composer(settings.sender, settings.sender_name)
        self._free: list[MailSession] = []
        self._lock = threading.Lock()

    @property
    def live(self) -> bool:
        return self._settings.endpoint.live

    def hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        refuse_exercises(self, messages)
        give_up_at = time.monotonic() + self._settings.patience_seconds
        batch = MailBatch(messages, self._composer, header_date(read_clock()), give_up_at)
        lanes = min(self._settings.connections, (len(messages) + 9) // 10)
        if lanes <= 1:
            self._run_lane(batch)
        else:
            with ThreadPoolExecutor(lanes, thread_name_prefix="smtp") as pool:
                for lane in [pool.submit(self._run_lane, batch) for _ in range(lanes)]:
                    lane.result()
        return batch.outcomes()

    def close(self) -> None:
        with self._lock:
            sessions, self._free = self._free, []
        for session in sessions:
            session.close()

    def _run_lane(self, batch: MailBatch) -> None:
        """Send over one connection until nothing waits, over a new one when it breaks."""
        for _ in range(_MOST_LOST):
            if batch.is_empty():
                return
            try:
                session = self._take_session()
            except MailConnectionLost as lost:
                batch.note(lost)
                if lost.code == "sign-in-refused":
                    return
                continue
            try:
                batch.send_over(session)
            except MailConnectionLost as lost:
                batch.note(lost)
                session.close(politely=False)
            else:
                with self._lock:
                    self._free.append(session)

    def _take_session(self) -> MailSession:
        while True:
            with self._lock:
                session = self._free.pop() if self._free else None
            if session is None:
                return MailSession(self._settings.endpoint)
            if time.monotonic() - session.used_at < _IDLE_SECONDS or session.is_alive():
                return session
            session.close(politely=False)


def open_smtp(url: str, sender: str, sender_name: str = "", *, live: bool) -> SmtpGateway:
    """The gateway behind smtp://user:password@host:port, or smtps:// for TLS from the start.

    smtp:// demands STARTTLS except on loopback or with ?starttls=0; the query may also hold connections and ca, a
    file of authorities to believe instead of the machine's. Raises InvalidInput.
    """
    try:
        parts = urlsplit(url)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("it does not begin with smtp://host or smtps://host")
        is_loopback = parts.hostname in ("127.0.0.1", "::1", "localhost")
        endpoint = MailEndpoint(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=parts.scheme == "smtps",
            starttls=query.get("starttls", "0" if is_loopback else "1") == "1",
            context=tls_context(query.get("ca", "")),
            live=live,
        )
        connections = min(50, max(1, int(query.get("connections", "4"))))
        settings = SmtpSettings(
            endpoint=endpoint, sender=sender, sender_name=sender_name, connections=connections
        )
        return SmtpGateway(settings)
    except ValueError as error:
        raise InvalidInput(
            f"The address of the mail gateway cannot be used: {error}.", code="email-url"
        ) from error
