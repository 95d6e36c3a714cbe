"""postStart and preStop: run one hook of one container.

Rules
- An exec hook must end with 0. Any answer makes an HTTP hook a success; a server that
  talks plain where TLS was asked for is asked again in plain.
- A hook of postStart may take as long as it likes; one of preStop has a budget.
- An HTTP hook goes the same way to the pod as probes; a host that it names itself is
  dialled from here.

Follows pkg/kubelet/lifecycle/handlers.go.
"""

import http.client
import os
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass

from supervisor.model.pod import (
    Container,
    HttpGetAction,
    LifecycleHandler,
    Port,
)
from supervisor.runtime.base import EngineRefused, NotFound, Runtime
from supervisor.runtime.reach import NoWay, PodAddress, Way

_NO_LIMIT_SECONDS = 24 * 3600.0
_OUTPUT_LIMIT = 10 * 1024


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
        port = port_number(action.port, place.container)
        url = f"{action.scheme.lower()}://{host}:{port}{action.path}"
        try:
            reach = self._runtime.reach
            way = Way(host, port) if action.host else reach.way(place.address, port)
            try:
                _request(action, way, host, port, timeout, tls=action.scheme == "HTTPS")
            except ssl.SSLError:
                _request(action, way, host, port, timeout, tls=False)
        except (OSError, http.client.HTTPException, NoWay) as error:
            raise HookFailed(f"HTTP lifecycle hook ({url}) failed: {error}") from error


def _request(
    action: HttpGetAction,
    way: Way,
    host: str,
    port: int,
    timeout: float,
    *,
    tls: bool,
) -> None:
    """`host` and `port` are what the server is to read of itself."""
    with way.connect(timeout) as carrier:
        connection = http.client.HTTPConnection(host, port)
        connection.sock = _over(carrier, host, timeout, tls=tls)
        try:
            headers = {h.name: h.value for h in action.http_headers}
            connection.request("GET", action.path or "/", headers=headers)
            connection.getresponse().read(_OUTPUT_LIMIT)
        finally:
            connection.close()


def _over(
    carrier: socket.socket, host: str, timeout: float, *, tls: bool
) -> socket.socket:
    """A socket that may be closed before its last byte is read, as http.client does;
    a tunnel's ends with it at once.
    """
    sock = socket.socket(fileno=os.dup(carrier.fileno()))
    sock.settimeout(timeout)
    if not tls:
        return sock
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return context.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise


def port_number(port: Port, container: Container) -> int:
    """A port, or the number of the container's port of that name."""
    if isinstance(port, int):
        return port
    named = (p.container_port for p in container.ports if p.name == port)
    found = next(named, None)
    if found is None and port.isdecimal():
        found = int(port)
    if found is None or not 0 < found < 65536:
        raise HookFailed(f"invalid port number: {port}")
    return found
