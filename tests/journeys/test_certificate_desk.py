"""The desk of health certificates in a browser: every page on a telephone and on a screen, and without scripts."""

import re

import pytest
from django.conf import settings
from django.test import Client

from openconsular.accounts import actions as accounts
from openconsular.accounts import queries as missions
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.products import catalogue
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM, Role
from openconsular.health_certificates.actions import batches, issuing, records, trust
from openconsular.health_certificates.models import Alarm, Record
from tests.health_certificates.conftest import DOSE, KEEPER, make_chain
from tests.journeys.conftest import CHROMIUM, PASSWORD, behind, is_well_made

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"),
]
DESK = "/console/certificates/"
ROLES = {
    "clinic": (Role.CLINIC, "cebu"),
    "officer": (Role.MISSION_OFFICER, "cebu"),
    "health": (Role.HEALTH_OFFICER, None),
    "admin": (Role.ADMINISTRATOR, None),
}


@pytest.fixture
def staff(site, now, settings):
    """Cookies of who works there, by name; an exercise, so that the second factor is not in the way."""
    settings.IS_DRILL = True
    accounts.load_missions(profile=profile.load("cn"), by=SYSTEM, now=now)
    made = {}
    for name, (role, code) in ROLES.items():
        mission = missions.mission_by_code(code) if code else None
        made[name] = accounts.add_officer(
            username=name,
            display_name=name,
            role=role,
            mission_id=mission.pk if mission else None,
            password=PASSWORD,
            by=SYSTEM,
            now=now,
        )
    make_chain(now)
    return made


def cookie_of(officer, site):
    client = Client()
    client.force_login(officer)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": site}


@pytest.fixture
def pages(staff, now):
    """The addresses of the desk, by who opens them."""
    dose = {
        "certificate_format": Format.EU_DCC,
        "kind": Kind.VACCINATION,
        "by": staff["clinic"].actor,
        "now": now,
    }
    first = records.record_event(fields=DOSE, **dose)
    records.approve_record(public_id=first.public_id, by=staff["officer"].actor, now=now)
    assert issuing.sign_record(record_id=first.pk, now=now)
    fixed = records.record_event(fields=DOSE | {"given_name": "Si"}, replaces=first.public_id, **dose)
    batch = batches.open_batch(name="May", **dose)
    trust.add_source(name="others", kind="jwks", url="https://lists.example/keys.json", by=KEEPER, now=now)
    Alarm.objects.create(
        environment="test", scope="recorder", subject="staff:0", count=90, limit=60, raised_at=now
    )
    of_officer = [
        "",
        "search/",
        "new/",
        "new/icvp/vaccination/",
        "new/eu-dcc/test/",
        "approvals/",
        "batches/",
    ]
    of_officer += ["revocations/", "check/", f"{first.public_id}/", f"{fixed.public_id}/"]
    return {
        "officer": of_officer,
        "clinic": [f"batches/{batch.public_id}/", f"{fixed.public_id}/"],
        "health": ["issuing/", "lists/"],
        "admin": ["keys/", "keys/test-dsc/", "keys/make/?like=test-dsc", "lists/others/", "lists/add/"],
    }


@pytest.mark.parametrize(("language", "width", "scheme"), [("zh-CN", 320, "dark"), ("en", 1440, "light")])
def test_every_page_of_the_desk_is_well_made(site, staff, pages, browser, language, width, scheme):
    cookies = {name: cookie_of(staff[name], site) for name in pages}
    for name, paths in pages.items():
        page = browser.page(language, width=width, color_scheme=scheme)
        page.context.add_cookies([cookies[name]])
        for path in paths:
            assert page.goto(f"{site}{DESK}{path}").status == 200, path
            is_well_made(page)
        page.context.close()


def test_a_dose_is_written_down_without_scripts(site, staff, browser):
    cookie = cookie_of(staff["clinic"], site)
    product = next(one for one in catalogue().values() if one.disease == "1D47")
    page = browser.page("en", width=360, java_script_enabled=False)
    page.context.add_cookies([cookie])
    page.goto(f"{site}{DESK}new/icvp/vaccination/")
    typed = {"family_name": "Zhang", "given_name": "San", "born_on": "1980-05-17", "batch": "AB1234"}
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=happened_on]").fill("2026-05-30")
    page.locator("[name=sex]").select_option("male")
    page.locator("[name=product]").select_option(product.code)
    page.locator("button[value=preview]").click()
    assert "AB1234" in page.locator("main").inner_text()
    page.locator("button[value=save]").click()
    assert re.search(r"/console/certificates/[0-9a-f-]{36}/$", page.url)
    assert behind(lambda: Record.objects.count()) == 1
