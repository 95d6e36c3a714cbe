"""End commands whose time is over on engines whose processes are out of our reach.

Docker has no call for that. So a short-lived container of the pause image joins the
process namespace of the command's container, finds the command's processes by a
variable in their environment, and kills them (pause/end.c).

Rules
- One such container at a time for each container, a few for each engine; what becomes
  due meanwhile waits for the next, which comes after a moment of rest.
- It needs neither the container's user nor its programs, files or capabilities.
- Commands that a daemon before us has left running are ended along with the first of
  ours; nobody waits for them any more.
- The engine removes it when it ends, even if we have died. One that was created and
  never started has a name by which it is found and removed the next time; the sweep of
  leftovers (agent/pods/sweeping) removes it otherwise, and one that hangs.
- It carries the labels of its owner and of its pod, and counts as no part of the pod.
- What runs on, because its container is paused or the engine is away, is tried again,
  less and less often; what is gone with its container is done.
"""

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import docker.errors

from supervisor.runtime.base import (
    CONTAINER_TYPE,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    EngineRefused,
    EngineUnavailable,
    NotFound,
)
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.images import Images
from supervisor.runtime.inventory import HELPER_TYPE

MARK = "SUPERVISOR_EXEC"
"""The environment variable of every command that we run in a container."""
HELPER = "supervisor.helper"
"""Label of helper containers: what they are for."""
_REST_SECONDS = 0.5
_LONGEST_REST_SECONDS = 60.0
_MAX_AT_ONCE = 4
"""Containers, of an engine."""
_MAX_AT_A_TIME = 64
"""Commands, of a container."""
_log = logging.getLogger(__name__)


_LIFE = secrets.token_hex(4)
"""Of this process. end.c knows the form of marks."""


def new_mark() -> str:
    """An environment variable that no other command has."""
    return f"{MARK}={_LIFE}-{secrets.token_hex(4)}"


@dataclass
class _Command:
    """One whose time is over."""

    mark: str
    tries: int = 0


class Reaper:
    """`owner` are the labels of what is ours."""

    def __init__(
        self, engine: Engine, images: Images, owner: Mapping[str, str]
    ) -> None:
        self._engine = engine
        self._images = images
        self._owner = owner
        self._lock = threading.Lock()
        #: What is to be ended, by container id and exec id.
        self._due: dict[str, dict[str, _Command]] = {}
        #: Containers that a thread takes care of.
        self._tended: set[str] = set()
        self._turns = threading.BoundedSemaphore(_MAX_AT_ONCE)
        self._closed = threading.Event()

    def end(self, container_id: str, exec_id: str, mark: str) -> None:
        """Kill a command and what it has started, soon; never blocks."""
        with self._lock:
            self._due.setdefault(container_id, {})[exec_id] = _Command(mark)
            if container_id in self._tended or self._closed.is_set():
                return
            self._tended.add(container_id)
        threading.Thread(
            target=self._tend, args=(container_id,), name="reaper", daemon=True
        ).start()

    def close(self) -> None:
        self._closed.set()

    def _tend(self, container_id: str) -> None:
        while due := self._take(container_id):
            try:
                with self._turns:
                    due = self._still_running(due)
                    if due:
                        self._kill(container_id, [c.mark for c in due.values()])
            except NotFound:
                _log.debug("container %s is gone", container_id[:12])
                due = {}
            except EngineUnavailable as error:
                _log.debug("commands in %s run on: %s", container_id[:12], error)
            except EngineRefused as error:
                # The first time the container has mostly just ended.
                level = logging.WARNING if _were_tried(due) else logging.DEBUG
                _log.log(level, "commands in %s run on: %s", container_id[:12], error)
            # Whether they have ended is seen the next time.
            self._put_back(container_id, due)
            if due and self._closed.wait(_rest(due)):
                return

    def _take(self, container_id: str) -> dict[str, _Command]:
        """What is to be ended now; without anything the container is tended no more."""
        with self._lock:
            due = list(self._due.pop(container_id, {}).items())
            if rest := due[_MAX_AT_A_TIME:]:
                self._due[container_id] = dict(rest)
            if not due:
                self._tended.discard(container_id)
            return dict(due[:_MAX_AT_A_TIME])

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
                    state = self._engine.api.exec_inspect(exec_id)
            except NotFound:
                continue
            if state["Running"]:
                found[exec_id] = command
        return found

    def _kill(self, container_id: str, marks: list[str]) -> None:
        """Returns when it is done. Raises RuntimeFailure."""
        name = f"supervisor_end_{container_id[:24]}"
        with translated():
            labels = self._labels(container_id)
            body = _body(self._images.pause_name(), container_id, marks, labels)
            helper = self._create(name, body)
            try:
                self._engine.slow.start(helper)
            except BaseException:
                self._remove(helper)
                raise
            try:
                ended = self._engine.slow.wait(helper)
            except docker.errors.NotFound:
                return  # ended and removed
        if ended.get("StatusCode"):
            text = "processes of commands in %s whose time is over do not end"
            _log.warning(text, container_id[:12])

    def _labels(self, container_id: str) -> dict[str, str]:
        found = self._engine.api.inspect_container(container_id)
        carried: Mapping[str, str] = found["Config"]["Labels"] or {}
        of_pod = (POD_NAME, POD_NAMESPACE, POD_UID)
        return {
            **{key: carried[key] for key in of_pod if key in carried},
            **self._owner,
            CONTAINER_TYPE: HELPER_TYPE,
            HELPER: f"end commands in {container_id}",
        }

    def _create(self, name: str, body: dict[str, object]) -> str:
        create = self._engine.slow.create_container_from_config
        try:
            return str(create(body, name)["Id"])
        except docker.errors.ImageNotFound:
            self._images.bring_pause()
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            # Of an earlier life of ours: what it was to kill is ours to kill.
            self._remove(name)
        return str(create(body, name)["Id"])

    def _remove(self, helper: str) -> None:
        try:
            self._engine.slow.remove_container(helper, v=True, force=True)
        except docker.errors.APIError as error:
            # Gone, or being removed by the engine.
            if error.status_code not in (404, 409):
                raise


def _were_tried(due: Mapping[str, _Command]) -> bool:
    return any(command.tries for command in due.values())


def _rest(due: Mapping[str, _Command]) -> float:
    """Seconds until the next look: few while there is something new to be ended."""
    tries = min(command.tries for command in due.values())
    return min(_REST_SECONDS * 2.0 ** (tries - 1), _LONGEST_REST_SECONDS)


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
            # To read the environment of others' processes and to signal them.
            "CapDrop": ["ALL"],
            "CapAdd": ["KILL", "SYS_PTRACE", "DAC_READ_SEARCH"],
            # The engine's own profiles forbid that where the other is privileged.
            "SecurityOpt": [
                "no-new-privileges",
                "seccomp=unconfined",
                "apparmor=unconfined",
                "label=disable",
            ],
            "RestartPolicy": {"Name": "no"},
        },
    }
