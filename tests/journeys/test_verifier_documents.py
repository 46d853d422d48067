"""PDF documents on a border guard's telephone: read there, without a network, and ended when they are up to something."""

# ruff: noqa: F811 - fixtures are named as arguments
import json
from dataclasses import replace

import pytest

from openconsular.domain.health.paper import draw
from tests.domain.health.test_paper import SHEET
from tests.domain.health.test_pictures import CATALOG, FORM, ONE_PAGE, PAGE, code_image, pdf, saved, stream
from tests.journeys.conftest import is_well_made, say
from tests.journeys.test_verifier import desk, state, telephone  # noqa: F401

HOSTILE = {
    "nothing of the kind": b"%PDF-1.7 and nothing else",
    "form that draws itself": pdf(
        CATALOG, ONE_PAGE, PAGE % b"600 800", stream(b"/X Do " * 10), stream(b"/X Do " * 10, FORM)
    ),
    "two million lines": pdf(
        CATALOG, ONE_PAGE, PAGE % b"600 800", stream(b"0 0 m 9 9 l S\n" * 2_000_000), stream(b"", FORM)
    ),
    "five million states": pdf(
        CATALOG, ONE_PAGE, PAGE % b"600 800", stream(b"q " * 5_000_000), stream(b"", FORM)
    ),
    "huge page": pdf(CATALOG, ONE_PAGE, PAGE % b"1e9 1e9", stream(b""), stream(b"", FORM)),
    "no page": pdf(CATALOG, ONE_PAGE, PAGE % b"0 0", stream(b""), stream(b"", FORM)),
    "a page that is its own parent": pdf(
        CATALOG, b"<</Type /Pages /Kids [2 0 R] /Count 1>>", PAGE % b"9 9", stream(b""), stream(b"", FORM)
    ),
    "a picture larger than any": pdf(
        CATALOG,
        ONE_PAGE,
        PAGE % b"600 800",
        stream(b"q 600 0 0 800 0 0 cm /X Do Q"),
        stream(
            b"",
            b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /BitsPerComponent 8 /ColorSpace /DeviceGray",
        ),
    ),
    "scripts and attachments": pdf(
        b"<</Type /Catalog /Pages 2 0 R /OpenAction <</S /JavaScript /JS (app.alert\\(1\\);)>>>>",
        ONE_PAGE,
        PAGE % b"600 800",
        stream(b""),
        stream(b"", FORM),
    ),
}


@pytest.fixture
def offline(telephone, browser):
    """A verifier whose worker has kept the reader of documents, and that has no network any more."""
    browser.expected = ("ERR_INTERNET_DISCONNECTED", "when fetching the script")
    page = telephone(width=360)
    page.wait_for_function(
        """async () => {
            const names = await caches.keys();
            const cache = await caches.open(names.find(name => name.startsWith('verifier-')));
            return (await cache.keys()).filter(one => /pdf-|jbig2|openjpeg/.test(one.url)).length === 4;
        }"""
    )
    page.context.set_offline(True)
    page.reload()
    page.locator("[data-status][data-ready=ready][data-old=false]").wait_for()
    return page


def choose(page, content):
    file = {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": content}
    page.locator("input[type=file][name=file]").set_input_files(file)


def test_our_own_paper_and_a_scan_are_read_without_a_network(desk, offline):
    genuine = desk.certificate()
    choose(offline, draw.certificate_pdf(replace(SHEET, code=genuine)))
    answer = state(offline, "valid")
    assert "ZHANG" in answer.inner_text()
    is_well_made(offline)
    offline.locator("[data-next]").click()
    # A scan: nothing but a picture on a page.
    choose(offline, saved(code_image(genuine), "PDF"))
    state(offline, "valid")


def test_a_hostile_document_ends_with_a_reason_and_the_page_goes_on(desk, offline):
    reasons = [
        say("There is no code in this picture that can be read.", "en"),
        say("The document cannot be opened.", "en"),
        say("Drawing the pages of the document takes too long.", "en"),
    ]
    for name, content in HOSTILE.items():
        choose(offline, content)
        offline.wait_for_function(
            "reasons => reasons.includes(document.querySelector('[data-answer]').innerText.trim())",
            arg=reasons,
            timeout=30_000,
        )
        assert offline.evaluate("document.activeElement !== null"), name
    choose(offline, draw.certificate_pdf(replace(SHEET, code=desk.certificate())))
    state(offline, "valid")
    assert json.loads(offline.evaluate("JSON.stringify(Object.keys(localStorage))")) == []
