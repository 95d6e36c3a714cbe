"""Run single probe attempts without blocking the caller.

Network probes run on one event loop that all agents share. Exec probes run in a bounded
pool of threads, one for each engine, since the engine's API blocks.

An attempt that finds no way to the pod is an error, which says nothing about the
container. Connections to a `host` that a probe names are made from this process.
"""

import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from supervisor.machinery.loop import EventLoop
from supervisor.machinery.thread_pool import ThreadPool
from supervisor.model.pod import Container, Probe
from supervisor.probing import exec as exec_probe
from supervisor.probing import grpc, http, tcp
from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.confirm import Confirmation
from supervisor.probing.ports import resolve
from supervisor.runtime.base import Runtime, RuntimeFailure
from supervisor.runtime.reach import NoWay, PodAddress, Way, way_to

_MAX_EXECS = 32

Done = Callable[[Attempt], None]


class Asker(Protocol):
    def ask(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        address: PodAddress,
        done: Done,
    ) -> None:
        """Start one attempt; call `done` once with its outcome, from any thread."""

    def close(self) -> None: ...


class RealAsker:
    """Satisfies Asker, over the network and through one engine."""

    def __init__(self, loop: EventLoop, runtime: Runtime) -> None:
        self._loop = loop
        self._runtime = runtime
        self._closed = threading.Event()
        self._threads = ThreadPool("exec-probe", _MAX_EXECS)
        confirmation = Confirmation(runtime.ping, self._threads.submit)
        self._confirm = confirmation.confirm if runtime.reach.is_remote else _accept

    def ask(
        self,
        probe: Probe,
        container: Container,
        container_id: str,
        address: PodAddress,
        done: Done,
    ) -> None:
        def judge(attempt: Attempt) -> None:
            self._confirm(attempt, done)

        try:
            if probe.exec is not None:
                self._exec(probe, container, container_id, judge)
            else:
                self._loop.run(
                    _guarded(self._network(probe, container, address)), judge
                )
        except (ValueError, NoWay) as error:
            done(Attempt(Outcome.ERROR, str(error)))

    def _network(
        self, probe: Probe, container: Container, address: PodAddress
    ) -> Coroutine[Any, Any, Attempt]:
        """One attempt. Raises ValueError for an invalid probe, and NoWay."""
        limit = float(probe.timeout_seconds)
        if (action := probe.http_get) is not None:
            port = resolve(action.port, container)
            way = self._way_to(address, action.host)
            host = action.host or address.ip
            return http.probe(http.request(action, host, port, way=way), limit)
        if (socket := probe.tcp_socket) is not None:
            port = resolve(socket.port, container)
            way = self._way_to(address, socket.host)
            return tcp.probe(way(port), limit)
        if (call := probe.grpc) is not None:
            port = resolve(call.port, container)
            return grpc.probe(self._way_to(address)(port), call.service, limit)
        raise ValueError("missing probe handler")

    def _way_to(self, address: PodAddress, host: str = "") -> Callable[[int], Way]:
        return way_to(self._runtime.reach, address, host)

    def _exec(
        self, probe: Probe, container: Container, container_id: str, done: Done
    ) -> None:
        assert probe.exec is not None
        command = exec_probe.expanded(probe.exec.command, container)
        limit = float(probe.timeout_seconds)

        def work() -> None:
            runtime, wait = self._runtime, self._closed.wait
            done(exec_probe.probe(runtime, container_id, command, limit, wait=wait))

        self._threads.submit(work)

    def close(self) -> None:
        self._closed.set()
        self._threads.close()


def _accept(attempt: Attempt, done: Done) -> None:
    done(attempt)


async def _guarded(work: Coroutine[Any, Any, Attempt]) -> Attempt:
    """The outcome of `work`; an error if there is no way to the pod."""
    try:
        return await work
    except (NoWay, RuntimeFailure) as error:
        return Attempt(Outcome.ERROR, str(error))
