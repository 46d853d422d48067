"""The pages in a real Chromium: accessible in light and dark and both directions, and useful without a network."""

import shutil
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"),
]

RECEIVED: list[dict] = []


def question(request):
    return HttpResponse(QUESTION, content_type="text/html")


@csrf_exempt
def answer(request):
    if request.method == "POST":
        RECEIVED.append(request.POST.dict())
    return HttpResponse("<title>ok</title>", content_type="text/html")


urlpatterns = [
    path("", include("openconsular.web.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("question/", question),
    path("answer/", answer),
]
QUESTION = """<!doctype html><html lang="en" data-worker="/sw.js"><title>q</title>
<script type="module" src="/static/dist/site.js"></script>
<form method="post" action="/answer/" data-oc-queue>
<button name="answer" value="safe">I am safe</button></form>
<div data-oc-pending hidden><strong data-said></strong><p data-when="waiting">Not yet sent</p>
<p data-when="failed" hidden>Not accepted</p></div>"""


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


class ManyAtOnce(ThreadingMixIn, WSGIServer):
    """A browser opens connections ahead of need; one thread would wait on an idle one for ever."""

    daemon_threads = True
    request_queue_size = 64


@pytest.fixture
def address(settings):
    settings.ROOT_URLCONF = __name__
    settings.DEBUG = True
    RECEIVED.clear()
    server = make_server("127.0.0.1", 0, get_wsgi_application(), ManyAtOnce, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    """One for all tests here. Pages end with it: closing one whose service worker is at work may never return."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize(
    "frame, width, scheme, language",
    [
        ("", 1440, "light", "en"),
        ("", 1440, "dark", "zh-hans"),
        ("?frame=citizen", 320, "light", "zh-hans"),
        ("?frame=citizen", 320, "dark", "ar"),
    ],
)
def test_every_component_is_accessible_and_fits(chromium, address, frame, width, scheme, language):
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        extra_http_headers={"Accept-Language": language},
    )
    page = context.new_page()
    refused = []
    page.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)
    page.goto(f"{address}/_style{frame}")
    # A map is drawn when it is seen.
    page.locator("[data-oc-map]").scroll_into_view_if_needed()
    page.locator("[data-drawn], .oc-map__message").first.wait_for(state="attached")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert refused == []


def test_an_answer_without_network_is_kept_shown_and_sent_once(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/question/")
    context.set_offline(True)
    page.get_by_role("button", name="I am safe").click()
    page.get_by_text("Not yet sent").wait_for()
    assert RECEIVED == []
    context.set_offline(False)
    page.wait_for_url("**/answer/")
    assert [one["answer"] for one in RECEIVED] == ["safe"]
    assert RECEIVED[0]["key"]


def test_an_answer_survives_a_closed_page(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/question/")
    context.set_offline(True)
    page.get_by_role("button", name="I am safe").click()
    page.get_by_text("Not yet sent").wait_for()
    page.close()
    context.set_offline(False)
    page = context.new_page()
    with page.expect_response("**/answer/"):
        page.goto(f"{address}/question/")
    assert len({one["key"] for one in RECEIVED}) == 1


def is_kept(page):
    """Whether the service worker has what it keeps; as for a visitor, the next page tries again what failed."""
    ready = "navigator.serviceWorker.ready.then(() => true)"
    patience = "new Promise(said => setTimeout(() => said(false), 10000))"
    for _ in range(4):
        if page.evaluate(f"Promise.race([{ready}, {patience}])"):
            return True
        page.reload()
    return False


def test_without_network_a_page_with_the_hotline_opens(chromium, address):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{address}/offline/")
    assert is_kept(page)
    context.set_offline(True)
    page.goto(f"{address}/somewhere/else/")
    assert page.locator("a[href='tel:+861012308']").first.is_visible()


def test_without_scripts_the_answer_is_sent_as_a_form(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/question/")
    page.get_by_role("button", name="I am safe").click()
    page.wait_for_url("**/answer/")
    assert [one["answer"] for one in RECEIVED] == ["safe"]
