"""What can be wrong with what a person enters about themselves."""


class PeopleError(Exception):
    """Something entered cannot be used. `code` is stable; `message` is a sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)
