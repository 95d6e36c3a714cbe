"""The error of an API server that does not answer."""

from supervisor.model.errors import ApiError


class Unreachable(ApiError):
    """The server did not answer, or stopped answering."""

    def __init__(self, host: str, detail: str) -> None:
        message = f"the server {host} cannot be reached: {detail}"
        super().__init__(503, "ServiceUnavailable", message)
        self.host = host
        self.detail = detail
