"""Every command of the how-to on joining the trust network, run in its order."""

import io
import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from django.utils import timezone

from openconsular.foundation.permissions import Role
from openconsular.gateways.trust_uploads.folder import FolderUploads
from openconsular.health_certificates import custody
from openconsular.health_certificates.actions import trust
from openconsular.health_certificates.models import SigningKey, TrustSource
from openconsular.health_certificates.queries.trust import lists
from tests.accounts.conftest import staff  # noqa: F401
from tests.domain.health.trust_world import did_bytes, did_method, make, number64
from tests.health_certificates.test_trust_editions import crl_of

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "health-trust-network.md").read_text("utf-8")
NETWORK = ec.generate_private_key(ec.SECP256R1())


def commands() -> list[str]:
    """The lines of all shell blocks, those that go on in the next one put together."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    text = "\n".join(block for _indent, block in blocks).replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip()]


class Network:
    """The gateway and the list of an environment, with another participant in it."""

    def __init__(self, now):
        span = {"start": now - timedelta(days=90), "end": now + timedelta(days=400)}
        self.authority = make("CSCA PT", authority=True, **span)
        self.signer = make("DSC PT", by=self.authority, **span)
        self.sent: list[tuple[str, str]] = []

    def gateway(self, folder, address, client, *, server_authority=""):
        assert address.startswith("https://tng") and b"PRIVATE KEY" in client.private_key
        return FolderUploads(folder / address.partition("//")[2])

    def document(self, source, now):
        method = did_method(":-:PRT:DSC", self.signer.jwk(self.authority))
        return did_bytes([method], NETWORK, created=now.strftime("%Y-%m-%dT%H:%M:%SZ"))


def signing_document() -> str:
    numbers = NETWORK.public_key().public_numbers()
    jwk = f'{{"kty": "EC", "crv": "P-256", "x": "{number64(numbers.x)}", "y": "{number64(numbers.y)}"}}'
    name = '"did:web:lists.example:signing"'
    return f'{{"id": {name}, "verificationMethod": [{{"id": {name}, "publicKeyJwk": {jwk}}}]}}'


def certificate_for(label: str, now) -> bytes:
    """What another body of the country makes of a request."""
    key = SigningKey.objects.get(label=label)
    request = x509.load_pem_x509_csr(key.request_pem.encode())
    authority = make("CSCA CN", authority=True, country=key.country)
    builder = x509.CertificateBuilder().subject_name(request.subject).public_key(request.public_key())
    builder = builder.issuer_name(authority.certificate.subject).serial_number(77)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=700))
    made = builder.sign(authority.key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def place(tmp_path, monkeypatch, staff, settings):  # noqa: F811
    """A folder with the files the page speaks of, two keepers, and a network that answers."""
    monkeypatch.chdir(tmp_path)
    for name in ("li", "wang"):
        staff(name, Role.ADMINISTRATOR, None, None)
    now = timezone.now()
    network = Network(now)
    for name in ("who-dev-signing.json", "who-signing.json"):
        (tmp_path / name).write_text(signing_document())
    (tmp_path / "did.json").write_bytes(network.document(None, now + timedelta(seconds=5)))
    (tmp_path / "sca.crl").write_bytes(crl_of(network.authority, 1, now))
    steps = "openconsular.health_certificates.management.steps.keys.HttpUploads"
    monkeypatch.setattr(steps, lambda *told, **more: network.gateway(tmp_path / "sent", *told, **more))
    monkeypatch.setattr(trust, "_download", network.document)
    # A token of software is tried in tests/health_certificates/test_keys.py; here every key lies sealed.
    monkeypatch.setattr(custody, "make_in_token", lambda label: pytest.fail("no token here"))
    return tmp_path


def run(line: str, place: Path, settings) -> str:
    words = shlex.split(line)
    if words[:2] == ["export", "OPENCONSULAR_CERTIFICATES=live"]:
        settings.CERTIFICATES = "live"
        return ""
    if words[0] == "mkdir":
        for name in words[2:]:
            (place / name).mkdir(parents=True)
        return ""
    if words[0] == "git":
        return ""
    assert words[:2] == ["openconsular", "certificates"], line
    target = place / words[words.index(">") + 1] if ">" in words else None
    words = words[2 : words.index(">") if ">" in words else None]
    words = [word for word in words if word != "--token"]
    if words[:2] == ["keys", "install"]:
        (place / words[3]).write_bytes(certificate_for(words[2], timezone.now()))
    if words[0] == "verify":
        return ""
    out = io.StringIO()
    try:
        call_command("certificates", *words, stdout=out)
    except SystemExit as end:
        assert not end.code, f"{line}\n{out.getvalue()}"
    if target is not None:
        target.write_text(out.getvalue())
    return out.getvalue()


def test_every_command_in_its_order(place, settings):
    found = commands()
    assert len(found) > 50
    said = {line: run(line, place, settings) for line in found}
    states = dict(SigningKey.objects.values_list("label", "state"))
    assert states == {
        **dict.fromkeys(("dev-sca", "dev-dsc-1", "dev-up", "dev-tls"), "active"),
        **dict.fromkeys(("sca-2026", "up-2026", "tls-2026"), "active"),
        "dsc-2026-1": "retired",
        "dsc-2026-2": "compromised",
        "dsc-2026-b": "certified",
        "dsc-2026-3": "certified",
    }
    sent = {path.name for path in (place / "sent" / "tng.who.int").iterdir()}
    one, two = (bytes(SigningKey.objects.get(label=f"dsc-2026-{number}").kid).hex() for number in (1, 2))
    assert sent == {f"{one}.cms", f"{two}.delete.cms"}
    fetched = [said[line] for line in found if "trust fetch" in line]
    assert len(fetched) == 2 and all(": 1 entries of " in one and "verified" in one for one in fetched)
    assert {one.name: one.proof for one in lists(now=timezone.now())} == {
        "who": "verified",
        "pt-revoked": "verified",
    }
    lost, named = (SigningKey.objects.get(label=f"dsc-2026-{number}") for number in (2, 3))
    published = x509.load_pem_x509_crl((place / "sca-2026.crl").read_bytes())
    assert [one.serial_number for one in published] == [
        x509.load_der_x509_certificate(bytes(lost.certificate)).serial_number
    ]
    points = x509.load_der_x509_certificate(bytes(named.certificate)).extensions
    [point] = points.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name[0].value == "http://pki.ministry.example/sca.crl"
    assert TrustSource.objects.get(name="who").created_by.startswith("staff:")


@pytest.mark.parametrize(
    ("label", "years", "usages"),
    [
        ("dev-sca", 4, {"key_cert_sign", "crl_sign"}),
        ("dev-dsc-1", 2, {"digital_signature"}),
        ("dev-up", 2, {"digital_signature"}),
        ("dev-tls", 2, {"digital_signature"}),
    ],
)
def test_what_the_governance_asks_of_each_certificate(place, settings, label, years, usages):
    """WHO GDHCN certificate governance, certificate templates and validity periods."""
    for line in commands()[:13]:
        run(line, place, settings)
    key = SigningKey.objects.get(label=label)
    made = x509.load_der_x509_certificate(bytes(key.certificate))
    extensions = made.extensions
    names = {one.rfc4514_attribute_name for one in made.subject}
    assert names == {"C", "O", "CN"} and isinstance(made.public_key().curve, ec.SECP256R1)
    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
    days = (made.not_valid_after_utc - made.not_valid_before_utc).days
    assert years * 365 - 1 <= days < years * 366
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    named = (
        "digital_signature",
        "key_cert_sign",
        "crl_sign",
        "key_agreement",
        "key_encipherment",
        "content_commitment",
    )
    assert {name for name in named if getattr(usage, name)} == usages
    identifier = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    if label == "dev-sca":
        limits = extensions.get_extension_for_class(x509.BasicConstraints).value
        assert limits.ca and limits.path_length == 0
        assert made.issuer == made.subject and identifier.digest
        return
    authority = x509.load_der_x509_certificate(bytes(key.authority.certificate))
    made.verify_directly_issued_by(authority)
    above = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert (
        above.key_identifier
        == authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )
    assert made.not_valid_after_utc <= authority.not_valid_after_utc
    if label == "dev-tls":
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert [one.dotted_string for one in purposes] == ["1.3.6.1.5.5.7.3.2"]
    if label == "dev-dsc-1":
        period = extensions.get_extension_for_oid(x509.ObjectIdentifier("2.5.29.16")).value
        assert (period.not_after - made.not_valid_before_utc.replace(tzinfo=None)).days == 180


def test_what_goes_into_the_repository(place, settings):
    for line in commands()[:18]:
        run(line, place, settings)
    files = {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*.pem")}
    assert set(files) == {f"onboarding/DCC/{name}.pem" for name in ("SCA/SCA", "TLS/CA", "TLS/TLS", "UP/UP")}
    for name, content in files.items():
        assert (
            content.count(b"BEGIN CERTIFICATE-") == 1
            and b"PRIVATE" not in content
            and b"REQUEST" not in content
        )
        x509.load_pem_x509_certificate(content)
        assert name
    assert files["onboarding/DCC/TLS/CA.pem"] == files["onboarding/DCC/SCA/SCA.pem"]
