"""Attach to the main process of a container.

Follows cri-dockerd's core/exec.go.
"""

from supervisor.runtime.base import ContainerPaused, NotFound
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.streams.hijack import hijack
from supervisor.runtime.docker.streams.session import Session


def open_attach(
    client: EngineClient, container_id: str, *, stdin: bool, tty: bool
) -> Session:
    with translated():
        inspected = client.api.inspect_container(container_id)
    if not inspected["State"]["Running"]:
        raise NotFound(f"container {container_id[:12]} is not running")
    if inspected["State"]["Paused"]:
        raise ContainerPaused(f"container {container_id[:12]} is paused")
    query = {"stream": 1, "stdout": 1, "stderr": 1, "stdin": int(stdin)}

    def exit_code() -> int | None:
        state = client.api.inspect_container(container_id)["State"]
        return None if state["Running"] else int(state["ExitCode"])

    return Session(
        hijack(client, f"/containers/{container_id}/attach", query),
        tty=inspected["Config"]["Tty"],
        exit_code=exit_code,
        resize=lambda width, height: client.api.resize(container_id, height, width),
        abandon=lambda: None,
    )
