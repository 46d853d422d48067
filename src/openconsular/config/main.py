"""The `openconsular` command: starts the database where none is configured, then runs one command."""

import os
import sys

from openconsular.config import env
from openconsular.foundation.errors import OpenConsularError

# Commands that need no database; everything else gets one.
WITHOUT_DATABASE = {"help", "--help", "-h", "--version", "makemessages", "collectstatic"}


def main() -> int:
    arguments = sys.argv[1:] or ["help"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openconsular.config.settings")
    try:
        if arguments[0] not in WITHOUT_DATABASE:
            ensure_database(keep_running=False)
        from django.core.management import execute_from_command_line

        execute_from_command_line(["openconsular", *arguments])
    except OpenConsularError as error:
        print(f"openconsular: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def ensure_database(*, keep_running: bool) -> None:
    """Set DATABASE_URL to the embedded server's, starting it, unless a database is configured."""
    if os.environ.get("DATABASE_URL"):
        return
    from openconsular.foundation import embedded

    os.environ["DATABASE_URL"] = embedded.start(env.state_folder() / "postgresql", keep_running=keep_running)
