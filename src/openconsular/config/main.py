"""The `openconsular` command: finds or starts the database, then runs one command."""

import os
import sys
from urllib.parse import urlsplit, urlunsplit

from openconsular import __version__
from openconsular.config import env
from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.supervisor import SUPERVISED, end_with_supervisor

# Commands that need no database; everything else gets one.
# (`demo` only starts the demonstration's own process, which must hold the database open itself.)
WITHOUT_DATABASE = {"conformance", "demo", "help", "--help", "-h", "version", "--version", "collectstatic"}
# Commands that are about the tables themselves, or need none of them.
LEAVE_TABLES_ALONE = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "check"}
# Commands that play with synthetic people get a database of their own, made anew each time.
ON_THEIR_OWN = {"drill": "drill", "demo_room": "demo"}


def main() -> int:
    if sys.argv[1:2] == [SUPERVISED]:
        del sys.argv[1]
        end_with_supervisor()
    arguments = sys.argv[1:] or ["help"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openconsular.config.settings")
    if arguments[0] in {"--version", "version"}:
        print(f"openconsular {__version__}")  # noqa: T201
        return 0
    asks_for_help = bool({"-h", "--help"} & set(arguments))
    try:
        if arguments[0] not in WITHOUT_DATABASE and not asks_for_help:
            is_private = ensure_database()
            if arguments[0] in ON_THEIR_OWN:
                _use_own_database(ON_THEIR_OWN[arguments[0]])
            elif is_private and arguments[0] not in LEAVE_TABLES_ALONE:
                _bring_tables_up_to_date()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["openconsular", *arguments])
    except OpenConsularError as error:
        print(f"openconsular: {error.message}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; what is still buffered would only complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def ensure_database() -> bool:
    """Set DATABASE_URL to the embedded server's, starting it, unless a database is configured. True where it was."""
    if os.environ.get("DATABASE_URL"):
        return False
    from openconsular.foundation import embedded

    os.environ["DATABASE_URL"] = embedded.start(env.state_folder() / "postgresql")
    return True


def _bring_tables_up_to_date() -> None:
    """The private database is ours alone: any command may be the first. A configured one is migrated on purpose."""
    import django
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def _use_own_database(suffix: str) -> None:
    """Point this process, and those it starts, at a fresh database beside the configured one."""
    from openconsular.foundation import embedded

    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"{parts.path.lstrip('/') or 'openconsular'}_{suffix}"
    # urlunsplit drops the empty host of a socket address; put it back.
    own = urlunsplit(parts._replace(path=f"/{name}"))
    embedded.make_database(os.environ["DATABASE_URL"], name, anew=True)
    os.environ["DATABASE_URL"] = own
    os.environ["OPENCONSULAR_DRILL"] = "1"
    os.environ["OPENCONSULAR_INSECURE_HTTP"] = "1"


if __name__ == "__main__":
    sys.exit(main())
