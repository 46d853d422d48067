"""Places as one types: by the arrow keys, by a finger, in two languages, and without JavaScript as before."""

from importlib import import_module

import pytest

from openconsular.citizens import session
from openconsular.citizens.models import Stay
from openconsular.citizens.places import search
from tests.journeys.conftest import behind, is_well_made, say, tab_to


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


def options(page):
    return page.get_by_role("listbox").get_by_role("option")


@pytest.mark.parametrize(
    "language, locale, width, typed, found",
    [("zh-hans", "zh-CN", 320, "宿务", "宿务"), ("en", "en-GB", 1440, "ceb", "Cebu")],
)
def test_a_place_is_chosen_with_the_keyboard_alone(site, browser, language, locale, width, typed, found):
    page = browser.page(locale, width=width)
    page.goto(f"{site}/crisis/")
    field = page.get_by_role("combobox")
    tab_to(page, field)
    page.keyboard.type(typed)
    options(page).first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") is None
    is_well_made(page)

    page.keyboard.press("ArrowUp")
    assert options(page).last.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowDown")
    first = options(page).first
    assert first.get_attribute("aria-selected") == "true"
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert found in first.inner_text()
    is_well_made(page)

    # Escape leaves what was typed; the arrow opens the list again; Enter chooses and sends nothing.
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == typed
    page.keyboard.press("ArrowDown")
    options(page).first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.url == f"{site}/crisis/"
    assert found in field.input_value()
    assert options(page).count() == 0
    chosen = page.locator("input[name=choice]").input_value()
    assert chosen in {str(place.id) for place in search(typed, language=language)}

    # Whoever goes on typing has not chosen that place any more.
    page.keyboard.type("x")
    assert page.locator("input[name=choice]").input_value() == ""


def test_one_of_several_places_of_a_name_is_stored_as_it_was_chosen(site, browser, citizen, signed_in):
    person_id = citizen("en")
    page = signed_in(person_id, "en-GB", width=320, has_touch=True)
    page.goto(f"{site}/me/residence/")
    page.get_by_role("combobox").fill("Springfield")
    second = options(page).nth(1)
    second.wait_for()
    label = second.inner_text()
    second.tap()
    chosen = int(page.locator("input[name=choice]").input_value())
    page.locator("input[name=first]").fill("2026-01-01")
    page.get_by_role("button", name=say("Save", "en"), exact=True).click()
    page.wait_for_url("**/me/trips/")
    place = next(one for one in search("Springfield", language="en") if one.id == chosen)
    stay = behind(lambda: Stay.objects.order_by("-pk").first())
    assert (stay.country, stay.region) == (place.country, place.region), label


def test_nothing_is_found_and_it_says_so(site, browser):
    page = browser.page("en-GB")
    page.goto(f"{site}/crisis/")
    page.get_by_role("combobox").fill("qqqqqq")
    page.get_by_text(say("No place found yet.", "en")).wait_for(state="attached")
    assert options(page).count() == 0


def test_without_javascript_it_is_an_input_like_any_other(site, browser):
    page = browser.page("en-GB", width=320, java_script_enabled=False)
    page.goto(f"{site}/crisis/")
    field = page.locator("input[name=place]")
    assert field.get_attribute("role") is None
    field.fill("Springfield")
    page.get_by_role("button", name=say("Send", "en"), exact=True).click()
    # It asks which one, as it always did.
    page.locator("input[name=choice][type=radio]").first.wait_for()
