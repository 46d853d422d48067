"""A feed server on loopback that can be told to misbehave. Speaks raw HTTP, so that it can also speak it wrongly."""

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass
class BadServer:
    """`pages` maps a path to what writes the answer; `asked` holds every request head received."""

    pages: dict[str, Callable[[socket.socket, str], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._stop.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        self._listener.settimeout(0.1)
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            thread = threading.Thread(target=self._answer, args=[connection], daemon=True)
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                if self.tls:
                    connection = self.tls.wrap_socket(connection, server_side=True)
                head = connection.recv(65_536).decode("latin-1")
                self.asked.append(head)
                path = head.split(" ")[1]
                self.pages[path](connection, head)
            except (OSError, IndexError, KeyError):
                return

    def hang(self, connection: socket.socket, head: str) -> None:
        self._stop.wait(5)

    def trickle(self, connection: socket.socket, head: str) -> None:
        """One byte now and then, for ever: no single read times out."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not self._stop.is_set():
            connection.sendall(b" ")
            time.sleep(0.05)

    def trickle_head(self, connection: socket.socket, head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self._stop.is_set():
            connection.sendall(b"x")
            time.sleep(0.05)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), begin, begin.replace(year=2099)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    own = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(own + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def page(body: bytes, *, status: str = "200 OK", headers: str = "", length: int | None = None):
    """An answer; `length` may lie."""
    announced = len(body) if length is None else length

    def send(connection: socket.socket, head: str) -> None:
        connection.sendall(
            f"HTTP/1.1 {status}\r\nContent-Length: {announced}\r\nConnection: close\r\n{headers}\r\n".encode()
            + body
        )

    return send


def redirect(target: str):
    return page(b"", status="302 Found", headers=f"Location: {target}\r\n")


def conditional(body: bytes, etag: str):
    """Answers 304 to whoever knows the ETag."""

    def send(connection: socket.socket, head: str) -> None:
        known = f"If-None-Match: {etag}".lower() in head.lower()
        answer = page(b"", status="304 Not Modified") if known else page(body, headers=f"ETag: {etag}\r\n")
        answer(connection, head)

    return send


def endless(size: int):
    """Chunks without an end in sight, without any length."""

    def send(connection: socket.socket, head: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        for _ in range(size // 65_536):
            connection.sendall(chunk)
        connection.sendall(b"0\r\n\r\n")

    return send


def gzip_bomb(size: int):
    body = gzip.compress(b" " * size)
    return page(body, headers="Content-Encoding: gzip\r\n")


def coded(body: bytes, coding: str):
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(coding, body)
    return page(packed, headers=f"Content-Encoding: {coding}\r\n")
