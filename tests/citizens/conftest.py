"""People, places and messages for the registry's tests."""

from contextlib import contextmanager
from datetime import date

import pytest

from openconsular.citizens import actions, jobs, places
from openconsular.citizens.models import Person
from openconsular.foundation.permissions import ANONYMOUS
from openconsular.gateways import configured
from openconsular.gateways.email.console import ConsoleEmail
from openconsular.gateways.sms.console import ConsoleSms

CEBU, MANILA, OSAKA = 1717512, 1701668, 1853909


@pytest.fixture
def cebu():
    return places.gazetteer().by_id(CEBU)


@pytest.fixture
def manila():
    return places.gazetteer().by_id(MANILA)


@pytest.fixture
def osaka():
    return places.gazetteer().by_id(OSAKA)


@pytest.fixture
def register(db, now):
    """Enter a person with a confirmed contact."""

    def enter(name: str = "示例甲", contact: str = "+63 917 123 4567", **facts) -> Person:
        return actions.register_citizen(
            facts=actions.PersonFacts(native_name=name, languages=("zh-Hans", "en"), **facts),
            contact=actions.phone_or_email(contact, "CN"),
            consents=("warnings",),
            text_version="test",
            by=ANONYMOUS,
            now=now,
        )

    return enter


@pytest.fixture
def leg():
    def make(place, first: date, last: date | None = None, **more) -> actions.StayFacts:
        return actions.StayFacts(place=place, first=first, last=last, **more)

    return make


@pytest.fixture
def outbox(monkeypatch, now):
    """Both gateways as console twins of this test's own; what was sent is in `.sent` of each."""
    twins = {"sms": ConsoleSms(), "email": ConsoleEmail()}
    monkeypatch.setattr(configured, "_configured", lambda channel, live: twins[channel])
    monkeypatch.setattr(jobs, "read_clock", lambda: now)
    configured.gateway_for.cache_clear()
    yield twins
    configured.gateway_for.cache_clear()


@pytest.fixture
def doing_jobs(django_capture_on_commit_callbacks):
    """`with doing_jobs(): ...` does, at its end, what was queued inside, as a worker would."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    @contextmanager
    def work():
        before = set(ProcrastinateJob.objects.values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=True):
            yield
        for job in ProcrastinateJob.objects.exclude(pk__in=before).order_by("pk"):
            app.tasks[job.task_name].func(**job.args)

    return work


@pytest.fixture
def missions(db):
    """Two missions, one of them for a part of the other's country. Code -> id."""
    from openconsular.accounts.models import Mission

    def make(code: str, *district: str) -> int:
        return Mission.objects.create(
            code=code,
            kind="embassy",
            names={"en": code},
            cities={"en": code},
            country="PH",
            lat=0,
            lon=0,
            timezone="Asia/Manila",
            district=list(district),
        ).pk

    return {"manila": make("manila", "PH"), "cebu": make("cebu", "PH-07", "PH-08")}
