"""What must be true of the ground we stand on; `openconsular check --deploy --database default` says what is not."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

OLDEST = 150_000
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@register(Tags.database)
def database_is_durable(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """An acknowledged answer must survive a crash: no setting may trade that for speed."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('synchronous_commit'),"
                " current_setting('fsync'), current_setting('full_page_writes')"
            )
            version, commits, fsync, pages = cursor.fetchone()
        if version < OLDEST:
            found.append(Error("PostgreSQL 15 or newer is needed.", id="openconsular.E001"))
        if commits == "off" or fsync == "off" or pages == "off":
            found.append(
                Error(
                    "The database may lose what it acknowledged.",
                    hint="Set synchronous_commit, fsync and full_page_writes to on.",
                    id="openconsular.E002",
                )
            )
    return found


@register(Tags.security, deploy=True)
def secrets_are_private(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    path = settings.SECRETS_FILE
    if path.exists() and path.stat().st_mode & 0o077:
        return [Error(f"Others can read {path}.", hint="chmod 600 it.", id="openconsular.E003")]
    return []


@register(Tags.security, deploy=True)
def messages_leave(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    missing = [name for name in ("SMS_URL", "EMAIL_URL") if not getattr(settings, name)]
    return [
        Warning(
            f"OPENCONSULAR_{name} is not set: messages of this channel go to a console twin and reach nobody.",
            id="openconsular.W001",
        )
        for name in missing
    ]


@register(Tags.security, deploy=True)
def messages_are_encrypted(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Sign-in, phones and words of a gateway go in clear over plain SMPP, and over SMTP with TLS switched off."""
    plain = [
        name
        for name in ("SMS_URL", "EMAIL_URL")
        if (parts := urlsplit(getattr(settings, name))).hostname not in (None, *LOOPBACK)
        and (parts.scheme == "smpp" or "starttls=0" in parts.query)
    ]
    return [
        Warning(
            f"OPENCONSULAR_{name} leads over the network without TLS.",
            hint="Use smpps:// or smtps://, or make sure that it goes through a tunnel.",
            id="openconsular.W002",
        )
        for name in plain
    ]


@register(Tags.security, deploy=True)
def no_drill_in_service(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    if not settings.IS_DRILL:
        return []
    return [
        Error(
            "OPENCONSULAR_DRILL is set: no message leaves, and a password alone lets staff in.",
            hint="Unset it. Drills set it for themselves.",
            id="openconsular.E004",
        )
    ]
