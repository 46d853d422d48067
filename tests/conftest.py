"""What every test may use. The database is real (PostgreSQL); nothing outside loopback is reached."""

from datetime import UTC, datetime

import pytest
from django.db import connection

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A fixed instant; the clock is an argument everywhere below the edge."""
    return NOW


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Pages render without `collectstatic`; the hashed storage has a test of its own."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def _audit_trail_guarded_again(django_db_setup, django_db_blocker):
    yield
    with django_db_blocker.unblock():
        _let_audit_trail_be_emptied(False)


@pytest.fixture
def committed_db(_audit_trail_guarded_again, transactional_db):
    """The database with real commits, for tests with several connections; emptied afterwards.

    The audit trail refuses to be truncated, so its guard is lifted for the moment of emptying only.
    """
    yield
    _let_audit_trail_be_emptied(True)


def _let_audit_trail_be_emptied(is_allowed):
    word = "DISABLE" if is_allowed else "ENABLE"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE foundation_auditentry {word} TRIGGER USER")
