"""What can be wrong with a template or with the facts that fill it."""


class TextError(Exception):
    """A text cannot be made. `code` is stable: unknown-field, missing-field, stray-brace, unknown-kind,
    unknown-grade, unknown-language, missing-text."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)
