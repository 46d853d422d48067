"""What every test may use. The database is real (PostgreSQL); nothing outside loopback is reached."""

from datetime import UTC, datetime

import hypothesis
import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

# The clock says nothing about a property while other tests use the same cores.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")

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


@pytest.fixture(scope="session", autouse=True)
def audit_trail_can_be_emptied_between_tests():
    """Tests with real commits end by emptying every table. The trail refuses that, so its guard is lifted for it."""
    emptying = DatabaseOperations.execute_sql_flush

    def without_guard(self, statements):
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                emptying(self, statements)
            finally:
                cursor.execute("SET session_replication_role = origin")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", without_guard)
        yield


@pytest.fixture
def committed_db(transactional_db):
    """The database with real commits, for tests with several connections; emptied afterwards."""
