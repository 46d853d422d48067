"""One bound SMPP 3.4 connection: octets out, frames in, in large pieces and without a thread of its own.

A caller that has nothing to send still calls `exchange`: that is when the operator's enquire_link is answered.
"""

import select
import socket
import ssl
import time
from dataclasses import dataclass

from openconsular.domain.sms.pdu import (
    RESPONSE,
    Bind,
    Command,
    Frame,
    MalformedPdu,
    Status,
    decode_identifier,
    encode_frame,
    status_name,
    take_frames,
)
from openconsular.gateways.base import DRILL_MARK, LiveGatewayRefused

_PIECE = 256 * 1024
_LAST_SEQUENCE = 0x7FFFFFFF


class ConnectionLost(Exception):
    """The connection cannot be opened or has ended; `code` says how, for outcomes and metrics."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where an operator listens and as whom we bind. `live` False demands that a drill sink answers."""

    host: str
    port: int
    system_id: str = ""
    password: str = ""
    system_type: str = ""
    tls: ssl.SSLContext | None = None
    connect_seconds: float = 10.0
    response_seconds: float = 10.0
    live: bool = True


class Session:
    """Bound on construction. Used by one thread at a time. Everything raises ConnectionLost when it ends."""

    def __init__(self, endpoint: Endpoint, bind: Command) -> None:
        self.used_at = time.monotonic()
        self._endpoint = endpoint
        self._sequence = 0
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._ended: ConnectionLost | None = None
        self._socket = self._connect()
        try:
            self._bind(bind)
        except (ConnectionLost, LiveGatewayRefused):
            self._socket.close()
            raise
        self._poll = select.poll()

    def next_sequence(self) -> int:
        """1 to 0x7FFFFFFF, then 1 again (3.2)."""
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        return self._sequence

    def exchange(self, octets: bytes, seconds: float) -> list[Frame]:
        """Send, and return the frames that came, waiting up to `seconds` for the first.

        What the operator asks of the link itself is answered here and not returned.
        """
        self._outgoing += octets
        self._flush()
        frames = self._arrived()
        if not frames:
            self._wait(seconds)
            self._flush()
            frames = self._arrived()
        if frames:
            self.used_at = time.monotonic()
        return [frame for frame in frames if not self._answers_itself(frame)]

    def is_alive(self) -> bool:
        """Whether the operator answers an enquire_link in time. Frames that arrive meanwhile are dropped, so
        this is for sending sessions only, between batches."""
        sequence = self.next_sequence()
        octets = encode_frame(Command.ENQUIRE_LINK, Status.ESME_ROK, sequence)
        give_up = time.monotonic() + self._endpoint.response_seconds
        try:
            while time.monotonic() < give_up:
                for frame in self.exchange(octets, 0.2):
                    if frame.command == Command.ENQUIRE_LINK_RESP and frame.sequence == sequence:
                        return True
                octets = b""
        except ConnectionLost:
            pass
        return False

    def close(self) -> None:
        """Say goodbye if the line still takes it, and end the connection."""
        if self._ended is None:
            self._outgoing += encode_frame(Command.UNBIND, Status.ESME_ROK, self.next_sequence())
            self._flush()
        self._socket.close()

    def _connect(self) -> socket.socket:
        endpoint = self._endpoint
        try:
            plain = socket.create_connection((endpoint.host, endpoint.port), endpoint.connect_seconds)
        except OSError as error:
            raise ConnectionLost("unreachable", f"{endpoint.host}:{endpoint.port}: {error}") from error
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if endpoint.tls is None:
            return plain
        try:
            return endpoint.tls.wrap_socket(plain, server_hostname=endpoint.host)
        except OSError as error:
            plain.close()
            raise ConnectionLost("tls-failed", f"{endpoint.host}:{endpoint.port}: {error}") from error

    def _bind(self, command: Command) -> None:
        endpoint = self._endpoint
        bind = Bind(command, endpoint.system_id, endpoint.password, endpoint.system_type)
        try:
            self._socket.settimeout(endpoint.response_seconds)
            self._socket.sendall(bind.encode(self.next_sequence()))
            answer = self._first_frame(command | RESPONSE)
            identity = decode_identifier(answer.body)
        except OSError as error:
            raise ConnectionLost("unreachable", f"No answer to the bind: {error}") from error
        except MalformedPdu as error:
            raise ConnectionLost("not-smpp", str(error)) from error
        if answer.status != Status.ESME_ROK:
            name = status_name(answer.status)
            raise ConnectionLost(f"bind-{name}", f"The operator refuses the bind: {name}.")
        if not endpoint.live and identity != DRILL_MARK:
            raise LiveGatewayRefused(f"{endpoint.host}:{endpoint.port} is not a drill sink.")
        self._socket.setblocking(False)

    def _first_frame(self, command: int) -> Frame:
        """The bind's answer; frames right behind it stay for `exchange`."""
        while True:
            octets = self._socket.recv(_PIECE)
            if not octets:
                raise ConnectionLost("closed", "The operator ended the connection at the bind.")
            self._incoming += octets
            for index, frame in enumerate(frames := take_frames(self._incoming)):
                if frame.command in (command, Command.GENERIC_NACK):
                    behind = b"".join(encode_frame(*later) for later in frames[index + 1 :])
                    self._incoming[:0] = behind
                    return frame

    def _wait(self, seconds: float) -> None:
        wanted = select.POLLIN | (select.POLLOUT if self._outgoing else 0)
        self._poll.register(self._socket, wanted)
        self._poll.poll(max(0.0, seconds) * 1000)

    def _flush(self) -> None:
        while self._outgoing:
            try:
                sent = self._socket.send(self._outgoing)
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                return
            except OSError as error:
                # What the operator answered before is still there to be read; _arrived raises after it.
                self._outgoing.clear()
                self._read()
                self._ended = ConnectionLost("closed", f"The connection broke while sending: {error}")
                return
            del self._outgoing[:sent]

    def _arrived(self) -> list[Frame]:
        """What has come so far. An ending is raised only when nothing is left to read before it."""
        self._read()
        try:
            frames = take_frames(self._incoming)
        except MalformedPdu as error:
            self._incoming.clear()
            self._ended = ConnectionLost("not-smpp", str(error))
            frames = []
        if self._ended and not frames:
            raise self._ended
        return frames

    def _read(self) -> None:
        while self._ended is None:
            try:
                octets = self._socket.recv(_PIECE)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                self._ended = ConnectionLost("closed", f"The connection broke: {error}")
                return
            if not octets:
                self._ended = ConnectionLost("closed", "The operator ended the connection.")
            self._incoming += octets
            if len(octets) < _PIECE and self._endpoint.tls is None:
                return

    def _answers_itself(self, frame: Frame) -> bool:
        if frame.command == Command.ENQUIRE_LINK:
            self._outgoing += encode_frame(Command.ENQUIRE_LINK_RESP, Status.ESME_ROK, frame.sequence)
            return True
        if frame.command == Command.UNBIND:
            self._outgoing += encode_frame(Command.UNBIND_RESP, Status.ESME_ROK, frame.sequence)
            self._flush()
            self._ended = ConnectionLost("unbound", "The operator closed the session.")
            return True
        return frame.command == Command.UNBIND_RESP
