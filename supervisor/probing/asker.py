"""Make one attempt of any probe, without blocking the one who asks.

Network probes wait on one event loop that all agents share; exec probes wait in a
bounded pool of threads, one pool for each engine, since the engine's API blocks.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from supervisor.machinery.loop import EventLoop
from supervisor.model.pod import Container, Probe
from supervisor.probing import exec as exec_probe
from supervisor.probing import grpc, http, tcp
from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.ports import Reach, directly, resolve
from supervisor.runtime.base import Runtime

_MOST_EXECS = 32


class Asker(Protocol):
    def ask(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        ip: str,
        done: Callable[[Attempt], None],
    ) -> None:
        """Begin one attempt; call `done` once with what it found, from any thread."""

    def close(self) -> None: ...


class RealAsker:
    """Asks over the network and through one engine."""

    def __init__(
        self, loop: EventLoop, runtime: Runtime, reach: Reach = directly
    ) -> None:
        self._loop = loop
        self._runtime = runtime
        self._reach = reach
        self._execs = ThreadPoolExecutor(_MOST_EXECS, thread_name_prefix="exec-probe")

    def ask(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        ip: str,
        done: Callable[[Attempt], None],
    ) -> None:
        try:
            self._begin(probe, container, container_id, ip, done)
        except ValueError as error:
            done(Attempt(Outcome.ERROR, str(error)))

    def _begin(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        ip: str,
        done: Callable[[Attempt], None],
    ) -> None:
        limit = float(probe.timeout_seconds)
        if (action := probe.http_get) is not None:
            port = resolve(action.port, container)
            via = self._via(action.host, ip, port)
            request = http.request(action, action.host or ip, port, via=via)
            self._loop.run(http.probe(request, limit), done)
        elif (socket := probe.tcp_socket) is not None:
            port = resolve(socket.port, container)
            self._loop.run(tcp.probe(*self._via(socket.host, ip, port), limit), done)
        elif (call := probe.grpc) is not None:
            via = self._via("", ip, resolve(call.port, container))
            self._loop.run(grpc.probe(*via, call.service, limit), done)
        elif probe.exec is not None:
            command = exec_probe.expanded(probe.exec.command, container)
            self._execs.submit(
                lambda: done(
                    exec_probe.probe(self._runtime, container_id, command, limit)
                )
            )
        else:
            raise ValueError("missing probe handler")

    def _via(self, host: str, ip: str, port: int) -> tuple[str, int]:
        """Where to connect: a host that the probe names itself, else the pod."""
        return (host, port) if host else self._reach(ip, port)

    def close(self) -> None:
        self._execs.shutdown(wait=False, cancel_futures=True)
