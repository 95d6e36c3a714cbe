"""Attempts to connect to an engine, and the pauses between them.

Rules
- After a failure, the pause before the next attempt doubles up to a limit. It is much
  longer if the engine was refused, because a retry will hardly help.
- A changed access is tried at once.
"""

from collections.abc import Callable

from supervisor.engines.access import Access
from supervisor.engines.agents import Connected
from supervisor.engines.failure import (
    BAD_ENDPOINT,
    TOO_OLD,
    UNAVAILABLE,
    CannotConnect,
    Failure,
)
from supervisor.machinery import backoff
from supervisor.model.engine import CONNECTING, REFUSED
from supervisor.runtime.base import EngineInfo, Runtime, RuntimeFailure
from supervisor.runtime.versions import MIN_API, MIN_DOCKER, is_new_enough

_FIRST_RETRY_SECONDS, _MAX_RETRY_SECONDS = 1.0, 5.0
_REFUSED_RETRY_SECONDS = 30.0


class Attempts:
    """The attempts of one keeper. `open_` returns a runtime that has sent nothing yet,
    or raises ValueError.
    """

    def __init__(self, open_: Callable[[Access], Runtime]) -> None:
        self._open = open_
        #: Why the last attempt failed; None after a success.
        self.failure: Failure | None = None
        #: Whether the status of the Engine shows `failure`.
        self.is_reported = False
        #: Kept between attempts, since it may hold a tunnel; made for `_access`.
        self._runtime: Runtime | None = None
        self._access: Access | None = None
        self._failures = 0
        self._due_at = 0.0

    @property
    def trouble(self) -> str:
        return str(self.failure or "")

    def wait_until(self, access: Access, now: float) -> float | None:
        """When to try `access`; None if now."""
        return self._due_at if access == self._access and now < self._due_at else None

    def connect(self, access: Access) -> Connected:
        """Ask the engine who it is; the caller owns the returned runtime.

        Takes as long as the engine does, within the timeouts of its calls. Raises
        CannotConnect.
        """
        if access != self._access:
            self.close()
        self._access = access
        if self._runtime is None:
            self._runtime = self._opened(access)
        try:
            info = _ask(self._runtime)
            _check_version(info)
        except CannotConnect as error:
            if error.failure.phase == REFUSED:
                self.close()
            raise
        runtime, self._runtime = self._runtime, None
        return Connected(runtime, info)

    def _opened(self, access: Access) -> Runtime:
        try:
            return self._open(access)
        except ValueError as error:
            failure = Failure(REFUSED, BAD_ENDPOINT, str(error))
            raise CannotConnect(failure) from error

    def failed(self, failure: Failure, now: float) -> float:
        """Record a failure; returns when to try again."""
        self.failure, self.is_reported = failure, False
        self._failures += 1
        wait = backoff.delay(
            self._failures, first=_FIRST_RETRY_SECONDS, maximum=_MAX_RETRY_SECONDS
        )
        if failure.phase == REFUSED:
            wait = _REFUSED_RETRY_SECONDS
        self._due_at = now + wait
        return self._due_at

    def succeeded(self) -> None:
        self.failure, self._failures, self._due_at = None, 0, 0.0

    def hurry(self) -> None:
        """Make the next attempt due now."""
        self._due_at = 0.0

    def close(self) -> None:
        runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()


def _ask(runtime: Runtime) -> EngineInfo:
    try:
        return runtime.info()
    except RuntimeFailure as error:
        failure = Failure(CONNECTING, UNAVAILABLE, str(error))
        raise CannotConnect(failure) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        text = "what answers there is no Docker engine"
        raise CannotConnect(Failure(CONNECTING, UNAVAILABLE, text)) from error


def _check_version(info: EngineInfo) -> None:
    if not is_new_enough(info.api_version):
        text = (
            f"the engine (version {info.version}) speaks API {info.api_version}, and "
            f"{MIN_API} is needed, which Docker {MIN_DOCKER} and later speak"
        )
        raise CannotConnect(Failure(REFUSED, TOO_OLD, text))
