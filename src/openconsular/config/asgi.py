"""The ASGI application: what uvicorn serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openconsular.config.settings")
application = get_asgi_application()


def _warm_up() -> None:
    """What the first visitor would otherwise wait for: the gazetteer takes seconds to load."""
    from openconsular.citizens import queries

    queries.place_label(0, "")


_warm_up()
