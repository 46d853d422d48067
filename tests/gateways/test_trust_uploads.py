"""Uploads to the trust network: as files, and over its interface with a client certificate, by the same contract."""

import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from openconsular.domain.health.signing.upload import signed_message
from openconsular.domain.health.trust.cms import content_of, verify_detached
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.x509 import read_certificate
from openconsular.gateways.trust_uploads.base import (
    Outcome,
    TrustUploads,
    UploadMessage,
    UploadRefused,
    UploadUnavailable,
)
from openconsular.gateways.trust_uploads.folder import FolderUploads
from openconsular.gateways.trust_uploads.http import ClientKey, HttpUploads
from openconsular.health_certificates.custody import signer_with
from tests.domain.health.trust_world import NOW, Held, make
from tests.gateways.tls_front import Authority

ROOT = make("CSCA PT", authority=True)
UPLOAD, SIGNER, STRANGER = make("UP PT", by=ROOT), make("DSC PT", by=ROOT), make("UP XX")


def private_pem(held: Held) -> bytes:
    return held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def message(by: Held = UPLOAD, domain: str = "DCC", of: Held = SIGNER) -> UploadMessage:
    cms = signed_message(of.der, certificate=by.der, sign=signer_with(by.key), at=NOW)
    return UploadMessage(cms, of.key_id, domain)


class Twin:
    """The network's gateway: takes what a known upload key signed, from a client with a known certificate."""

    def __init__(self, authority: Authority, clients: bytes, folder: Path) -> None:
        self.held: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.answer: tuple[int, bytes] | None = None
        twin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                twin.asked.append((self.path, self.headers["Content-Type"]))
                status, told = twin.answer or twin.take(self.path, self.headers["Content-Type"], body)
                self.send_response(status)
                self.send_header("Location", "https://evil.example/")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = authority.server_context("127.0.0.1")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.decode())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path: str, kind: str, body: bytes) -> tuple[int, bytes]:
        if path == "/trustedCertificate" and kind == "application/json":
            told = json.loads(body)
            text, domain, removes = told["cms"], told["domain"], False
        elif kind == "application/cms" and path.split("/")[1] in ("signerCertificate", "trustedCertificate"):
            text, domain, removes = body.decode("ascii"), "", path.endswith("/delete")
        else:
            return 415, b"{}"
        try:
            cms = base64.b64decode(text, validate=True)
            certificate = content_of(cms)
            verify_detached(cms, certificate, read_certificate(UPLOAD.der))
        except KeyRefused as fault:
            report = {
                "code": "0x004",
                "problem": "Possible reasons: invalid signature",
                "details": fault.code,
            }
            return 400, json.dumps(report).encode()
        name = hashlib.sha256(certificate).hexdigest()[:16]
        if removes:
            return (204, b"") if self.held.pop(name, None) is not None else (404, b"{}")
        if name in self.held:
            return 409, b'{"problem": "You cant upload an existing certificate."}'
        self.held[name] = domain
        return 201, b""

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def twin(authority: Authority, tmp_path: Path) -> Iterator[Twin]:
    found = Twin(authority, ROOT.pem, tmp_path)
    yield found
    found.close()


def client(held: Held | None = None) -> ClientKey:
    one = held or make("TLS PT", by=ROOT, start=NOW.replace(year=2020), end=NOW.replace(year=2040))
    return ClientKey(one.pem, private_pem(one))


@pytest.fixture
def http(twin: Twin, authority: Authority) -> Iterator[HttpUploads]:
    found = HttpUploads(twin.address, client(), server_authority=authority.path.read_text())
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> FolderUploads:
    return FolderUploads(tmp_path / "out")


@pytest.fixture(params=["folder", "http"])
def uploads(request: pytest.FixtureRequest) -> TrustUploads:
    found: TrustUploads = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("domain", ["", "DCC", "ICVP"])
def test_put_and_remove_and_both_again(uploads: TrustUploads, domain: str) -> None:
    told = message(domain=domain)
    assert [uploads.put(told), uploads.put(told)] == [Outcome.TAKEN, Outcome.WAS_THERE]
    assert [uploads.remove(told), uploads.remove(told)] == [Outcome.REMOVED, Outcome.WAS_GONE]
    assert uploads.put(told) is Outcome.TAKEN


def test_what_is_no_message_is_refused(uploads: TrustUploads) -> None:
    with pytest.raises(UploadRefused):
        uploads.put(UploadMessage(b"", SIGNER.key_id))


class TestOverHttp:
    def test_the_forms_of_both_gateways(self, http: HttpUploads, twin: Twin) -> None:
        http.put(message(domain="ICVP"))
        assert twin.held == {SIGNER.key_id: "ICVP"}
        http.remove(message(domain="ICVP"))
        http.put(message(domain=""))
        http.remove(message(domain=""))
        assert twin.asked == [
            ("/trustedCertificate", "application/json"),
            ("/trustedCertificate/delete", "application/cms"),
            ("/signerCertificate", "application/cms"),
            ("/signerCertificate/delete", "application/cms"),
        ]

    def test_what_the_network_says_against_it(self, http: HttpUploads) -> None:
        with pytest.raises(UploadRefused) as refused:
            http.put(message(by=STRANGER))
        assert "0x004" in refused.value.message and "signature-wrong" in refused.value.message

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            ((401, b"{}"), UploadRefused),
            ((400, b"[" * 90_000), UploadRefused),
            ((400, b"\xff" * 200_000), UploadRefused),
            ((500, b"{}"), UploadUnavailable),
            ((200, b"{}"), UploadUnavailable),
            ((302, b""), UploadUnavailable),
        ],
    )
    def test_other_answers(
        self, http: HttpUploads, twin: Twin, answer: tuple[int, bytes], fault: type[Exception]
    ) -> None:
        twin.answer = answer
        with pytest.raises(fault):
            http.put(message())

    def test_a_client_the_network_does_not_know(self, twin: Twin, authority: Authority) -> None:
        stranger = HttpUploads(twin.address, client(STRANGER), server_authority=authority.path.read_text())
        with pytest.raises(UploadUnavailable):
            stranger.put(message())
        stranger.close()
        assert twin.held == {}

    def test_a_gateway_that_is_not_the_one(self, twin: Twin, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        http = HttpUploads(twin.address, client(), server_authority=Authority(other).path.read_text())
        with pytest.raises(UploadUnavailable):
            http.put(message())
        http.close()
        assert twin.asked == []

    def test_nobody_answers(self, authority: Authority) -> None:
        http = HttpUploads("https://127.0.0.1:9", client(), server_authority=authority.path.read_text())
        with pytest.raises(UploadUnavailable):
            http.put(message())
        http.close()

    @pytest.mark.parametrize("address", ["http://tng.example", "tng.example", "https://", "file:///etc"])
    def test_only_https(self, address: str) -> None:
        with pytest.raises(UploadRefused):
            HttpUploads(address, client())

    def test_keys_that_do_not_belong_together(self) -> None:
        mixed = ClientKey(client().certificate, private_pem(STRANGER))
        with pytest.raises(UploadRefused) as refused:
            HttpUploads("https://tng.example", mixed)
        assert refused.value.code == "upload-key"


class TestFolders:
    def test_what_is_written(self, folder: FolderUploads, tmp_path: Path) -> None:
        told = message()
        folder.put(told)
        [written] = (tmp_path / "out").iterdir()
        assert written.name == f"{SIGNER.key_id}.cms"
        assert content_of(base64.b64decode(written.read_text())) == SIGNER.der
        folder.remove(told)
        assert [one.name for one in (tmp_path / "out").iterdir()] == [f"{SIGNER.key_id}.delete.cms"]

    @pytest.mark.parametrize("name", ["../x", "", "0" * 15, "G" * 16])
    def test_names_that_are_none(self, folder: FolderUploads, name: str) -> None:
        with pytest.raises(UploadRefused):
            folder.put(UploadMessage(b"x", name))

    def test_a_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(UploadUnavailable):
            FolderUploads(tmp_path / "file").put(message())
