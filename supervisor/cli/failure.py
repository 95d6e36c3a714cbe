"""The error that ends a command."""


class Failure(Exception):
    """Ends the command: `error: MESSAGE` and the hint go to stderr."""

    def __init__(self, message: str, hint: str = "", *, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
