"""Attempts to reach an engine, and whether we may work on it at all.

Rules
- After a failure the next attempt waits, a little longer each time; where waiting will
  hardly help, because the engine was refused, much longer.
- Another way to the engine is tried at once.
"""

from collections.abc import Callable

from supervisor.engines.access import Access
from supervisor.engines.agents import Connected
from supervisor.machinery import backoff
from supervisor.model.engine import CONNECTING, REFUSED
from supervisor.runtime.base import (
    EngineInfo,
    Runtime,
    RuntimeFailure,
)
from supervisor.runtime.versions import MIN_API, MIN_DOCKER, is_new_enough

_FIRST_RETRY_SECONDS, MAX_RETRY_SECONDS = 1.0, 5.0
REFUSED_RETRY_SECONDS = 30.0


class CannotConnect(Exception):
    """The text is the reason, for the user."""

    def __init__(self, phase: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.phase = phase
        self.reason = reason


class Attempts:
    """Those of one keeper. `open_` makes an engine, to which nothing is sent yet."""

    def __init__(self, open_: Callable[[Access], Runtime]) -> None:
        self._open = open_
        #: Why the last one failed; None after a success.
        self.failure: CannotConnect | None = None
        #: What is kept between attempts, such as a tunnel, and what it is a way to.
        self._runtime: Runtime | None = None
        self._access: Access | None = None
        self._failures = 0
        self._due_at = 0.0

    @property
    def trouble(self) -> str:
        return str(self.failure or "")

    def wait_until(self, access: Access, now: float) -> float | None:
        """When to try this access; None is now."""
        return self._due_at if access == self._access and now < self._due_at else None

    def connect(self, access: Access) -> Connected:
        """Takes as long as the engine does, within the limits of its calls.

        The engine is handed over. Raises CannotConnect.
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
            if error.phase == REFUSED:
                self.close()
            raise
        runtime, self._runtime = self._runtime, None
        return Connected(runtime, info)

    def _opened(self, access: Access) -> Runtime:
        try:
            return self._open(access)
        except ValueError as error:
            raise CannotConnect(REFUSED, "BadEndpoint", str(error)) from error

    def failed(self, error: CannotConnect, now: float) -> float:
        """When to try again."""
        self.failure = error
        self._failures += 1
        wait = backoff.delay(
            self._failures, first=_FIRST_RETRY_SECONDS, maximum=MAX_RETRY_SECONDS
        )
        if error.phase == REFUSED:
            wait = REFUSED_RETRY_SECONDS
        self._due_at = now + wait
        return self._due_at

    def succeeded(self) -> None:
        self.failure, self._failures, self._due_at = None, 0, 0.0

    def hurry(self) -> None:
        """Have the next attempt be due."""
        self._due_at = 0.0

    def close(self) -> None:
        runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()


def _ask(runtime: Runtime) -> EngineInfo:
    try:
        return runtime.info()
    except RuntimeFailure as error:
        raise CannotConnect(CONNECTING, "EngineUnavailable", str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        text = "what answers there is no Docker engine"
        raise CannotConnect(CONNECTING, "EngineUnavailable", text) from error


def _check_version(info: EngineInfo) -> None:
    if not is_new_enough(info.api_version):
        text = (
            f"the engine (version {info.version}) speaks API {info.api_version}, and "
            f"{MIN_API} is needed, which Docker {MIN_DOCKER} and later speak"
        )
        raise CannotConnect(REFUSED, "EngineTooOld", text)
