"""Kill commands that timed out, where we cannot signal their processes ourselves.

Docker has no call for that. So a helper, a short-lived container of the pause image,
joins the PID namespace of the command's container, finds the command's processes by a
variable in their environment, and kills them (pause/end.c).

Rules
- One helper at a time for each container, a few for each engine. Commands that time out
  meanwhile wait for the next one, which comes after a short pause.
- It needs neither the container's user nor its programs, files or capabilities.
- Commands that an earlier daemon left running are killed along with the first of ours.
- The engine removes the helper when it ends, even if we have died. One that was created
  and never started is found by its name and removed the next time, or by the sweep of
  leftovers (agent/pods/sweeping), which also removes one that hangs.
- It carries the labels of its owner and pod, but is not part of the pod.
- A command that could not be killed, because its container is paused or the engine is
  unavailable, is retried with backoff; one whose container is gone is done.
"""

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import docker.errors

from supervisor.runtime.base import (
    CONTAINER_TYPE,
    HELPER_TYPE,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    EngineRefused,
    EngineUnavailable,
    NotFound,
)
from supervisor.runtime.base.labels import HELPER
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.images.pause import PauseImage

MARK = "SUPERVISOR_EXEC"
"""The environment variable of every command that we run in a container."""
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_MAX_HELPERS = 4
"""For each engine."""
_MAX_COMMANDS = 64
"""For each helper."""
_log = logging.getLogger(__name__)


_PROCESS = secrets.token_hex(4)
"""Identifies this process. end.c parses marks."""


def new_mark() -> str:
    """An environment variable that is unique to one command."""
    return f"{MARK}={_PROCESS}-{secrets.token_hex(4)}"


@dataclass
class _Command:
    """A command that timed out."""

    mark: str
    tries: int = 0


class Reaper:
    """The reaper of one engine. `owner` are the labels of what is ours."""

    def __init__(
        self, client: EngineClient, pause: PauseImage, owner: Mapping[str, str]
    ) -> None:
        self._client = client
        self._pause = pause
        self._owner = owner
        self._lock = threading.Lock()
        #: Commands to kill, by container id and exec id.
        self._due: dict[str, dict[str, _Command]] = {}
        #: Containers that have a thread.
        self._served: set[str] = set()
        self._helpers = threading.BoundedSemaphore(_MAX_HELPERS)
        self._closed = threading.Event()

    def end(self, container_id: str, exec_id: str, mark: str) -> None:
        """Kill a command and its processes soon. Never blocks."""
        with self._lock:
            self._due.setdefault(container_id, {})[exec_id] = _Command(mark)
            if container_id in self._served or self._closed.is_set():
                return
            self._served.add(container_id)
        threading.Thread(
            target=self._serve, args=(container_id,), name="reaper", daemon=True
        ).start()

    def close(self) -> None:
        self._closed.set()

    def _serve(self, container_id: str) -> None:
        while due := self._take(container_id):
            try:
                with self._helpers:
                    due = self._still_running(due)
                    if due:
                        self._kill(container_id, [c.mark for c in due.values()])
            except NotFound:
                _log.debug("container %s is gone", container_id[:12])
                due = {}
            except EngineUnavailable as error:
                _log.debug("commands in %s still run: %s", container_id[:12], error)
            except EngineRefused as error:
                # On the first try, the container has usually just ended.
                level = logging.WARNING if _were_tried(due) else logging.DEBUG
                _log.log(
                    level,
                    "commands in %s still run: %s",
                    container_id[:12],
                    error,
                )
            # The next round checks whether they have ended.
            self._put_back(container_id, due)
            if due and self._closed.wait(_pause(due)):
                return

    def _take(self, container_id: str) -> dict[str, _Command]:
        """The next commands to kill; if there are none, the thread ends."""
        with self._lock:
            due = list(self._due.pop(container_id, {}).items())
            if rest := due[_MAX_COMMANDS:]:
                self._due[container_id] = dict(rest)
            if not due:
                self._served.discard(container_id)
            return dict(due[:_MAX_COMMANDS])

    def _put_back(self, container_id: str, due: Mapping[str, _Command]) -> None:
        with self._lock:
            for exec_id, command in due.items():
                command.tries += 1
                self._due.setdefault(container_id, {})[exec_id] = command

    def _still_running(self, due: Mapping[str, _Command]) -> dict[str, _Command]:
        found = {}
        for exec_id, command in due.items():
            try:
                with translated():
                    state = self._client.api.exec_inspect(exec_id)
            except NotFound:
                continue
            if state["Running"]:
                found[exec_id] = command
        return found

    def _kill(self, container_id: str, marks: list[str]) -> None:
        """Run one helper to its end. Raises RuntimeFailure."""
        name = f"supervisor_end_{container_id[:24]}"
        with translated():
            labels = self._labels(container_id)
            body = _body(self._pause.name(), container_id, marks, labels)
            helper = self._create(name, body)
            try:
                self._client.slow.start(helper)
            except BaseException:
                self._client.remove_container(helper)
                raise
            try:
                ended = self._client.slow.wait(helper)
            except docker.errors.NotFound:
                return  # ended and removed
        if ended.get("StatusCode"):
            text = "processes of timed-out commands in %s cannot be killed"
            _log.warning(text, container_id[:12])

    def _labels(self, container_id: str) -> dict[str, str]:
        found = self._client.api.inspect_container(container_id)
        carried: Mapping[str, str] = found["Config"]["Labels"] or {}
        of_pod = (POD_NAME, POD_NAMESPACE, POD_UID)
        return {
            **{key: carried[key] for key in of_pod if key in carried},
            **self._owner,
            CONTAINER_TYPE: HELPER_TYPE,
            HELPER: f"end commands in {container_id}",
        }

    def _create(self, name: str, body: dict[str, object]) -> str:
        create = self._client.slow.create_container_from_config
        try:
            return self._pause.with_image(lambda: str(create(body, name)["Id"]))
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            # One of an earlier process: the commands it was to kill are ours to kill.
            self._client.remove_container(name)
        return str(create(body, name)["Id"])


def _were_tried(due: Mapping[str, _Command]) -> bool:
    return any(command.tries for command in due.values())


def _pause(due: Mapping[str, _Command]) -> float:
    """Seconds until the next round: few as long as there are new commands."""
    tries = min(command.tries for command in due.values())
    return min(_PAUSE_SECONDS * 2.0 ** (tries - 1), _LONGEST_PAUSE_SECONDS)


def _body(
    image: str, container_id: str, marks: list[str], labels: Mapping[str, str]
) -> dict[str, object]:
    return {
        "Image": image,
        "Cmd": ["end", *marks],
        "User": "0",
        "Labels": labels,
        "HostConfig": {
            "PidMode": f"container:{container_id}",
            "NetworkMode": "none",
            "AutoRemove": True,
            "ReadonlyRootfs": True,
            "LogConfig": {"Type": "none", "Config": {}},
            # To read the environment of other users' processes and to signal them.
            "CapDrop": ["ALL"],
            "CapAdd": ["KILL", "SYS_PTRACE", "DAC_READ_SEARCH"],
            # The engine's default profiles forbid that if the container is privileged.
            "SecurityOpt": [
                "no-new-privileges",
                "seccomp=unconfined",
                "apparmor=unconfined",
                "label=disable",
            ],
            "RestartPolicy": {"Name": "no"},
        },
    }
