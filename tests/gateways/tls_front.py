"""An authority of one's own, certificates it signed, and a front that speaks TLS for a server that does not."""

import contextlib
import datetime
import ipaddress
import select
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Signs server certificates; `path` is what a client is told to believe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of one's own")])
        own = self._builder(self._name, self._key.public_key(), days=2)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.path = folder / "authority.pem"
        self.path.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def server_context(self, host: str, *, days: int = 2) -> ssl.SSLContext:
        """For a server called `host`; a negative number of `days` makes a certificate that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        try:
            called: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            called = x509.DNSName(host)
        made = self._builder(name, key.public_key(), days=days)
        made = made.add_extension(x509.SubjectAlternativeName([called]), critical=False)
        chain = self._folder / f"{host}.pem"
        chain.write_bytes(
            made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - 3 * day).not_valid_after(now + days * day)


@dataclass
class TlsFront:
    """Accepts TLS on `port` and passes everything on to `behind`. `shaken` counts handshakes that succeeded."""

    context: ssl.SSLContext
    behind: int
    port: int = 0
    shaken: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "TlsFront":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _begin(self, what, *arguments) -> None:
        thread = threading.Thread(target=what, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                self._begin(self._serve, self._listener.accept()[0])

    def _serve(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        with contextlib.ExitStack() as stack:
            stack.callback(plain.close)
            try:
                secured = stack.enter_context(self.context.wrap_socket(plain, server_side=True))
            except OSError:
                return
            self.shaken += 1
            inner = stack.enter_context(socket.create_connection(("127.0.0.1", self.behind), 5))
            with contextlib.suppress(OSError):
                self._pass_on(secured, inner)

    def _pass_on(self, secured: ssl.SSLSocket, inner: socket.socket) -> None:
        while not self._stop.is_set():
            ready = [secured] if secured.pending() else select.select([secured, inner], [], [], 0.1)[0]
            for one, other in ((secured, inner), (inner, secured)):
                if one in ready:
                    octets = one.recv(65536)
                    if not octets:
                        return
                    other.sendall(octets)
