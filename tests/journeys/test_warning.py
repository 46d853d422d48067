"""From a hazard to a case in somebody's hands: two officers, one citizen in need, two languages."""

import re

import pytest

from openconsular.alerts.models import Answer, Delivery, Warning
from openconsular.casework.models import Case
from openconsular.citizens.actions import load_synthetic
from openconsular.foundation.permissions import SYSTEM, Role
from tests.journeys.conftest import behind, fits, is_well_made, link_to, say, sign_in, work


def digits(text):
    return re.sub(r"\D", "", text)


@pytest.mark.parametrize(
    "language, locale, width, in_service",
    [
        # In service with a second factor, on a wide screen; in an exercise a password is enough, on a telephone.
        ("zh-hans", "zh-CN", 1440, True),
        ("en", "en-GB", 320, False),
    ],
)
def test_a_warning_reaches_a_citizen_and_help_reaches_an_officer(
    site, browser, officer, citizen, typhoon, outbox, settings, now, language, locale, width, in_service
):
    settings.IS_DRILL = not in_service
    duty = officer("duty", Role.DUTY_OFFICER, totp=in_service)
    second = officer("second", Role.APPROVER, totp=in_service)
    citizen("zh-Hans" if language == "zh-hans" else "en")
    # Enough people there that one officer alone may not send.
    load_synthetic(count=1500, seed=5, now=now, by=SYSTEM, share={"PH-07": 1.0})
    warning_id = typhoon()

    # The duty officer reads the proposal and the number back, and submits it.
    desk = browser.page(locale, width=width)
    sign_in(desk, site, duty, language)
    is_well_made(desk)
    desk.goto(f"{site}/console/warnings/{warning_id}/")
    is_well_made(desk)
    desk.get_by_role("button", name=say("Check the number and send", language)).click()
    number = digits(desk.locator(".oc-readback .oc-figure").inner_text())
    assert int(number) > 1000
    desk.locator("input[name=typed]").fill(number)
    is_well_made(desk)
    desk.get_by_role("button", name=say("Submit to a second person", language)).click()
    desk.get_by_text(say("You submitted it, so somebody else has to approve it.", language)).wait_for()
    assert behind(lambda: Warning.objects.get(pk=warning_id).state) == Warning.State.SUBMITTED
    assert behind(lambda: Delivery.objects.exists()) is False

    # A second one finds it waiting, compares, types the number too, and it leaves.
    other = browser.page(locale, width=width)
    sign_in(other, site, second, language)
    other.goto(f"{site}/console/approvals/")
    is_well_made(other)
    other.locator("main a[href*='/console/warnings/']").first.click()
    approve = other.get_by_role("button", name=say("Approve: send now", language))
    other.locator("input[name=typed]").fill(number[:-1])
    other.get_by_text(say("The button works as soon as what you typed matches.", language)).wait_for()
    assert approve.is_disabled()
    # As it is shown, with its separator.
    other.locator("input[name=typed]").fill(f"{int(number):,}")
    is_well_made(other)
    approve.click()
    other.wait_for_url(f"**/console/**/{'*'}")
    behind(work)
    states = behind(lambda: set(Delivery.objects.values_list("state", flat=True)))
    assert states == {Delivery.State.HANDED}

    # The citizen opens the link on an old telephone: small, no JavaScript.
    telephone = browser.page(locale, width=320, java_script_enabled=False)
    telephone.goto(link_to(outbox))
    telephone.get_by_role("button", name=say("I need help", language)).click()
    case = behind(lambda: Case.objects.get())
    telephone.locator("#answered").get_by_text(case.number).wait_for()
    fits(telephone)
    assert behind(lambda: Answer.objects.get().value) == Answer.Value.HELP
    reading = browser.page(locale, width=320)
    reading.goto(link_to(outbox))
    is_well_made(reading)

    # An officer finds the case, takes it and writes; the citizen reads what concerns them, and only that.
    desk.goto(f"{site}/console/cases/")
    is_well_made(desk)
    desk.get_by_role("link", name=case.number).click()
    is_well_made(desk)
    desk.get_by_role("button", name=say("Take this case", language)).click()
    desk.get_by_role("button", name=say("Put back in the queue", language)).wait_for()
    words = {False: "Hospital called, waits for a call back.", True: "A driver comes for you at six."}
    for is_public, text in words.items():
        desk.locator("textarea[name=text]").fill(text)
        desk.locator("input[name=is_public]").set_checked(is_public)
        desk.get_by_role("button", name=say("Add to the case", language)).click()
        desk.locator("main .oc-timeline").get_by_text(text).wait_for()
    is_well_made(desk)
    telephone.goto(link_to(outbox))
    telephone.locator("#answered").get_by_text(words[True]).wait_for()
    assert telephone.get_by_text(words[False]).count() == 0
    fits(telephone)
