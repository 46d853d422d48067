"""The site on a port of its own, people and officers, and browsers that note everything that goes wrong."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connections
from django.utils import translation
from django.utils.translation import gettext

from openconsular.accounts import actions as accounts
from openconsular.alerts import actions as alerts
from openconsular.citizens import actions as citizens
from openconsular.citizens.places import search
from openconsular.domain.cap import model as cap
from openconsular.domain.cap.write import to_xml
from openconsular.foundation import profile
from openconsular.foundation.permissions import ANONYMOUS, SYSTEM, Role
from openconsular.gateways import configured
from openconsular.gateways.console import ConsoleGateway
from openconsular.gateways.email.console import ConsoleEmail
from openconsular.gateways.sms.console import ConsoleSms
from openconsular.hazards import actions as hazards
from tests.accounts.one_time_codes import code_at

CHROMIUM = shutil.which("chromium")
PASSWORD = "correct horse battery staple"
PHONE = "+639171234567"
LINK = re.compile(r"https?://\S+/a/[\w-]+")
Found = TypeVar("Found")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/journeys/" not in item.nodeid:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))
        item.add_marker(pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here"))
        # Static files are small and read whole; under ASGI Django says so at each of them.
        item.add_marker(pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume"))


def say(text: str, language: str) -> str:
    """A text of the program as it reads in a language."""
    with translation.override(language):
        return gettext(text)


@pytest.fixture
def now() -> datetime:
    """The pages read the real clock, so the world they show is of today."""
    return datetime.now(UTC)


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ConsoleGateway]]:
    """What left, by channel, in console twins of this test's own."""
    twins: dict[str, ConsoleGateway] = {"sms": ConsoleSms(), "email": ConsoleEmail()}
    monkeypatch.setattr(configured, "_configured", lambda channel, live: twins[channel])
    monkeypatch.setattr(configured, "_console", lambda channel: twins[channel])
    configured.gateway_for.cache_clear()
    yield twins
    configured.gateway_for.cache_clear()


@pytest.fixture
def site(committed_db: None, settings: Any, outbox: dict[str, ConsoleGateway]) -> Iterator[str]:
    """The address at which the ASGI application is served."""
    server = uvicorn.Server(
        uvicorn.Config(_application(settings), port=0, lifespan="off", ws="none", log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "The site did not start."
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings.PUBLIC_URL = settings.SHORT_URL = url
    yield url
    server.should_exit = server.force_exit = True
    thread.join(20)


def _application(settings: Any) -> Any:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SECURE_PROXY_SSL_HEADER = None
    settings.SECURE_HSTS_SECONDS = 0
    return get_asgi_application()


def behind(call: Callable[[], Found]) -> Found:
    """Something done to the database behind the pages: on a thread of its own, as a browser runs in this one."""

    def inner() -> Found:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(inner).result()


@pytest.fixture(autouse=True)
def empty_queue(transactional_db: None) -> None:
    """Other tests with real commits may have left jobs behind; their tables are not emptied like the others."""
    with connections["default"].cursor() as cursor:
        for table in ("periodic_defers", "events", "jobs"):
            cursor.execute(f"DELETE FROM procrastinate_{table}")  # noqa: S608 - names from this line


def work() -> None:
    """Everything queued is done, as workers would."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    done: set[int] = set()
    while jobs := list(ProcrastinateJob.objects.exclude(pk__in=done).order_by("pk")):
        for job in jobs:
            done.add(job.pk)
            app.tasks[job.task_name].func(**job.args)


# ------------------------------------------------------------------ people


@dataclass(frozen=True)
class Officer:
    username: str
    totp_secret: str = ""


@pytest.fixture
def officer(site: str, now: datetime) -> Callable[..., Officer]:
    """Adds an officer; with `totp` one with an authenticator app, as service demands."""

    def add(username: str, role: Role, *, totp: bool = False) -> Officer:
        from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

        made = accounts.add_officer(
            username=username, display_name=username, role=role, password=PASSWORD, by=SYSTEM, now=now
        )
        secret = generate_totp_secret() if totp else ""
        if totp:
            TOTP.activate(made, secret)
        return Officer(username, secret)

    return add


@pytest.fixture
def citizen(site: str, now: datetime) -> Callable[..., int]:
    """Registers somebody who is in Cebu this week; returns who."""

    def add(*languages: str, name: str = "张伟") -> int:
        accounts.load_missions(profile=profile.current(), by=SYSTEM, now=now)
        person = citizens.register_citizen(
            facts=citizens.PersonFacts(native_name=name, languages=languages),
            contact=citizens.ContactFacts("phone", PHONE),
            consents=("warnings",),
            text_version="2026-06",
            by=ANONYMOUS,
            now=now,
        )
        (cebu, *_) = search("宿务", language="zh-hans", limit=1)
        today = now.date()
        leg = citizens.StayFacts(cebu, today - timedelta(days=1), today + timedelta(days=5), label="宿务")
        citizens.add_trip(person_id=person.pk, legs=[leg], by=citizens.actor_of(person), now=now)
        return int(person.pk)

    return add


@pytest.fixture
def typhoon(site: str, now: datetime) -> Callable[[], int]:
    """A hazard over the Visayas is recorded, and matched with whoever is there; returns the proposal it made."""

    def record() -> int:
        source = hazards.add_source(
            name="weather",
            kind="http",
            url="https://weather.example/feed",
            countries=("PH",),
            by=SYSTEM,
            now=now,
        )
        words = (
            ("台风", "zh-Hans", "台风逼近宿务", "米沙鄢"),
            ("Typhoon", "en", "Typhoon near Cebu", "the Visayas"),
        )
        infos = tuple(
            cap.Info(
                event=event,
                language=language,
                categories=(cap.Category.MET,),
                urgency=cap.Urgency.IMMEDIATE,
                severity=cap.Severity.SEVERE,
                certainty=cap.Certainty.OBSERVED,
                expires=now + timedelta(hours=24),
                headline=headline,
                areas=(cap.Area(area_desc=place, circles=("10.5,123.7 120",)),),
            )
            for event, language, headline, place in words
        )
        alert = cap.Alert(
            identifier="one",
            sender="weather@example.org",
            sent=now,
            status=cap.Status.ACTUAL,
            msg_type=cap.MsgType.ALERT,
            infos=infos,
        )
        (item,) = hazards.record_document(source=source, raw=to_xml(alert), now=now, by=SYSTEM).items
        assert item.hazard_id is not None, item
        warning = alerts.match(hazard_id=item.hazard_id, by=SYSTEM, now=now)
        assert warning is not None
        return int(warning.pk)

    return record


def link_to(outbox: dict[str, ConsoleGateway], phone: str = PHONE) -> str:
    """The answer link in the newest message to a phone."""
    message = next(one for one in reversed(outbox["sms"].sent) if one.address == phone)
    found = LINK.search(message.text)
    assert found is not None, message.text
    return found.group(0)


# ------------------------------------------------------------------ browsers


@dataclass
class Browser:
    """Opens a Chromium when the first page is asked for: until then the database can be set up without it.

    `faults` collects what the console of any page complains of; `expected` are parts of complaints that are right.
    """

    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    _driver: Any = None
    _chromium: Any = None

    def page(self, language: str = "zh-CN", *, width: int = 1440, **options: Any) -> Any:
        if self._driver is None:
            playwright = pytest.importorskip("playwright.sync_api")
            self._driver = playwright.sync_playwright().start()
            self._chromium = self._driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        height = 640 if width < 400 else 900
        context = self._chromium.new_context(
            locale=language, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def _note(self, message: Any) -> None:
        if message.type == "error" and not any(one in message.text for one in self.expected):
            self.faults.append(f"{message.text} ({message.location.get('url', '')})")

    def close(self) -> None:
        if self._driver is not None:
            with suppress(Exception):
                self._chromium.close()
            self._driver.stop()


@pytest.fixture
def browser(site: str) -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()
    assert opened.faults == []


def is_well_made(page: Any) -> None:
    """No violation that axe knows of, best practice included, and nothing to scroll sideways for."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == [], page.url
    fits(page)


_TOO_WIDE = """[document.documentElement.scrollWidth - innerWidth, [...document.body.querySelectorAll("*")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
    .map(one => one.outerHTML.slice(0, 120)).slice(0, 5)]"""


def fits(page: Any) -> None:
    """Nothing makes a reader scroll sideways."""
    excess, elements = page.evaluate(_TOO_WIDE)
    assert excess <= 0, f"{page.url} is {excess} px too wide: {elements}"


def sign_in(page: Any, site: str, officer: Officer, language: str) -> None:
    """With a password, and with a code where the officer has an authenticator app."""
    page.goto(f"{site}/staff/login/")
    page.locator("input[name=login]").fill(officer.username)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name=say("Sign in", language), exact=True).click()
    if officer.totp_secret:
        page.wait_for_url("**/authenticate/**")
        page.locator("input[name=code]").fill(code_at(officer.totp_secret, datetime.now(UTC).timestamp()))
        page.get_by_role("button", name=say("Sign in", language), exact=True).click()
    page.wait_for_url("**/console/**")


def tab_to(page: Any, target: Any, *, most: int = 80) -> None:
    """Reach something by the Tab key alone; whoever gets there sees where they are."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            seen = target.evaluate(
                "element => { const s = getComputedStyle(element);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
            )
            assert seen, "The focus cannot be seen."
            return
    raise AssertionError(f"{target} cannot be reached with the Tab key.")
