"""What an engine has of ours, as the contract's observations.

Rules
- One list call finds everything; a container is inspected only for what a list cannot
  say. What is known of a dead one never changes, so it is asked for once. So is that of
  one that runs, while the engine tells us of every start: somebody else may restart it.
- What carries our labels and is no part of a pod is not seen here; docker_inventory.py
  lists it.
- A pod's volumes count as something of it: they are all that is left when we end
  between removing the containers of a pod and removing its volumes.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import docker.errors

from supervisor.model.times import to_seconds
from supervisor.runtime.base import (
    ATTEMPT,
    CONTAINER_NAME,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    SANDBOX,
    ObservedContainer,
    ObservedPod,
    State,
)
from supervisor.runtime.docker.config import SANDBOX_NAME
from supervisor.runtime.docker.engine import Engine
from supervisor.runtime.docker.errors import translated
from supervisor.runtime.docker.inventory import is_part
from supervisor.runtime.host_clock import HostClock
from supervisor.runtime.reach import PublishedPort

Json = Mapping[str, Any]

_STATES = {
    "created": State.CREATED,
    "running": State.RUNNING,
    "paused": State.RUNNING,
    "restarting": State.RUNNING,
}
"""All others (exited, dead, removing) are EXITED."""


@dataclass
class _Found:
    """What the lists have of one pod."""

    name: str
    namespace: str
    entries: list[Json]


class Observer:
    def __init__(
        self,
        engine: Engine,
        owner: Mapping[str, str],
        clock: HostClock | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock or HostClock()
        self._owner = [f"{key}={value}" for key, value in owner.items()]
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, ObservedContainer]] = {}
        self._oom = set[str]()
        #: Who is asking about a container that was not started or ended meanwhile.
        self._asking: dict[str, object] = {}
        #: What tells us of every start and end; None while the engine does not.
        self._told: object | None = None

    def listening(self, stream: object) -> None:
        """From now on `stream` tells of what happens, until it is `deaf`."""
        with self._lock:
            self._told = stream
            for container_id, (_, seen) in list(self._known.items()):
                if seen.state is State.RUNNING:
                    del self._known[container_id]

    def deaf(self, stream: object) -> None:
        with self._lock:
            if self._told is stream:
                self._told = None

    def note(self, action: str, container_id: str) -> None:
        """The engine has told that this happened to a container."""
        with self._lock:
            if action == "oom":
                # Maybe after it died: then the engine's state of it never says so.
                self._oom.add(container_id)
            elif action in ("start", "die"):
                # A death is told before lists know of it; asking for the container
                # itself waits until the engine has written it down.
                self._known.pop(container_id, None)
                self._asking.pop(container_id, None)

    def pods(self) -> Mapping[str, ObservedPod]:
        noted = frozenset(self._oom)
        with translated():
            found = self._find(self._owner, volumes=True)
            seen = {uid: self._pod(uid, pod, fresh=False) for uid, pod in found.items()}
        listed = {entry["Id"] for pod in found.values() for entry in pod.entries}
        with self._lock:
            for gone in self._known.keys() - listed:
                del self._known[gone]
            self._oom -= noted - listed
        return seen

    def pod(self, uid: str) -> ObservedPod | None:
        wanted = [*self._owner, f"{POD_UID}={uid}"]
        with translated():
            found = self._find(wanted, volumes=False) or self._by_volumes(wanted)
            return self._pod(uid, found[uid], fresh=True) if uid in found else None

    def volumes(self, uid: str) -> list[str]:
        """Names of the volumes of a pod."""
        listed = self._list_volumes([*self._owner, f"{POD_UID}={uid}"])
        return [volume["Name"] for volume in listed]

    def _find(self, labels: list[str], *, volumes: bool) -> dict[str, _Found]:
        pods = self._by_volumes(labels) if volumes else {}
        filters = {"label": labels}
        listed: Iterable[Json] = self._engine.api.containers(all=True, filters=filters)
        for entry in listed:
            if is_part(entry["Labels"]):
                _of(pods, entry["Labels"]).entries.append(entry)
        return pods

    def _by_volumes(self, labels: list[str]) -> dict[str, _Found]:
        pods: dict[str, _Found] = {}
        for volume in self._list_volumes(labels):
            if volume["Labels"].get(POD_UID):
                _of(pods, volume["Labels"])
        return pods

    def _list_volumes(self, labels: list[str]) -> list[Json]:
        answer = self._engine.api.volumes(filters={"label": labels})
        return answer["Volumes"] or []

    def _pod(self, uid: str, found: _Found, *, fresh: bool) -> ObservedPod:
        seen = [c for e in found.entries if (c := self._container(e, fresh))]
        seen.sort(key=lambda c: (c.created_at, c.attempt), reverse=True)
        sandboxes = tuple(c for c in seen if c.name == SANDBOX_NAME)
        ip = ""
        published: tuple[PublishedPort, ...] = ()
        if sandboxes and sandboxes[0].state is State.RUNNING:
            by_id = {entry["Id"]: entry for entry in found.entries}
            ip = _address(by_id[sandboxes[0].id])
            published = _published(by_id[sandboxes[0].id])
        return ObservedPod(
            uid=uid,
            name=found.name,
            namespace=found.namespace,
            sandboxes=sandboxes,
            containers=tuple(c for c in seen if c.name != SANDBOX_NAME),
            ip=ip,
            published=published,
        )

    def _container(self, entry: Json, fresh: bool) -> ObservedContainer | None:
        state = entry["State"]
        is_dead = _STATES.get(state, State.EXITED) is State.EXITED
        # "Up 5 minutes" starts over when someone else has restarted it.
        mark = state if is_dead else entry["Status"]
        known = self._known.get(entry["Id"])
        if known and known[0] == mark and (is_dead or not fresh):
            return self._explained(known[1])
        runs_on = known and not is_dead and known[1].state is State.RUNNING
        # Nobody asks since when a sandbox runs.
        is_sure = entry["Labels"].get(CONTAINER_NAME) == SANDBOX_NAME or (
            fresh and self._told is not None
        )
        if known and runs_on and is_sure:
            return self._explained(known[1])
        return self._inspected(entry["Id"], state, mark)

    def _inspected(
        self, container_id: str, state: str, mark: str
    ) -> ObservedContainer | None:
        own = object()
        with self._lock:
            self._asking[container_id] = own
        try:
            seen = to_observed(self._engine.api.inspect_container(container_id))
        except docker.errors.NotFound:
            return None  # removed since it was listed
        with self._lock:
            # It may have died since, and then the mark would be that of another state,
            # or have been started anew, and then this is what it was before.
            is_current = self._asking.get(container_id) is own
            if is_current and seen.state is _STATES.get(state, State.EXITED):
                self._known[seen.id] = (mark, seen)
            if is_current:
                del self._asking[container_id]
        return self._explained(seen)

    def _explained(self, told: ObservedContainer) -> ObservedContainer:
        """With what we know better, which may have been learnt only since."""
        if told.id not in self._oom and not self._clock.ahead:
            return told
        return replace(
            told,
            created_at=self._clock.ours(told.created_at),
            started_at=self._clock.ours(told.started_at),
            finished_at=self._clock.ours(told.finished_at),
            oom_killed=told.oom_killed or told.id in self._oom,
        )


def _of(pods: dict[str, _Found], labels: Json) -> _Found:
    name, namespace = labels.get(POD_NAME, ""), labels.get(POD_NAMESPACE, "")
    return pods.setdefault(labels.get(POD_UID, ""), _Found(name, namespace, []))


def _address(entry: Json) -> str:
    networks = entry["NetworkSettings"]["Networks"] or {}
    return next((n["IPAddress"] for n in networks.values() if n["IPAddress"]), "")


def _published(entry: Json) -> tuple[PublishedPort, ...]:
    found = [
        PublishedPort(p["PrivatePort"], p["PublicPort"], p.get("IP") or "")
        for p in entry.get("Ports") or ()
        if p["Type"] == "tcp" and p.get("PublicPort")
    ]
    return tuple(sorted(found, key=lambda p: (p.host_port, p.host_ip)))


def to_observed(inspected: Json) -> ObservedContainer:
    """An answer of `inspect` as the contract has it."""
    state, config = inspected["State"], inspected["Config"]
    labels = config["Labels"] or {}
    attempt = labels.get(ATTEMPT, "")
    return ObservedContainer(
        id=inspected["Id"],
        name=labels.get(CONTAINER_NAME, ""),
        state=_STATES.get(state["Status"], State.EXITED),
        attempt=int(attempt) if attempt.isdigit() else 0,
        created_at=_instant(inspected["Created"]),
        image=config["Image"],
        image_id=inspected["Image"],
        started_at=_instant(state["StartedAt"]),
        finished_at=_instant(state["FinishedAt"]),
        exit_code=state["ExitCode"],
        oom_killed=state["OOMKilled"],
        error=state["Error"],
        sandbox_id=labels.get(SANDBOX, ""),
        labels=labels,
    )


def _instant(text: str) -> float:
    """Docker's zero instant is in the year 1."""
    return 0.0 if text.startswith("0001-") else to_seconds(text)
