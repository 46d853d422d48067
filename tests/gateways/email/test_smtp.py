"""SMTP with a mail server that is slow, silent, gone, or wants TLS."""

import datetime
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from openconsular.foundation.errors import InvalidInput
from openconsular.gateways.base import OutgoingMessage
from openconsular.gateways.email.session import MailEndpoint
from openconsular.gateways.email.smtp import SmtpGateway, SmtpSettings, open_smtp
from openconsular.gateways.sinks.loop import LoopThread
from openconsular.gateways.sinks.smtp import SmtpSink

SENDER = "alerts@ministry.example"


class World:
    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink
        endpoint = MailEndpoint(
            host="127.0.0.1", port=sink.port, starttls=False, live=False, response_seconds=0.4
        )
        self.settings = SmtpSettings(endpoint=endpoint, sender=SENDER, connections=2, patience_seconds=2)
        self.gateway = SmtpGateway(self.settings)

    def messages(self, count: int) -> list[OutgoingMessage]:
        return [OutgoingMessage(n, f"person{n}@example.org", f"Notice {n}", "Notice") for n in range(count)]


@pytest.fixture
def world() -> Iterator[World]:
    with SmtpSink() as sink:
        made = World(sink)
        yield made
        made.gateway.close()


def test_no_envelope_ever_holds_two_people(world: World) -> None:
    world.gateway.hand_over(world.messages(500))
    assert world.sink.counters.most_recipients == 1
    assert world.sink.counters.distinct == 500
    assert world.sink.counters.connections == 2


def test_a_server_that_falls_silent_leaves_only_what_was_sent_in_doubt(world: World) -> None:
    world.gateway.hand_over(world.messages(20))
    world.sink.faults.is_silent = True
    started = time.monotonic()
    outcomes = world.gateway.hand_over(world.messages(40))
    assert time.monotonic() - started < 6
    assert {one.state for one in outcomes} == {"retry"}
    assert sum(one.in_doubt for one in outcomes) <= world.settings.connections


def test_a_server_that_is_gone_leaves_everything_untried(world: World) -> None:
    world.sink.stop()
    outcomes = world.gateway.hand_over(world.messages(5))
    assert {(one.state, one.in_doubt, one.error_code) for one in outcomes} == {
        ("retry", False, "unreachable")
    }


def test_a_slow_server_is_waited_for_as_long_as_there_is_patience(world: World) -> None:
    world.sink.faults.slow_seconds = 0.1
    gateway = SmtpGateway(replace(world.settings, patience_seconds=1.5))
    outcomes = gateway.hand_over(world.messages(100))
    gateway.close()
    states = [one.state for one in outcomes]
    assert states.count("accepted") >= 4
    assert {one.error_code for one in outcomes if one.state == "retry"} == {"patience-ended"}
    assert world.sink.counters.messages == states.count("accepted")


def test_threads_share_the_connections(world: World) -> None:
    done: list[list[Any]] = []
    threads = [
        threading.Thread(target=lambda: done.append(world.gateway.hand_over(world.messages(50))))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert all(one.state == "accepted" for outcomes in done for one in outcomes)
    assert len(done) == 3


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but this test trusts."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return chain, private


class SecureServer(LoopThread):
    """aiosmtpd that takes nothing before STARTTLS and a sign-in."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__("127.0.0.1", 0)
        self.taken: list[list[str]] = []
        self._context = context
        self._open: list[SMTP] = []

    def protocol(self) -> SMTP:
        self._open.append(
            SMTP(
                self,
                hostname="localhost",
                loop=self.loop,
                tls_context=self._context,
                require_starttls=True,
                auth_required=True,
                authenticator=self._sign_in,
            )
        )
        return self._open[-1]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope.rcpt_tos)
        return "250 OK"

    def at_end(self) -> None:
        for server in self._open:
            if server.transport:
                server.transport.abort()

    def _sign_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"ministry", b"secret"), handled=False)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[SecureServer, SmtpSettings]]:
    chain, private = certificate(tmp_path)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(chain, private)
    with SecureServer(serving) as server:
        endpoint = MailEndpoint(
            host="127.0.0.1",
            port=server.port,
            user="ministry",
            password="secret",
            context=ssl.create_default_context(cafile=str(chain)),
        )
        yield server, SmtpSettings(endpoint=endpoint, sender=SENDER, connections=1)


def test_starttls_and_sign_in(secure: tuple[SecureServer, SmtpSettings]) -> None:
    server, settings = secure
    gateway = SmtpGateway(settings)
    outcomes = gateway.hand_over([OutgoingMessage(n, f"p{n}@example.org", "x") for n in range(5)])
    gateway.close()
    assert [one.state for one in outcomes] == ["accepted"] * 5
    assert server.taken == [[f"p{n}@example.org"] for n in range(5)]


@pytest.mark.parametrize(
    ("change", "code"),
    [({"password": "wrong"}, "sign-in-refused"), ({"context": ssl.create_default_context()}, "unreachable")],
)
def test_nothing_is_said_to_a_server_that_cannot_be_trusted_or_does_not_know_us(
    secure: tuple[SecureServer, SmtpSettings], change: dict[str, Any], code: str
) -> None:
    server, settings = secure
    gateway = SmtpGateway(replace(settings, endpoint=replace(settings.endpoint, **change)))
    (outcome,) = gateway.hand_over([OutgoingMessage(1, "p@example.org", "x")])
    assert (outcome.state, outcome.error_code, outcome.in_doubt) == ("retry", code, False)
    assert not server.taken


def test_a_server_that_does_not_offer_the_tls_we_demand_gets_nothing(world: World) -> None:
    endpoint = replace(world.settings.endpoint, starttls=True)
    (outcome,) = SmtpGateway(replace(world.settings, endpoint=endpoint)).hand_over(world.messages(1))
    assert (outcome.state, outcome.error_code) == ("retry", "unreachable")
    assert world.sink.counters.submitted == 0


@pytest.mark.parametrize(
    "url", ["", "http://x", "smtp://", "smtp://host:99999", "smtp://host?connections=many"]
)
def test_an_unusable_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(InvalidInput) as error:
        open_smtp(url, SENDER, live=True)
    assert error.value.code == "email-url"


def test_tls_is_demanded_unless_the_server_is_here() -> None:
    def endpoint(url: str) -> MailEndpoint:
        return open_smtp(url, SENDER, live=True)._settings.endpoint

    assert endpoint("smtp://mail.example").starttls
    assert endpoint("smtps://mail.example").tls
    assert not endpoint("smtp://mail.example?starttls=0").starttls
    assert not endpoint("smtp://127.0.0.1").starttls
