"""The ASGI application: what uvicorn serves."""

import multiprocessing
import os
import signal
import threading

from django.conf import settings
from django.core.asgi import get_asgi_application

from openconsular.config.body_limit import LimitedBodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openconsular.config.settings")

# Requests run on threads of their own, and a new connection for each costs more than most answers do. The pool also
# bounds them: in a flood requests wait for their turn, where they would otherwise exhaust the database's places.
POOL = {"min_size": 2, "max_size": 16, "timeout": 30, "max_idle": 300}
settings.DATABASES["default"]["OPTIONS"]["pool"] = POOL
application = LimitedBodies(get_asgi_application())


def _warm_up() -> None:
    """What the first visitor would otherwise wait for: the gazetteer takes seconds to load."""
    from openconsular.citizens import queries

    queries.place_label(0, "")


def _end_with_parent() -> None:
    """One of several processes must not go on serving, and holding the port, when the one that started it was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()


_end_with_parent()
_warm_up()
