"""A dose becomes a certificate on a telephone, opens there without a network, and is verified; then it is revoked."""

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest

from openconsular.accounts import actions as accounts
from openconsular.accounts import queries as missions
from openconsular.citizens import session
from openconsular.domain.health.carriers import pictures
from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.health_certificates.actions import claims, keys, records
from openconsular.health_certificates.models import Issued, Record, Revocation
from openconsular.health_certificates.queries import trust
from tests.journeys.conftest import CHROMIUM, PASSWORD, Officer, behind, is_well_made, say, sign_in, work
from tests.journeys.fake_camera import FLAGS, film

ADMIN, SECOND_ADMIN = (
    Actor(label=f"staff:90{n}", role=Role.ADMINISTRATOR, officer_id=900 + n) for n in (1, 2)
)
RECORD_PAGE = re.compile(r"/console/certificates/[0-9a-f-]{36}/$")
BORN = "1980-05-17"
YELLOW_FEVER = "YellowFeverProductd2c75a15ed309658b3968519ddb31690"
HOLDER = {
    "family_name": "Zhang",
    "given_name": "Wei",
    "born_on": BORN,
    "sex": "male",
    "nationality": "CN",
    "document_number": "E12345678",
    "document_type": "PASSPORT",
}


@pytest.fixture
def desk(site, citizen, now):
    """Keys in use, a clinic and an officer at Cebu; `citizen` has loaded the missions. Returns who acts by name."""

    def open_desk():
        person = citizen("zh-Hans", "en")
        for label, purpose in (("sca", Purpose.SCA), ("dsc", Purpose.DSC), ("lists", Purpose.LIST)):
            keys.make_key(label=label, purpose=purpose, by=ADMIN, now=now)
            if purpose is Purpose.SCA:
                keys.certify_self(label=label, by=ADMIN, now=now)
            else:
                keys.certify_with(label=label, authority="sca", by=ADMIN, now=now)
            keys.activate_key(label=label, by=SECOND_ADMIN, now=now)
        cebu = missions.mission_by_code("cebu")
        made = {"person": person}
        for name, role in (("clinic", Role.CLINIC), ("officer", Role.MISSION_OFFICER)):
            officer = accounts.add_officer(
                username=name,
                display_name=name,
                role=role,
                mission_id=cebu.pk,
                password=PASSWORD,
                by=SYSTEM,
                now=now,
            )
            made[name] = officer.actor
        return made

    return behind(open_desk)


def dose(desk, now, certificate_format=Format.ICVP, **fields):
    """Written down by the clinic, approved by the officer, signed by the program; returns the claim for it."""
    told = HOLDER | {
        "product": YELLOW_FEVER,
        "batch": "YF-0042",
        "happened_on": (now - timedelta(days=20)).date().isoformat(),
    }
    record = records.record_event(
        certificate_format=certificate_format,
        kind=Kind.VACCINATION,
        fields=told | fields,
        by=desk["clinic"],
        now=now,
    )
    records.approve_record(public_id=record.public_id, by=desk["officer"], now=now)
    work()
    return claims.make_claim(public_id=record.public_id, by=desk["clinic"], now=now)


def dose_by_hand(site, browser, now):
    """The same on the pages of clinic and officer, in English; returns the code the clinic gives the holder."""
    clinic = browser.page("en")
    sign_in(clinic, site, Officer("clinic"), "en")
    clinic.goto(f"{site}/console/certificates/new/icvp/vaccination/")
    told = HOLDER | {"batch": "YF-0042", "happened_on": (now - timedelta(days=20)).date().isoformat()}
    for name, value in told.items():
        field = clinic.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    clinic.locator("select[name=product]").select_option(YELLOW_FEVER)
    clinic.get_by_role("button", name=say("Look at what the certificate will say", "en")).click()
    clinic.get_by_role("button", name=say("Hand it to another person for approval", "en")).click()
    clinic.wait_for_url(RECORD_PAGE)
    assert clinic.get_by_role("button", name=say("Approve: sign it", "en")).count() == 0

    officer = browser.page("en")
    sign_in(officer, site, Officer("officer"), "en")
    officer.goto(f"{site}/console/certificates/approvals/")
    officer.locator("#waiting th a").click()
    officer.get_by_role("button", name=say("Approve: sign it", "en")).click()
    officer.wait_for_url(RECORD_PAGE)
    behind(work)

    clinic.reload()
    clinic.get_by_role("button", name=say("Make a code", "en")).click()
    return clinic.locator(".oc-figure bdi").inner_text()


def revoke_by_hand(site, browser):
    """On the certificate's page, as the officer of the mission: not without a reason."""
    page = browser.page("en", width=1440)
    sign_in(page, site, Officer("officer"), "en")
    page.goto(f"{site}/console/certificates/")
    page.locator("main tbody th a").first.click()
    page.get_by_text(say("Revoke it", "en"), exact=True).click()
    button = page.get_by_role("button", name=say("Revoke for ever", "en"))
    browser.expected = (*browser.expected, "400")
    button.click()
    page.locator("[aria-invalid=true]").wait_for()
    assert behind(lambda: Revocation.objects.count()) == 0
    page.locator("select[name=reason]").select_option("error")
    page.locator("input[name=note]").fill("Given to somebody else.")
    page.get_by_role("button", name=say("Revoke for ever", "en")).click()
    page.wait_for_url(RECORD_PAGE)
    is_well_made(page)
    made = behind(lambda: Revocation.objects.get())
    assert (made.reason, made.note, made.effective_at is None) == ("error", "Given to somebody else.", False)


@pytest.fixture
def signed_in(site, browser, settings):
    """A page of a citizen who has signed in already; how that goes is another journey."""

    def open_page(person_id, *arguments, **options):
        def keep():
            store = import_module(settings.SESSION_ENGINE).SessionStore()
            store[session.CITIZEN_KEY] = person_id
            store.save()
            return store.session_key

        page = browser.page(*arguments, **options)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": behind(keep), "url": site}
        page.context.add_cookies([cookie])
        return page

    return open_page


@pytest.fixture
def border(site, browser, tmp_path):
    """A verifier whose camera looks at a code: border(text) -> its page, with lists and without a network from then on."""
    opened = []

    def open_page(text):
        camera = film(tmp_path / "code.y4m", text)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}", "--no-sandbox"]
        chromium = browser._driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        opened.append(chromium)
        page = chromium.new_context(locale="en", permissions=["camera"]).new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{site}/verify/")
        page.locator("[data-status][data-ready=ready][data-old=false]").wait_for()
        page.context.set_offline(True)
        return page

    yield open_page
    for chromium in opened:
        chromium.close()


def seen(page, wanted):
    """What the verifier says of the code before its camera, once it says what is due."""
    page.locator("[data-camera]").click()
    answer = page.locator(f".oc-verdict[data-state={wanted}]")
    answer.wait_for()
    said = answer.inner_text()
    page.locator("[data-camera]").click()
    return said


def claim_on(page, site, code, language):
    page.goto(f"{site}/certificates/claim/")
    is_well_made(page)
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=born_on]").fill(BORN)
    page.get_by_role("button", name=say("Show the certificate", language)).click()
    page.locator(".oc-code img").wait_for()


def code_on(page):
    """The text of the code as a scanner reads it from the screen."""
    (text,) = pictures.codes_in(page.locator("img[alt]:visible").first.screenshot())
    return text


@pytest.mark.parametrize(
    "language, locale, width, options",
    [
        ("zh-hans", "zh-CN", 320, {}),
        ("en", "en-GB", 1440, {"color_scheme": "dark"}),
        ("zh-hans", "zh-CN", 360, {"java_script_enabled": False}),
    ],
)
def test_a_code_from_the_clinic_shows_the_certificate(
    site, desk, browser, now, language, locale, width, options
):
    told = behind(lambda: dose(desk, now))
    page = browser.page(locale, width=width, **options)
    page.goto(f"{site}/certificates/claim/")
    page.locator("input[name=code]").fill("4F7Q9-2MX8T-P")
    page.locator("input[name=born_on]").fill(BORN)
    browser.expected = ("400",)
    page.get_by_role("button", name=say("Show the certificate", language)).click()
    page.locator(".ds-error-summary").wait_for()
    page.locator("input[name=code]").fill(told.code)
    page.get_by_role("button", name=say("Show the certificate", language)).click()
    page.locator(".oc-code img").wait_for()
    has_scripts = options.get("java_script_enabled", True)
    if has_scripts:
        is_well_made(page)
    text = behind(lambda: Issued.objects.get().text)
    assert code_on(page) == text
    white = (
        page.locator(".oc-code").evaluate("one => getComputedStyle(one).backgroundColor")
        if has_scripts
        else ""
    )
    assert white in ("", "rgb(255, 255, 255)")
    page.locator(".oc-code").click()
    page.locator(".oc-show__close").wait_for()
    assert code_on(page) == text
    if has_scripts:
        is_well_made(page)
    page.locator(".oc-show__close").click()
    page.locator("a[href$='/little/']").click()
    page.get_by_text("1980").wait_for()
    assert BORN not in page.locator("main").inner_text()
    if has_scripts:
        is_well_made(page)


def test_from_the_dose_to_a_border_without_a_network_and_revoked(
    site, desk, signed_in, browser, border, settings, now
):
    language, settings.IS_DRILL = "zh-hans", True
    code = dose_by_hand(site, browser, now)
    page = signed_in(desk["person"], "zh-CN", width=360)
    page.goto(f"{site}/me/")
    page.locator("main a[href='/me/certificates/']").click()
    is_well_made(page)
    claim_on(page, site, code, language)
    assert behind(lambda: Record.objects.get().person_id) == desk["person"]
    text = behind(lambda: Issued.objects.get().text)

    # It stays on this telephone only because its holder says so.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{site}/certificates/device/")
    page.locator("[data-empty]:visible").wait_for()
    is_well_made(page)
    page.go_back()
    page.get_by_role("button", name=say("Keep it on this telephone", language)).click()
    page.locator("[data-when=kept]:visible").wait_for()
    is_well_made(page)
    page.goto(f"{site}/me/certificates/")
    is_well_made(page)

    # No network: the wallet opens, and the code is the same.
    page.context.set_offline(True)
    browser.expected = ("ERR_INTERNET_DISCONNECTED",)
    page.goto(f"{site}/certificates/device/")
    page.locator(".oc-code img").wait_for()
    is_well_made(page)
    assert code_on(page) == text
    page.locator(".oc-code").click()
    page.locator("dialog[open] img").wait_for()
    assert pictures.codes_in(page.locator("dialog[open] img").screenshot()) == (text,)
    page.keyboard.press("Escape")

    # An officer far away, without a network either, holds a camera to it.
    assert behind(lambda: trust.verify(text, now=datetime.now(UTC) + timedelta(seconds=2)).state) == "valid"
    guard = border(text)
    assert "ZHANG" in seen(guard, "valid").upper()

    # The officer revokes it on its own page, with a reason; the list is published within seconds.
    revoke_by_hand(site, browser)
    behind(work)
    assert behind(lambda: trust.verify(text, now=datetime.now(UTC) + timedelta(seconds=2)).state) == "revoked"

    # The verifier fetches the lists by itself as soon as it has a network, and then has none again.
    before = guard.locator("[data-status]").get_attribute("data-made-at")
    guard.context.set_offline(False)
    guard.wait_for_function(
        "before => document.querySelector('[data-status]').dataset.madeAt !== before", arg=before
    )
    guard.context.set_offline(True)
    guard.locator("[data-next]").click()
    assert say("It stands on a list of revoked certificates.", "en") in seen(guard, "revoked")

    # The holder's telephone still shows what it last heard, and hears of it with the next network.
    page.reload()
    page.locator(".oc-code").wait_for()
    page.context.set_offline(False)
    page.reload()
    page.locator(".oc-standing[data-color=danger]").wait_for()
    assert page.locator(".oc-code").count() == 0
    is_well_made(page)

    # One tap, and nothing of it is left.
    page.get_by_role("button", name=say("Remove everything from this telephone", language)).click()
    page.locator("[data-empty]:visible").wait_for()
    assert page.evaluate("caches.has('wallet')") is False


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_family_is_walked_through_with_the_arrow_keys(site, desk, signed_in, now, direction):
    def three_at_once():
        for given, born in (("Wei", BORN), ("Xiao", "2015-02-03"), ("Da", "2012-02-03")):
            dose(desk, now, given_name=given, born_on=born)
        Record.objects.update(person_id=desk["person"])

    behind(three_at_once)
    page = signed_in(desk["person"], "en-GB", width=320)
    page.goto(f"{site}/me/certificates/")
    is_well_made(page)
    page.locator(".oc-pass").first.click()
    page.locator(".oc-code").click()
    names = []
    for _ in range(3):
        page.locator(".oc-show__close").wait_for()
        names.append(page.locator("h1").inner_text())
        page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        is_well_made(page)
        if page.locator("[rel=next]").count():
            before = page.url
            page.locator("[rel=next]").focus()
            page.keyboard.press("ArrowRight" if direction == "ltr" else "ArrowLeft")
            page.wait_for_url(lambda url, before=before: url != before)
    assert names == ["Da Zhang", "Xiao Zhang", "Wei Zhang"]
