"""Observe the pods on an engine.

Rules
- One list call finds everything; a container is inspected only for what the list lacks.
  A dead container never changes, so it is inspected once. So is a running one, as long
  as events report every start: somebody else may restart it.
- What carries our labels without being part of a pod is ignored; docker/inventory.py
  lists it.
- A pod is found by its volumes too: they are all that is left if the daemon ends
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
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.inventory import is_part
from supervisor.runtime.docker.pods.bodies import SANDBOX_NAME
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
    """The list entries of one pod."""

    name: str
    namespace: str
    entries: list[Json]


class Observer:
    def __init__(
        self,
        client: EngineClient,
        owner: Mapping[str, str],
        clock: HostClock | None = None,
    ) -> None:
        self._client = client
        self._clock = clock or HostClock()
        self._owner = [f"{key}={value}" for key, value in owner.items()]
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, ObservedContainer]] = {}
        self._oom = set[str]()
        #: The latest inspection of each container that has not started or ended since.
        self._inspections: dict[str, object] = {}
        #: The stream that reports every start and end; None while there is none.
        self._events: object | None = None

    def events_opened(self, stream: object) -> None:
        """`stream` reports all changes from now on, until `events_ended`."""
        with self._lock:
            self._events = stream
            for container_id, (_, seen) in list(self._known.items()):
                if seen.state is State.RUNNING:
                    del self._known[container_id]

    def events_ended(self, stream: object) -> None:
        with self._lock:
            if self._events is stream:
                self._events = None

    def note(self, action: str, container_id: str) -> None:
        """The engine has reported an event of a container."""
        with self._lock:
            if action == "oom":
                # It may be reported after the death, and then `inspect` lacks it.
                self._oom.add(container_id)
            elif action in ("start", "die"):
                # A death is reported before lists show it; `inspect` waits until the
                # engine has recorded it.
                self._known.pop(container_id, None)
                self._inspections.pop(container_id, None)

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
        """Names of a pod's volumes."""
        listed = self._list_volumes([*self._owner, f"{POD_UID}={uid}"])
        return [volume["Name"] for volume in listed]

    def _find(self, labels: list[str], *, volumes: bool) -> dict[str, _Found]:
        pods = self._by_volumes(labels) if volumes else {}
        filters = {"label": labels}
        listed: Iterable[Json] = self._client.api.containers(all=True, filters=filters)
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
        answer = self._client.api.volumes(filters={"label": labels})
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
        # "Up 5 minutes" starts over when somebody else has restarted it.
        mark = state if is_dead else entry["Status"]
        known = self._known.get(entry["Id"])
        if known and known[0] == mark and (is_dead or not fresh):
            return self._corrected(known[1])
        runs_on = known and not is_dead and known[1].state is State.RUNNING
        # The start time of a sandbox is never used.
        is_sure = entry["Labels"].get(CONTAINER_NAME) == SANDBOX_NAME or (
            fresh and self._events is not None
        )
        if known and runs_on and is_sure:
            return self._corrected(known[1])
        return self._inspected(entry["Id"], state, mark)

    def _inspected(
        self, container_id: str, state: str, mark: str
    ) -> ObservedContainer | None:
        own = object()
        with self._lock:
            self._inspections[container_id] = own
        try:
            seen = to_observed(self._client.api.inspect_container(container_id))
        except docker.errors.NotFound:
            return None  # removed since it was listed
        with self._lock:
            # It may have died since, and then the mark is that of another state, or
            # have been restarted, and then this is its former state.
            is_current = self._inspections.get(container_id) is own
            if is_current and seen.state is _STATES.get(state, State.EXITED):
                self._known[seen.id] = (mark, seen)
            if is_current:
                del self._inspections[container_id]
        return self._corrected(seen)

    def _corrected(self, seen: ObservedContainer) -> ObservedContainer:
        """With what events and the host's clock add, which may be known only since."""
        if seen.id not in self._oom and not self._clock.ahead:
            return seen
        return replace(
            seen,
            created_at=self._clock.ours(seen.created_at),
            started_at=self._clock.ours(seen.started_at),
            finished_at=self._clock.ours(seen.finished_at),
            oom_killed=seen.oom_killed or seen.id in self._oom,
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
    """Convert the answer of `inspect`."""
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
    """Docker's zero time is in the year 1."""
    return 0.0 if text.startswith("0001-") else to_seconds(text)
