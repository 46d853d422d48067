"""The one error tree. Each error has a stable code, a sentence a person can act on, and keeps its cause.

OpenConsularError
├── NotAllowed          the actor may not do this
├── NotFound            no such thing, or not visible to the actor
├── InvalidInput        what came in cannot be used; says which field and why
├── Conflict            the thing is not in a state in which this can be done
└── Unavailable         something outside does not answer; trying again later may help
"""

from collections.abc import Mapping


class OpenConsularError(Exception):
    """Something went wrong that a person can be told about."""

    code = "error"
    http_status = 500

    def __init__(self, message: str = "", *, code: str = "", fields: Mapping[str, str] | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.code = code or type(self).code
        self.fields = dict(fields or {})
        super().__init__(self.message)


class NotAllowed(OpenConsularError):
    """You are not allowed to do this."""

    code = "not-allowed"
    http_status = 403


class NotFound(OpenConsularError):
    """There is no such thing, or it is not yours to see."""

    code = "not-found"
    http_status = 404


class InvalidInput(OpenConsularError):
    """What was entered cannot be used."""

    code = "invalid-input"
    http_status = 400


class Conflict(OpenConsularError):
    """This cannot be done in the present state."""

    code = "conflict"
    http_status = 409


class Unavailable(OpenConsularError):
    """A service outside does not answer. Try again later."""

    code = "unavailable"
    http_status = 503
