"""The answer page where it matters: without a network, from right to left in the dark, by keyboard alone."""

import pytest

from openconsular.alerts import actions as alerts
from openconsular.alerts.models import Answer, Warning
from openconsular.foundation import profile
from openconsular.foundation.permissions import Role
from tests.journeys.conftest import behind, is_well_made, link_to, say, sign_in, tab_to, work

NOT_YET = "Not yet sent: there is no network. Your answer is kept on this telephone and goes out by itself as soon as it can."


@pytest.fixture
def warned(officer, citizen, typhoon, outbox, settings, now):
    """One citizen was warned; returns the link in their message."""
    settings.IS_DRILL = True

    def make(*languages):
        from openconsular.accounts.queries import officer_by_username

        citizen(*languages)
        officer("duty", Role.DUTY_OFFICER)
        duty = officer_by_username("duty").actor
        warning_id = typhoon()
        size = Warning.objects.get(pk=warning_id).audience_size
        alerts.submit(warning_id=warning_id, confirmed_size=size, by=duty, now=now)
        work()
        return link_to(outbox)

    return make


def test_an_answer_given_without_network_is_kept_shown_and_sent_once(browser, warned):
    link = warned("zh-Hans")
    # What a browser says of a network that is not there.
    browser.expected = ("ERR_INTERNET_DISCONNECTED", "when fetching the script")
    page = browser.page(width=320)
    page.goto(link)
    page.context.set_offline(True)
    page.get_by_role("button", name=say("I am safe", "zh-hans")).click()
    waiting = page.locator("[data-oc-pending]")
    waiting.wait_for(state="visible")
    assert say(NOT_YET, "zh-hans") in waiting.inner_text()
    is_well_made(page)
    assert behind(lambda: Answer.objects.exists()) is False
    page.context.set_offline(False)
    page.get_by_role("heading", name=say("We have it: you are safe.", "zh-hans")).wait_for()
    assert behind(lambda: [one.value for one in Answer.objects.all()]) == [Answer.Value.SAFE]


def test_another_country_reads_from_right_to_left_in_the_dark(browser, warned, settings):
    other = profile.load("xa")
    settings.PROFILE = other.code
    settings.LANGUAGE_CODE = other.default_language.lower()
    settings.LANGUAGES = [(one.lower(), one) for one in (*other.languages, "en")]
    link = warned("ar")
    page = browser.page("ar", width=320, color_scheme="dark")
    page.goto(link)
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("html").get_attribute("lang") == "ar"
    is_well_made(page)
    shade = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"
    )
    assert max(shade) < 80, f"The page is not dark: {shade}"
    page.get_by_role("button", name=say("I need help", "ar")).click()
    page.locator("#answered").wait_for()
    is_well_made(page)
    assert behind(lambda: Answer.objects.get().value) == Answer.Value.HELP


def test_an_answer_is_given_and_taken_back_by_keyboard(browser, warned):
    link = warned("en")
    page = browser.page("en-GB", width=320)
    page.goto(link)
    tab_to(page, page.get_by_role("button", name=say("I am elsewhere", "en")))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=say("We have it: you are elsewhere.", "en")).wait_for()
    tab_to(page, page.get_by_role("button", name=say("Take this answer back", "en")))
    page.keyboard.press("Space")
    page.locator("#answered").wait_for(state="detached")
    assert behind(lambda: Answer.objects.get().undone_at) is not None


def test_a_warning_is_sent_by_keyboard(site, browser, officer, citizen, typhoon, settings):
    settings.IS_DRILL = True
    duty = officer("duty", Role.DUTY_OFFICER)
    citizen("zh-Hans")
    warning_id = typhoon()
    page = browser.page()
    sign_in(page, site, duty, "zh-hans")
    proposed = page.locator(f"main a[href='/console/warnings/{warning_id}/']").first
    tab_to(page, proposed)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name=say("Check the number and send", "zh-hans")))
    page.keyboard.press("Enter")
    typed = page.locator("input[name=typed]")
    tab_to(page, typed)
    page.keyboard.type("1")
    tab_to(page, page.get_by_role("button", name=say("Send now", "zh-hans")))
    page.keyboard.press("Enter")
    page.locator("input[name=typed]").wait_for(state="detached")
    assert behind(lambda: Warning.objects.get(pk=warning_id).state) == Warning.State.SENDING
