"""What every page carries: the hotline, the policy, the language; and the pages for when things go wrong."""

import json

import pytest
from django.test import Client, RequestFactory

from openconsular.foundation.errors import Conflict
from openconsular.web import errors
from openconsular.web.middleware import ErrorsAsPages


@pytest.fixture
def site():
    return Client()


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(site):
    policy = site.get("/offline/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "blob:" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy


def test_only_the_position_is_asked_of_a_device(site):
    assert "geolocation=(self)" in site.get("/offline/").headers["Permissions-Policy"]


def test_the_page_without_network_shows_the_hotline_and_no_form(site):
    html = site.get("/offline/").content.decode()
    assert 'href="tel:+861012308"' in html
    assert "csrfmiddlewaretoken" not in html


def test_the_service_worker_keeps_only_the_shell(site):
    response = site.get("/sw.js")
    script = response.content.decode()
    kept = json.loads(script.split("const FILES = ")[1].split(";")[0])
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in response.headers["Cache-Control"]
    assert all(name.startswith("/static/") for name in kept)
    assert "caches.match(OFFLINE)" in script


def test_the_manifest_names_the_service(site):
    manifest = site.get("/manifest.webmanifest").json()
    assert manifest["short_name"]
    assert manifest["icons"]


def test_the_map_gets_the_borders_of_the_profile(site):
    view = json.loads(b"".join(site.get("/map/worldview.json").streaming_content))
    assert view["notice"]["zh"]
    assert "156-344" in view["hidden_borders"]


def test_a_missing_page_says_so_with_the_hotline(site):
    response = site.get("/nothing/here/")
    assert response.status_code == 404
    assert b"tel:+861012308" in response.content


def test_every_page_names_its_language_and_direction(site):
    for language, tag, direction in [("zh-hans", "zh-Hans", "ltr"), ("ar", "ar", "rtl"), ("en", "en", "ltr")]:
        html = site.get("/offline/", headers={"Accept-Language": language}).content.decode()
        assert f'<html lang="{tag}" dir="{direction}"' in html


def test_the_choice_of_light_or_dark_is_kept_and_checked(site):
    site.cookies["scheme"] = "dark"
    assert 'data-color-scheme="dark"' in site.get("/offline/").content.decode()
    site.cookies["scheme"] = '"><script>'
    assert 'data-color-scheme="auto"' in site.get("/offline/").content.decode()


def test_strangers_do_not_see_the_style_guide(site, settings):
    settings.DEBUG = False
    assert site.get("/_style").status_code == 404


@pytest.mark.parametrize(
    "view, status", [(errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404)]
)
def test_error_pages_carry_the_hotline(view, status):
    response = view(RequestFactory().get("/"))
    assert response.status_code == status
    assert b"tel:+861012308" in response.content


def test_an_error_of_the_tree_becomes_a_page_with_its_sentence():
    middleware = ErrorsAsPages(lambda request: None)
    response = middleware.process_exception(
        RequestFactory().get("/"), Conflict("This case is already closed.")
    )
    assert response.status_code == 409
    assert b"This case is already closed." in response.content


def test_other_errors_are_left_alone():
    assert (
        ErrorsAsPages(lambda request: None).process_exception(RequestFactory().get("/"), KeyError("x"))
        is None
    )
