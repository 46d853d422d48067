"""From the desk to the holder: by an e-mail that names nothing, and a card of several codes on a telephone."""

import pytest

from openconsular.domain.health.carriers import codes, handed_over, pictures
from openconsular.domain.health.certificate import Format
from openconsular.gateways.email.console import ConsoleEmail
from openconsular.health_certificates import mailing
from openconsular.health_certificates.models import ClaimMail, Issued
from tests.health_certificates.test_long_cards import LONG
from tests.journeys.conftest import Officer, behind, is_well_made, say, sign_in, work
from tests.journeys.test_certificates import BORN, desk, dose  # noqa: F401 - a fixture among them

ADDRESS = "zhang.wei@example.org"


@pytest.fixture
def post(monkeypatch):
    """What the mail server took."""
    server = ConsoleEmail()
    monkeypatch.setattr(mailing, "gateway_for", lambda _channel: server)
    return server


@pytest.mark.parametrize(("language", "locale", "width"), [("zh-hans", "zh-CN", 390), ("en", "en-GB", 1280)])
def test_an_e_mail_from_the_desk_leads_the_holder_to_the_certificate(
    site,
    desk,  # noqa: F811
    browser,
    post,
    settings,
    now,
    language,
    locale,
    width,
):
    settings.IS_DRILL, settings.PUBLIC_URL = True, site
    behind(lambda: dose(desk, now))
    clinic = browser.page(locale, width=width)
    sign_in(clinic, site, Officer("clinic"), language)
    clinic.goto(f"{site}/console/certificates/")
    clinic.locator("main tbody th a").first.click()
    clinic.locator("#by-mail > summary").click()
    send = clinic.get_by_role("button", name=say("Send the link", language))
    browser.expected = ("400",)
    send.click()
    clinic.locator("[aria-invalid=true]").first.wait_for()
    is_well_made(clinic)
    clinic.locator("input[name=address]").fill(ADDRESS)
    clinic.locator("select[name=language]").select_option("zh-Hans" if language == "zh-hans" else "en")
    clinic.locator("input[name=agreed]").check()
    send.click()
    clinic.locator(".oc-mails").get_by_text(say("on its way", language)).wait_for()
    behind(work)
    clinic.get_by_role("link", name=say("Look again", language)).click()
    clinic.locator(".oc-mails").get_by_text(say("sent", language), exact=True).wait_for()
    assert "•••@example.org" in clinic.locator(".oc-mails").inner_text()
    is_well_made(clinic)

    (sent,) = post.sent
    assert sent.address == ADDRESS and "Zhang" not in sent.text
    (link,) = [word for word in sent.text.split() if word.startswith(site)]
    holder = browser.page(locale, width=width)
    holder.goto(link)
    is_well_made(holder)
    assert "Zhang" not in holder.locator("body").inner_text()
    show = holder.get_by_role("button", name=say("Show the certificate", language))
    holder.locator("input[name=born_on]").fill("1981-01-01")
    show.click()
    holder.locator(".ds-error-summary").wait_for()
    holder.locator("input[name=born_on]").fill(BORN)
    show.click()
    holder.locator(".oc-code img").wait_for()
    assert behind(lambda: ClaimMail.objects.get().address) is None


def test_a_card_of_several_codes_on_a_telephone_without_a_network(site, desk, browser, now):  # noqa: F811
    told = behind(lambda: dose(desk, now, Format.SMART, product="", **LONG))
    text = behind(lambda: Issued.objects.get().text)
    wanted = codes.texts_of(text)
    assert len(wanted) > 1
    page = browser.page("en", width=390)
    page.goto(f"{site}/certificates/claim/")
    page.locator("input[name=code]").fill(told.code)
    page.locator("input[name=born_on]").fill(BORN)
    page.get_by_role("button", name=say("Show the certificate", "en")).click()
    page.locator(".oc-code img").first.wait_for()
    is_well_made(page)

    def on_screen(where):
        return [pictures.codes_in(one.screenshot())[0] for one in page.locator(where).all()]

    assert tuple(on_screen(".oc-code img")) == wanted
    page.locator(".oc-code").first.click()
    page.locator(".oc-show__close").wait_for()
    is_well_made(page)
    page.locator("[rel=next]").click()
    page.get_by_text(f"2 / {len(wanted)}").wait_for()
    assert on_screen("main img") == [wanted[1]]
    page.locator(".oc-show__close").click()

    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_role("button", name=say("Keep it on this telephone", "en")).click()
    page.locator("[data-when=kept]:visible").wait_for()
    page.context.set_offline(True)
    browser.expected = ("ERR_INTERNET_DISCONNECTED",)
    page.goto(f"{site}/certificates/device/")
    page.locator(".oc-code img").first.wait_for()
    is_well_made(page)
    assert handed_over.whole(on_screen(".oc-code img")) == (text,)
    page.locator(".oc-code").nth(1).click()
    page.locator("dialog[open] img").wait_for()
    assert on_screen("dialog[open] img") == [wanted[1]]
    page.locator("dialog[open] [data-do=before]").click()
    assert on_screen("dialog[open] img") == [wanted[0]]
    assert f"1 / {len(wanted)}" in page.locator("dialog[open]").inner_text()
    page.keyboard.press("Escape")
