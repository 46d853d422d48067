"""The duty room in tests: pages are opened at the real hour, so the world is made at it too."""

import re

import pytest
from django.utils import timezone

from openconsular.accounts.models import Officer


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def as_(client, settings, staff):
    """The client signed in: as_("duty"). An exercise, so that the second factor is not in the way here."""
    settings.IS_DRILL = True
    client.cookies["language"] = "en"

    def sign_in(name):
        client.force_login(Officer.objects.get(username=name))
        return client

    return sign_in


def text_of(answer) -> str:
    """What a reader sees, in one line of words."""
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
