"""postStart and preStop: run one hook of one container.

Rules
- An exec hook must end with 0. Any answer makes an HTTP hook a success; a server that
  talks plain where TLS was asked for is asked again in plain, without Authorization.
- A hook of postStart may take as long as it likes; one of preStop has a budget.
- An HTTP hook goes the same way to the pod as probes; a host that it names itself is
  dialled from here.

Follows pkg/kubelet/lifecycle/handlers.go.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from supervisor.model.pod import (
    Container,
    HttpGetAction,
    LifecycleHandler,
)
from supervisor.probing import http_client
from supervisor.probing.ports import resolve
from supervisor.probing.response import CutShort, Malformed
from supervisor.runtime.base import EngineRefused, NotFound, Runtime, RuntimeFailure
from supervisor.runtime.reach import NoWay, PodAddress, way_to

_NO_LIMIT_SECONDS = 24 * 3600.0
_OUTPUT_LIMIT = 10 * 1024
_USER_AGENT = "kube-lifecycle/1.32"
_NO_ANSWER = (
    OSError,
    ValueError,
    Malformed,
    CutShort,
    NoWay,
    RuntimeFailure,
    http_client.NoRedirect,
)


class HookFailed(Exception):
    """The text says what the hook did wrong."""


Pause = Callable[[float, threading.Event], None]
"""Wait so many seconds, or until the event is set."""


def pause(seconds: float, end: threading.Event) -> None:
    end.wait(seconds)


@dataclass(frozen=True)
class Place:
    """Where a hook runs."""

    container: Container
    container_id: str
    address: PodAddress
    ended: threading.Event
    """Set when waiting for the hook has no sense any more."""


class Hooks:
    def __init__(self, runtime: Runtime, pause: Pause = pause) -> None:
        self._runtime = runtime
        self._pause = pause

    def run(
        self, handler: LifecycleHandler, place: Place, budget: float | None = None
    ) -> None:
        """Run to the end, for at most `budget` seconds. Raises HookFailed."""
        timeout = _NO_LIMIT_SECONDS if budget is None else budget
        if handler.exec is not None:
            self._exec(handler.exec.command, place, timeout)
        elif handler.http_get is not None:
            self._http(handler.http_get, place, timeout)
        elif handler.sleep is not None:
            self._pause(min(handler.sleep.seconds, timeout), place.ended)
        else:
            raise HookFailed("a hook of this kind cannot be run")

    def _exec(self, command: tuple[str, ...], place: Place, timeout: float) -> None:
        shown = " ".join(command)
        try:
            result = self._runtime.exec(
                place.container_id, command, timeout=timeout, limit=_OUTPUT_LIMIT
            )
        except (EngineRefused, NotFound) as error:
            raise HookFailed(
                f"Exec lifecycle hook ({shown}) failed: {error}"
            ) from error
        if result.exit_code is None:
            raise HookFailed(f"Exec lifecycle hook ({shown}) took over {timeout:g} s")
        if result.exit_code != 0:
            text = result.output.decode(errors="replace").strip()
            said = f"exited with {result.exit_code}: {text}"
            raise HookFailed(f"Exec lifecycle hook ({shown}) {said}")

    def _http(self, action: HttpGetAction, place: Place, timeout: float) -> None:
        host = action.host or place.address.ip
        way = way_to(self._runtime.reach, place.address, action.host)
        try:
            port = resolve(action.port, place.container)
        except ValueError as error:
            raise HookFailed(str(error)) from error
        first = replace(
            http_client.request(action, host, port, way=way), agent=_USER_AGENT
        )
        try:
            try:
                asyncio.run(_answered(first, timeout))
            except ssl.SSLError:
                kept = (h for h in first.headers if h.name.lower() != "authorization")
                plain = replace(first, scheme="http", headers=tuple(kept))
                asyncio.run(_answered(plain, timeout))
        except _NO_ANSWER as error:
            text = str(error) or "no answer"
            raise HookFailed(
                f"HTTP lifecycle hook ({first.url}) failed: {text}"
            ) from error


async def _answered(first: http_client.Request, timeout: float) -> None:
    """Returns when there is an answer. Its body is read, but how it ends is of no
    meaning."""
    fetch = http_client.Fetch(first)
    try:
        async with asyncio.timeout(timeout):
            await fetch.run()
    except (OSError, Malformed, CutShort):
        if not fetch.has_answer:
            raise
