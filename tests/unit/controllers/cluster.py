"""The real API in memory with controllers on it, moved by hand.

`settle` does what the threads of the daemon do: it hands changes to the controllers and
works on their keys, until nothing is left to do at this instant.
"""

from typing import Any

from supervisor.api.registry.registry import Registry
from supervisor.client.base import DeleteOptions, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.controllers.all import Settings, Switchboard, rules
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock

MAX_ROUNDS = 200


class Cluster:
    """`names` are the rules that run; all by default."""

    def __init__(self, *names: str, settings: Settings | None = None) -> None:
        self.clock = FakeClock()
        self.store = SqliteStore(":memory:")
        self.api = Registry(self.store, self.clock)
        self._recorders: list[EventRecorder] = []
        self._names = names
        self._settings = settings or Settings()
        self.restart()

    def restart(self) -> None:
        """Drop all that the controllers remember: wishes, timers and the past."""
        for key in self.clock.timers():
            self.clock.cancel(key)
        chosen = rules(self.api, self.clock, self._recorder, self._settings)
        self.rules = [r for r in chosen if not self._names or r.name in self._names]
        self.switchboard = Switchboard(self.api, self.clock, self.rules)
        self._known: dict[str, Object] = {}
        resources = {resource for rule in self.rules for resource in rule.resources}
        self._cursors = {r: self.api.cursor(r, since="0") for r in sorted(resources)}
        self.switchboard.wake_first()

    def _recorder(self, component: str) -> EventRecorder:
        recorder = EventRecorder(self.api, self.clock, component, threaded=False)
        self._recorders.append(recorder)
        return recorder

    def settle(self) -> int:
        """Work until nothing is left to do now; the number of rounds it took."""
        for rounds in range(MAX_ROUNDS):
            heard = [self._hear(resource) for resource in self._cursors]
            if not self.switchboard.step() and not any(heard):
                return rounds
        raise AssertionError(f"not settled after {MAX_ROUNDS} rounds")

    def advance(self, seconds: float) -> None:
        """Let time pass, working at each instant at which something is due."""
        until = self.clock.now() + seconds
        self.settle()
        while (due := self.clock.next_at()) is not None and due <= until:
            self.clock.advance_to(due)
            self.settle()
        self.clock.advance_to(until)

    def _hear(self, resource: str) -> bool:
        events = self._cursors[resource].poll()
        for event in events:
            if event.type in ("BOOKMARK", "ERROR"):
                continue
            uid = event.object["metadata"].get("uid")
            if uid is None:
                continue  # a damaged object that nobody knew; a feed leaves it out, too
            known = self._known.get(uid)
            before = WatchEvent(event.type, known) if known else None
            self.switchboard.hear(resource, before, event)
            self._known[uid] = event.object
        return bool(events)

    def create(self, resource: str, body: Object, namespace: str = "") -> Object:
        """Create `body` as a user would: without uid."""
        body["metadata"].pop("uid", None)
        return self.api.create(resource, body, namespace)

    def pods(self, namespace: str = "", labels: str = "") -> list[Object]:
        return self.api.list("pods", namespace, labels=labels).items

    def active(self, labels: str = "") -> list[str]:
        """The names of the pods that are not being deleted."""
        pods = self.pods(labels=labels)
        return [
            pod["metadata"]["name"]
            for pod in pods
            if "deletionTimestamp" not in pod["metadata"]
        ]

    def set_status(self, pod: Object, **status: Any) -> Object:
        """Report a status as an agent would."""
        fresh = self.api.get(
            "pods", pod["metadata"]["name"], pod["metadata"]["namespace"]
        )
        fresh["status"] = fresh.get("status", {}) | status
        return self.api.update("pods", fresh, subresource="status")

    def remove_containers(self) -> None:
        """Confirm the end of every pod that is being deleted, as an agent would."""
        for pod in self.pods():
            meta = pod["metadata"]
            if "deletionTimestamp" in meta:
                options = DeleteOptions(grace_period_seconds=0, uid=meta["uid"])
                self.api.delete("pods", meta["name"], meta["namespace"], options)

    def events(self, reason: str = "") -> list[str]:
        """`reason message xCOUNT` of all events, in the order of their names."""
        for recorder in self._recorders:
            recorder.flush()
        return [
            f"{event['reason']} {event['message']} x{event['count']}"
            for event in self.api.list("events").items
            if reason in ("", event["reason"])
        ]
