"""The error that terminates a command."""


class Failure(Exception):
    """Terminates the command with exit code `code`.

    `error: MESSAGE` and the hint are printed to stderr.
    """

    def __init__(self, message: str, hint: str = "", *, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
