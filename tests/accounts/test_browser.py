"""Staff pages in a real Chromium: a passkey from enrolment to sign-in, and every page accessible."""

import re
import shutil

import pytest
from allauth.mfa.models import Authenticator

from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import Role
from tests.accounts.conftest import PASSWORD
from tests.casework.conftest import case, duty, hazard, person  # noqa: F401

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"),
]


@pytest.fixture
def site(committed_db, settings, live_server):
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.ALLOWED_HOSTS = ["localhost"]
    return live_server.url


@pytest.fixture
def browser():
    """Opened in the test itself, so that nothing of it runs while the database is set up or emptied."""
    playwright = pytest.importorskip("playwright.sync_api")

    class Opened:
        def __enter__(self):
            self.driver = playwright.sync_playwright().start()
            self.chromium = self.driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            self.page = self.chromium.new_page(locale="en-GB")
            self.faults = []
            self.page.on("console", self.note)
            return self.page

        def note(self, message):
            if message.type == "error" and "favicon" not in message.text:
                self.faults.append(message.text)

        def __exit__(self, *_):
            self.chromium.close()
            self.driver.stop()

    return Opened()


def has_keys(page):
    """A twin of a telephone that keeps passkeys and knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


def sign_in(page, site, username):
    page.goto(f"{site}/staff/login/")
    page.fill("input[name=login]", username)
    page.fill("input[type=password]", PASSWORD)
    page.click("form[action='/staff/login/'] button[type=submit]")


def test_a_passkey_from_enrolment_to_sign_in(site, browser, staff):
    staff("duty")
    with browser as page:
        has_keys(page)
        sign_in(page, site, "duty")
        page.wait_for_url("**/staff/security/")
        assert violations(page) == []
        page.goto(f"{site}/staff/security/webauthn/add/")
        page.check("#id_passwordless")
        page.click("#mfa_webauthn_add")
        page.wait_for_url("**/recovery-codes/")
        assert len(re.findall(r"<code>\d{8}</code>", page.content())) == 10
        assert violations(page) == []
        page.goto(f"{site}/staff/logout/")
        page.click("form[action='/staff/logout/'] button[type=submit]")
        page.wait_for_url("**/staff/login/")
        page.click("#passkey_login")
        page.wait_for_url("**/console/")
        assert browser.faults == []
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    told = AuditEntry.objects.filter(action="accounts.sign_in").order_by("number")
    assert [one.detail["method"] for one in told] == ["password", "webauthn"]


def test_every_page_is_accessible(site, browser, staff, case, duty, settings):  # noqa: F811
    settings.IS_DRILL = True
    one = case(summary="被困在三楼", urgency=1)
    case(urgency=3)
    pages = {
        ("root", Role.ADMINISTRATOR): ["/staff/people/", "/staff/people/add/", f"/staff/people/{duty.pk}/"],
        ("auditor", Role.AUDITOR): ["/staff/audit/"],
        ("chief", Role.APPROVER): [
            "/console/cases/",
            "/console/cases/?q=nobody",
            f"/console/cases/{one.number}/",
            "/staff/security/",
            "/staff/security/totp/activate/",
            "/staff/password/",
        ],
    }
    for username, role in pages:
        staff(username, role)
    found = {}
    with browser as page:
        page.goto(f"{site}/staff/login/")
        found["/staff/login/"] = violations(page)
        for (username, _role), paths in pages.items():
            page.context.clear_cookies()
            sign_in(page, site, username)
            for path in paths:
                page.set_viewport_size({"width": 1100, "height": 800})
                page.goto(site + path)
                found[path] = violations(page)
                page.set_viewport_size({"width": 320, "height": 640})
                if page.evaluate("document.documentElement.scrollWidth") > 320:
                    found[f"{path} scrolls sideways"] = True
        assert browser.faults == []
    assert {path: faults for path, faults in found.items() if faults} == {}
