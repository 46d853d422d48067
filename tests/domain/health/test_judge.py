"""One call for a text, a picture or a PDF: what it is, and whether it can be trusted."""

import io

import pytest
from PIL import Image

from openconsular.domain.health.carriers import codes
from openconsular.domain.health.certificate import Format
from openconsular.domain.health.judge import judge
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.verdict import CheckName, Layer, State
from tests.domain.health.hcert_world import NOW, TRUST, issued

TEXT = issued()


def told(given):
    return judge(given, trust=TRUST, revocations=Revocations(), now=NOW)


def pdf_with(*texts):
    pictures = [Image.open(io.BytesIO(codes.qr_png(text, scale=6))).convert("L") for text in texts]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    "given",
    [TEXT, TEXT.encode(), codes.qr_png(TEXT), codes.qr_svg(TEXT), pdf_with(TEXT)],
    ids=["text", "bytes", "picture", "drawing", "pdf"],
)
def test_says_what_it_is_and_whether_it_can_be_trusted(given):
    [verdict] = told(given)
    assert verdict.state is State.VALID
    assert verdict.presented is not None and verdict.presented.format is Format.ICVP


def test_each_certificate_has_its_verdict_in_order():
    first, second = told(f"{TEXT}\n{TEXT[:-1]}\n")
    assert first.state is State.VALID
    assert second.state is State.BROKEN


@pytest.mark.parametrize(
    "given", [b"", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\n", "", "\ud800\udfff".encode("utf-8", "replace")]
)
def test_what_holds_no_code_is_broken_with_its_reason(given):
    [verdict] = told(given)
    assert (verdict.state, verdict.presented) == (State.BROKEN, None)
    assert verdict.reason and verdict.layer in (Layer.PICTURE, Layer.TEXT)
    assert [check.name for check in verdict.checks] == list(CheckName)
