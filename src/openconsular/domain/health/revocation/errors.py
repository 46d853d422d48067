"""Why a revocation list was not taken."""


class RevocationRefused(Exception):
    """A list or part of one that is not taken; what was held before stays. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)
