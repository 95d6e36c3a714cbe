"""Docker Swarm on the engines of a lab, with its own defaults.

Node 1 is the manager and works too; the others are workers. Replicas name the image by
its id, so that no node asks a registry for it, as our IfNotPresent does not.
"""

from contextlib import suppress
from typing import Any

from docker.errors import APIError
from docker.types import ContainerSpec, ServiceMode, TaskTemplate

from benchmarks.rival import APP, IMAGE, SCRIPT, Engines, await_that
from tests.lab import Lab

_MANAGER = 1
_PORT = 2377
_LABEL = f"com.docker.swarm.service.name={APP}"
_READY_SECONDS = 60


class Swarm:
    name = "Swarm"

    def __init__(self, lab: Lab, engines: Engines) -> None:
        self._lab = lab
        self._engines = engines
        self._manager = engines.clients[_MANAGER]
        self._service = ""

    def open(self) -> None:
        first = self._lab.node(_MANAGER).address
        self._manager.init_swarm(advertise_addr=first)
        token = self._manager.inspect_swarm()["JoinTokens"]["Worker"]
        for number, client in self._engines.clients.items():
            if number != _MANAGER:
                address = self._lab.node(number).address
                remotes = [f"{first}:{_PORT}"]
                client.join_swarm(remotes, token, advertise_addr=address)
        await_that(self._all_ready, _READY_SECONDS, "all nodes of the swarm are ready")

    def _all_ready(self) -> bool:
        states = [node["Status"]["State"] for node in self._manager.nodes()]
        return states == ["ready"] * len(self._engines.clients)

    def scale(self, replicas: int) -> None:
        mode = ServiceMode("replicated", replicas)
        if not self._service:
            made = self._manager.create_service(self._task(), name=APP, mode=mode)
            self._service = made["ID"]
            return
        found = self._manager.inspect_service(self._service)
        self._manager.update_service(
            self._service,
            found["Version"]["Index"],
            task_template=found["Spec"]["TaskTemplate"],
            name=APP,
            mode=mode,
        )

    def _task(self) -> Any:
        image = self._manager.inspect_image(IMAGE)["Id"]
        return TaskTemplate(ContainerSpec(image, command=SCRIPT))

    def labels(self) -> list[str]:
        return [_LABEL]

    def close(self) -> None:
        for client in reversed(self._engines.clients.values()):
            with suppress(APIError):  # it never joined
                client.leave_swarm(force=True)
        self._engines.remove(_LABEL)
