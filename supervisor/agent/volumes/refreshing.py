"""Write the files of volumes again after their sources have changed.

Rules
- ConfigMaps and Secrets are watched only while a pod of this node mounts one, and of
  each only the metadata is kept.
- Each change wakes the pods that mount the object; so does a change of a pod's own
  labels and annotations.
- If a source is missing now, the files stay and an event says so, as in the kubelet.
"""

import logging
import threading
from collections.abc import Callable, Mapping

from supervisor.agent.pods.bound_pods import BoundPods, PodRecord
from supervisor.agent.pods.events import AgentEvents
from supervisor.agent.pods.failures import StartFailed
from supervisor.agent.volumes.base import Followed, Medium
from supervisor.agent.volumes.filling import FilledVolumes
from supervisor.agent.volumes.types import of_medium, type_of
from supervisor.client.base import Client, WatchEvent
from supervisor.client.feed import SYNCED, Feed
from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.runtime.base import ObservedPod, Runtime, RuntimeFailure, State

_KEPT = ("uid", "name", "namespace", "resourceVersion")
_Key = tuple[str, str, str]
"""Resource, namespace and name."""
_log = logging.getLogger(__name__)


class Refresher:
    """`pod_ip(record, seen)` is the address of a pod."""

    def __init__(
        self,
        client: Client,
        runtime: Runtime,
        bound_pods: BoundPods,
        filled: FilledVolumes,
        events: AgentEvents,
        clock: Clock,
        pod_ip: Callable[[PodRecord, ObservedPod | None], str],
    ) -> None:
        self._client = client
        self._runtime = runtime
        self._bound_pods = bound_pods
        self._filled = filled
        self._events = events
        self._clock = clock
        self._pod_ip = pod_ip
        self._lock = threading.Lock()
        self._running = False
        #: The objects that each pod mounts, by pod uid.
        self._mounted: dict[str, frozenset[_Key]] = {}
        self._feeds: dict[str, Feed] = {}
        #: The last failure of each pod, by uid: an event only tells news.
        self._failures: dict[str, str] = {}
        self.controller: Controller[str] = Controller(
            "volumes", self._refresh, clock, expected=(ApiError, RuntimeFailure)
        )

    def start(self) -> None:
        with self._lock:
            self._running = True
            self._tend()
        self.controller.start()

    def stop(self, timeout: float) -> None:
        with self._lock:
            self._running = False
            self._tend()
        self.controller.stop(timeout)

    def changed(self, pod_uid: str) -> None:
        """A pod's object has come, changed or gone. Any thread; never blocks."""
        record = self._bound_pods.get(pod_uid)
        mounted = frozenset(_mounted(record.pod)) if record else frozenset()
        has_files = record is not None and any(of_medium(record.pod, Medium.FILES))
        with self._lock:
            before = self._mounted.pop(pod_uid, frozenset())
            if has_files:
                self._mounted[pod_uid] = mounted
            else:
                self._failures.pop(pod_uid, None)
            if before != mounted:
                self._tend()
        if has_files:
            self.controller.wake(pod_uid)
        elif record is None:
            self._filled.forget(pod_uid)

    def hear(self, resource: str, event: WatchEvent) -> None:
        """A ConfigMap or Secret has changed."""
        if event.type == SYNCED:
            return
        meta = event.object["metadata"]
        key = (resource, str(meta["namespace"]), str(meta["name"]))
        with self._lock:
            woken = [uid for uid, keys in self._mounted.items() if key in keys]
        for uid in woken:
            self.controller.wake(uid)

    def _refresh(self, pod_uid: str) -> float | None:
        record, seen = self._bound_pods.get(pod_uid), self._runtime.pod(pod_uid)
        if record is None or seen is None:
            return None
        sandbox = next(iter(seen.sandboxes), None)
        if sandbox is None or sandbox.state is not State.RUNNING:
            return None
        try:
            address = self._pod_ip(record, seen)
            changed = self._filled.fill(record.pod, sandbox.id, address)
        except StartFailed as error:
            return self._failed(record, error)
        with self._lock:
            self._failures.pop(pod_uid, None)
        for name in changed:
            _log.info("%s: wrote the files of volume %s", record.title, name)
        return None

    def _failed(self, record: PodRecord, error: StartFailed) -> float:
        with self._lock:
            news = self._failures.get(record.uid) != error.message
            self._failures[record.uid] = error.message
        if news:
            self._events.pod(record, "Warning", "FailedMount", error.message)
        return self._clock.now() + error.retry_seconds

    def _tend(self) -> None:
        """Follow the resources that are mounted, and no others. Holds the lock."""
        wanted = {key[0] for keys in self._mounted.values() for key in keys}
        for resource in wanted - self._feeds.keys() if self._running else ():
            self._feeds[resource] = self._feed(resource)
        for resource in self._feeds.keys() - (wanted if self._running else set()):
            self._feeds.pop(resource).stop(0)

    def _feed(self, resource: str) -> Feed:
        feed = Feed(
            self._client,
            resource,
            lambda event: self.hear(resource, event),
            name=f"volumes-{resource}",
            remember=_named,
        )
        feed.start()
        return feed


def _named(obj: Object) -> Object:
    meta: Mapping[str, object] = obj["metadata"]
    return {"metadata": {key: meta.get(key, "") for key in _KEPT}}


def _mounted(pod: Pod) -> list[_Key]:
    namespace = pod.metadata.namespace
    followed: list[Followed] = [
        each
        for volume in of_medium(pod, Medium.FILES)
        for each in type_of(volume).followed(volume)
    ]
    return [(each.resource, namespace, each.name) for each in followed]
