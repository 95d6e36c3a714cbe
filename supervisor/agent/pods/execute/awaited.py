"""What containers wait for before they can start: ConfigMaps, Secrets, free ports.

Rules
- Whoever waits is tried again after a while anyway; here it is only woken earlier.
- ConfigMaps and Secrets are followed only while somebody waits for one, and no more is
  kept of each than its name and version.
- Only a newer object wakes: one that lacks a key is no news to who has seen it.
"""

import threading
from collections.abc import Callable

from supervisor.agent.pods.failures import Awaits, HostPort, MissingObject
from supervisor.client.base import Client, WatchEvent
from supervisor.client.feed import SYNCED, Feed
from supervisor.kinds.identity import CONFIG_MAP, SECRET
from supervisor.model.meta import Object

_RESOURCES = (CONFIG_MAP.resource, SECRET.resource)
_KEPT = ("uid", "name", "namespace", "resourceVersion")


class Awaited:
    """`release(pod uid, container)` has a container tried again now."""

    def __init__(self, client: Client, release: Callable[[str, str], None]) -> None:
        self._client = client
        self._release = release
        self._lock = threading.Lock()
        self._running = False
        #: By pod uid and container.
        self._waiting: dict[tuple[str, str], Awaits] = {}
        #: Versions of what is followed, by (resource, namespace, name).
        self._versions: dict[tuple[str, str, str], int] = {}
        self._feeds: dict[str, Feed] = {}

    def start(self) -> None:
        with self._lock:
            self._running = True
            self._tend()

    def stop(self) -> None:
        with self._lock:
            self._running = False
            self._tend()

    def put(self, pod_uid: str, container: str, awaits: Awaits | None) -> None:
        """What a container waits for as of now; None: for nothing."""
        with self._lock:
            self._waiting.pop((pod_uid, container), None)
            has_come = False
            if awaits is not None:
                self._waiting[pod_uid, container] = awaits
            if isinstance(awaits, MissingObject):
                # Heard of between the look and this. Once: what was heard may be old.
                has_come = self._versions.get(awaits.key, 0) > awaits.version
                if has_come:
                    del self._versions[awaits.key]
            self._tend()
        if has_come:
            self._release(pod_uid, container)

    def forget(self, pod_uid: str) -> None:
        """The pod is gone."""
        with self._lock:
            for who in [who for who in self._waiting if who[0] == pod_uid]:
                del self._waiting[who]
            self._tend()

    def hear(self, resource: str, event: WatchEvent) -> None:
        """A ConfigMap or Secret has changed."""
        if event.type == SYNCED:
            return
        meta = event.object["metadata"]
        key = (resource, str(meta["namespace"]), str(meta["name"]))
        with self._lock:
            if event.type == "DELETED":
                self._versions.pop(key, None)
                return
            version = self._versions[key] = int(meta["resourceVersion"])
            woken = [
                who
                for who, awaits in self._waiting.items()
                if isinstance(awaits, MissingObject)
                and awaits.key == key
                and version > awaits.version
            ]
        for who in woken:
            self._release(*who)

    def freed(self) -> None:
        """A pod has gone from the engine, and its ports of the host with it."""
        with self._lock:
            woken = [w for w, a in self._waiting.items() if isinstance(a, HostPort)]
        for who in woken:
            self._release(*who)

    def _tend(self) -> None:
        """Follow what somebody waits for, and nothing else. Holds the lock."""
        waiting = self._waiting.values()
        wanted = {a.resource for a in waiting if isinstance(a, MissingObject)}
        for resource in _RESOURCES:
            follows, needed = resource in self._feeds, resource in wanted
            if self._running and needed and not follows:
                self._feeds[resource] = self._followed(resource)
            elif follows and not (self._running and needed):
                self._feeds.pop(resource).stop(0)
                for key in [k for k in self._versions if k[0] == resource]:
                    del self._versions[key]

    def _followed(self, resource: str) -> Feed:
        feed = Feed(
            self._client,
            resource,
            lambda event: self.hear(resource, event),
            remember=_named,
        )
        feed.start()
        return feed


def _named(obj: Object) -> Object:
    return {"metadata": {key: obj["metadata"].get(key, "") for key in _KEPT}}
