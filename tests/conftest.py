"""What every test may use. The database is real (PostgreSQL); nothing outside loopback is reached."""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A fixed instant; the clock is an argument everywhere below the edge."""
    return NOW


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages render without `collectstatic`; the hashed storage has a test of its own."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
