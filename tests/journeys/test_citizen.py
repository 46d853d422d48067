"""A citizen registers, enters a trip, sees it, takes their data along and is forgotten."""

import json
import re
from datetime import timedelta

import pytest

from openconsular.citizens.models import Contact, Person, Stay
from tests.journeys.conftest import PHONE, behind, is_well_made, say, work


@pytest.mark.parametrize("language, locale, width", [("zh-hans", "zh-CN", 320), ("en", "en-GB", 1440)])
def test_from_registering_to_being_forgotten(site, browser, outbox, now, language, locale, width):
    page = browser.page(locale, width=width)
    page.goto(site)
    is_well_made(page)
    page.locator("main a[href='/register/']").click()
    is_well_made(page)
    page.locator("input[name=contact]").fill(PHONE)
    page.get_by_role("button", name=say("Send the code", language)).click()
    page.locator("input[name=code]").wait_for()
    behind(work)
    (message,) = outbox["sms"].sent
    assert message.address == PHONE
    is_well_made(page)
    page.locator("input[name=code]").fill(re.search(r"\d{6}", message.text).group(0))
    page.get_by_role("button", name=say("Continue", language)).click()

    page.locator("input[name=native_name]").fill("张伟")
    page.locator("input[name=consent]").check()
    is_well_made(page)
    page.get_by_role("button", name=say("Save and continue", language)).click()
    page.locator("main a[href='/me/trips/add/']").click()

    # A place is typed by its Chinese name and found.
    page.locator("input[name=place]").fill("宿务")
    page.locator("input[name=first]").fill(now.date().isoformat())
    page.locator("input[name=last]").fill((now.date() + timedelta(days=6)).isoformat())
    is_well_made(page)
    page.get_by_role("button", name=say("Save", language), exact=True).click()
    if page.locator("input[name=choice][type=radio]").count():
        page.locator("input[name=choice]").first.check()
        page.get_by_role("button", name=say("Save", language), exact=True).click()
    name = "宿务" if language == "zh-hans" else "Cebu"
    page.goto(f"{site}/me/trips/")
    page.locator("main section li").get_by_text(name).first.wait_for()
    is_well_made(page)
    assert behind(lambda: [(one.country, one.region) for one in Stay.objects.all()]) == [("PH", "PH-07")]

    page.goto(f"{site}/me/data/")
    is_well_made(page)
    with page.expect_download() as waiting:
        page.locator("a[href='/me/data/export.json']").click()
    told = json.loads(waiting.value.path().read_text("utf-8"))
    assert "张伟" in json.dumps(told, ensure_ascii=False) and PHONE in json.dumps(told)

    page.locator("a[href='/me/data/delete/']").click()
    is_well_made(page)
    page.locator("input[name=typed]").fill(say("DELETE", language))
    page.get_by_role("button", name=say("Delete everything", language)).click()
    page.wait_for_url("**/deleted/")
    is_well_made(page)
    assert behind(lambda: (Contact.objects.count(), Stay.objects.count())) == (0, 0)
    assert behind(lambda: [one.native_name for one in Person.objects.filter(erased_at__isnull=True)]) == []
