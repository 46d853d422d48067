"""The message a signer's certificate is uploaded in: as other programs read it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from asn1crypto import cms

from openconsular.domain.health.signing.upload import signed_message
from openconsular.domain.health.trust.cms import certificates_of, content_of, verify_detached
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.x509 import read_certificate
from openconsular.health_certificates.custody import signer_with
from tests.domain.health.trust_world import NOW, make

ROOT = make("CSCA PT", authority=True)
UPLOAD, SIGNER = make("UP PT", by=ROOT), make("DSC PT", by=ROOT)


def message(content: bytes = SIGNER.der) -> bytes:
    return signed_message(content, certificate=UPLOAD.der, sign=signer_with(UPLOAD.key), at=NOW)


def test_what_it_carries_and_who_signed_it() -> None:
    made = message()
    assert content_of(made) == SIGNER.der and certificates_of(made) == [UPLOAD.der]
    verify_detached(made, SIGNER.der, read_certificate(UPLOAD.der))
    with pytest.raises(KeyRefused) as refused:
        verify_detached(made, SIGNER.der, read_certificate(SIGNER.der))
    assert refused.value.code == "signature-wrong"
    with pytest.raises(KeyRefused) as refused:
        verify_detached(made, ROOT.der, read_certificate(UPLOAD.der))
    assert refused.value.code == "cms-other-content"


def test_the_attributes_are_signed_in_the_order_of_their_bytes() -> None:
    """DER sorts a SET OF (X.690 section 11.6); a reader that sorts again must come to the same bytes."""
    [info] = cms.ContentInfo.load(message())["content"]["signer_infos"]
    parts = [one.dump() for one in info["signed_attrs"]]
    assert parts == sorted(parts) and len(parts) == 3


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("content", [SIGNER.der, b"\n", b"a\r\nb"], ids=["certificate", "line", "lines"])
def test_openssl_takes_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "up.cms").write_bytes(message(content))
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    out = tmp_path / "out"
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(tmp_path / "up.cms")]
    verify += ["-CAfile", str(tmp_path / "root.pem"), "-attime", str(int(NOW.timestamp())), "-out", str(out)]
    done = subprocess.run([*verify, "-purpose", "any"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == content
    changed = bytearray(message(content))
    changed[-1] ^= 1
    (tmp_path / "up.cms").write_bytes(bytes(changed))
    assert subprocess.run([*verify, "-purpose", "any"], capture_output=True, check=False).returncode != 0
