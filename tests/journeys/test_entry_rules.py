"""Entry rules in a browser: a list taken from a file, a rule read in plain words, a certificate tried for an arrival."""

import json

import pytest

from openconsular.domain.health.certificate import Format, Kind
from openconsular.health_certificates.actions import issuing, records
from openconsular.health_certificates.models import EntryRule
from tests.domain.health.test_rules import source
from tests.health_certificates.conftest import DOSE
from tests.journeys.conftest import CHROMIUM, behind, is_well_made, say
from tests.journeys.test_certificate_desk import cookie_of, staff  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"),
]
DESK = "/console/certificates/"
DOSED = {"===": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}
ANYTIME = {"ValidFrom": "2020-01-01T00:00:00Z", "ValidTo": "2090-01-01T00:00:00Z"}
RULES = [
    source(DOSED, **ANYTIME),
    source({"or": []}, Identifier="TR-XA-0002", CertificateType="Test", **ANYTIME),
    source(Identifier="VR-XA-0003", ValidFrom="soon"),
]


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh-CN", 390, "dark"), ("en", 1280, "light")])
def test_from_a_list_to_a_decision(site, browser, staff, now, tmp_path, language, width, scheme):  # noqa: F811
    def half_done():
        dose = {"certificate_format": Format.EU_DCC, "kind": Kind.VACCINATION}
        record = records.record_event(**dose, fields=DOSE | {"dose": "1"}, by=staff["clinic"].actor, now=now)
        records.approve_record(public_id=record.public_id, by=staff["officer"].actor, now=now)
        return issuing.sign_record(record_id=record.pk, now=now).text

    text, cookie = behind(half_done), behind(lambda: cookie_of(staff["health"], site))
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(RULES))
    page = browser.page(language, width=width, color_scheme=scheme)
    page.context.add_cookies([cookie])

    page.goto(f"{site}{DESK}rules/add/")
    is_well_made(page)
    page.locator("[name=name]").fill("states")
    page.locator("main form button").first.click()
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name=say("From this file", page_language(language))).click()
    assert "VR-XA-0003" in page.locator("#refused").inner_text()
    is_well_made(page)

    page.goto(f"{site}{DESK}rules/")
    is_well_made(page)
    page.get_by_role("link", name="VR-XA-0001").click()
    words = "须接种全部剂次。" if language == "zh-CN" else "All doses."
    assert words in page.locator("#words").inner_text()
    is_well_made(page)
    broken = behind(lambda: EntryRule.objects.get(identifier="TR-XA-0002").pk)
    page.goto(f"{site}{DESK}rules/{broken}/")
    is_well_made(page)

    page.goto(f"{site}{DESK}check/")
    page.locator("[name=text]").fill(text)
    page.locator("[name=arriving]").fill("xa")
    page.get_by_role("button", name=say("Check it", page_language(language))).click()
    told = page.locator("main").inner_text()
    assert say("Does not meet what is asked", page_language(language)) in told
    assert words in told
    is_well_made(page)


def page_language(language):
    return "zh-hans" if language == "zh-CN" else "en"
