"""One attempt to reach an engine, and whether we may work on it at all."""

from dataclasses import dataclass

from supervisor.app.engine_access import Access
from supervisor.app.nodes import runtime_of
from supervisor.model.engine import CONNECTING, REFUSED
from supervisor.runtime.base import EngineInfo, Runtime, RuntimeFailure

_LEAST_API = (1, 41)
_LEAST_ENGINE = "20.10"


class CannotConnect(Exception):
    """The text is the reason, for the user."""

    def __init__(self, phase: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.phase = phase
        self.reason = reason


@dataclass(frozen=True)
class Connected:
    runtime: Runtime
    info: EngineInfo


def connect(name: str, access: Access, cluster: str) -> Connected:
    """Takes as long as the engine does, within the limits of its calls.

    Raises CannotConnect.
    """
    try:
        runtime = runtime_of(name, access, cluster)
    except ValueError as error:
        raise CannotConnect(REFUSED, "BadEndpoint", str(error)) from error
    try:
        info = _ask(runtime)
        _check_version(info)
    except BaseException:
        runtime.close()
        raise
    return Connected(runtime, info)


def _ask(runtime: Runtime) -> EngineInfo:
    try:
        return runtime.info()
    except RuntimeFailure as error:
        raise CannotConnect(CONNECTING, "EngineUnavailable", str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        text = "what answers there is no Docker engine"
        raise CannotConnect(CONNECTING, "EngineUnavailable", text) from error


def _check_version(info: EngineInfo) -> None:
    try:
        found = tuple(int(part) for part in info.api_version.split("."))
    except ValueError:
        found = ()
    if found < _LEAST_API:
        least = ".".join(str(part) for part in _LEAST_API)
        text = (
            f"the engine (version {info.version}) speaks API {info.api_version}, and "
            f"{least} is needed, which Docker {_LEAST_ENGINE} and later speak"
        )
        raise CannotConnect(REFUSED, "EngineTooOld", text)
