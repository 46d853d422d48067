import pytest


@pytest.fixture(autouse=True)
def static_files_from_their_sources(settings):
    """The static files are served from where they are built: nothing needs to be collected first."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    settings.SECURE_SSL_REDIRECT = False
    # Writing from right to left is tried as well, whatever the profile speaks.
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]
