"""Why a list or a key was not taken. Codes are stable; messages are for the person who looks after the lists."""


class TrustRefused(Exception):
    """A whole list that is not taken. The store stays as it was."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


class KeyRefused(Exception):
    """One key or certificate that cannot be used; the rest of its list can."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)
