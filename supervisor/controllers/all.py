"""Start every controller, and hand each the changes that it wants to hear of.

Rules
- One feed per resource serves all controllers.
- A change wakes the keys of the object as it was and as it is, so that who has lost an
  object hears of it too.
- Each rule has one worker: rules may count on never running beside themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.feed import SYNCED, Feed
from supervisor.controllers import event_expiry, pod_gc
from supervisor.controllers.base import AnyRule
from supervisor.controllers.event_expiry import EventExpiry
from supervisor.controllers.garbage_collector import GarbageCollector
from supervisor.controllers.namespaces import Namespaces
from supervisor.controllers.node_lifecycle import NodeLifecycle
from supervisor.controllers.pod_gc import PodGc
from supervisor.controllers.replication import Replication
from supervisor.controllers.scheduler import Scheduler
from supervisor.controllers.taint_eviction import TaintEviction
from supervisor.kinds.all import CATALOG
from supervisor.kinds.catalog import Catalog
from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller
from supervisor.model.errors import ApiError
from supervisor.model.failover import Failover
from supervisor.model.meta import Object


@dataclass(frozen=True)
class Settings:
    catalog: Catalog = CATALOG
    """The kinds that are served."""
    event_ttl_seconds: float = event_expiry.DAYS_3
    most_events: int = event_expiry.MOST_PER_NAMESPACE
    """The most events kept in one namespace."""
    most_finished_pods: int = pod_gc.MOST_FINISHED
    failover: Failover = field(default_factory=Failover)


class Running(Protocol):
    def stop(self) -> None: ...


_REST = 9.0
"""So a rule that reads all pods at each event takes a tenth of a core at most."""
RecorderFor = Callable[[str], EventRecorder]
"""The recorder of a component; the caller stops what it gave out."""


def rules(
    client: Client, clock: Clock, recorder_for: RecorderFor, settings: Settings
) -> list[AnyRule]:
    """All rules, each with what it needs."""
    catalog, collector = settings.catalog, recorder_for("garbage-collector-controller")
    return [
        Replication(client, clock, recorder_for("replication-controller")),
        Scheduler(client, clock, recorder_for("default-scheduler")),
        GarbageCollector(client, clock, collector, catalog),
        Namespaces(client, clock, catalog),
        EventExpiry(
            client,
            clock,
            ttl_seconds=settings.event_ttl_seconds,
            most=settings.most_events,
        ),
        PodGc(client, clock, most_finished=settings.most_finished_pods),
        NodeLifecycle(
            client, clock, recorder_for("node-controller"), settings.failover
        ),
        TaintEviction(
            client,
            clock,
            recorder_for("taint-eviction-controller"),
            settings.failover,
        ),
    ]


class Switchboard:
    """Controllers behind the feeds of the resources that they want to hear of."""

    def __init__(
        self, client: Client, clock: Clock, all_rules: Sequence[AnyRule]
    ) -> None:
        self._rules = all_rules
        self._controllers: dict[str, Controller[Any]] = {
            rule.name: Controller(
                rule.name, rule.reconcile, clock, expected=(ApiError,), rest=_REST
            )
            for rule in all_rules
        }
        wanted = sorted({resource for rule in all_rules for resource in rule.resources})
        self._feeds = [self._feed(client, resource) for resource in wanted]

    def start(self) -> None:
        self.wake_first()
        for controller in self._controllers.values():
            controller.start()
        for feed in self._feeds:
            feed.start()

    def stop(self) -> None:
        """End feeds and workers; what they were at is finished first."""
        for feed in self._feeds:
            feed.stop()
        for controller in self._controllers.values():
            controller.stop()

    def wake_first(self) -> None:
        """Have the rules look at what they look at without any event."""
        for rule in self._rules:
            for key in rule.first_keys:
                self._controllers[rule.name].wake(key)

    def step(self) -> bool:
        """Work on one key of each controller; False when there was none."""
        worked = [controller.step() for controller in self._controllers.values()]
        return any(worked)

    def hear(self, resource: str, before: WatchEvent | None, event: WatchEvent) -> None:
        """Wake whom a change concerns; `before` has the object as it was."""
        seen = [event] if before is None else [before, event]
        for rule in self._rules:
            if resource in rule.resources:
                controller = self._controllers[rule.name]
                for key in {key for each in seen for key in rule.keys_for(each)}:
                    controller.wake(key)

    def _feed(self, client: Client, resource: str) -> Feed:
        def on_event(event: WatchEvent) -> None:
            if event.type == SYNCED:
                return
            known = feed.get(event.object["metadata"]["uid"])
            before = WatchEvent(event.type, known) if known else None
            self.hear(resource, before, event)

        feed = Feed(
            client,
            resource,
            on_event,
            name=f"controllers-{resource}",
            remember=_essence,
        )
        return feed


def _essence(obj: Object) -> Object:
    """What any `keys_for` looks at: large objects are not held in memory."""
    return {
        "apiVersion": obj.get("apiVersion"),
        "kind": obj.get("kind"),
        "metadata": {
            key: value
            for key, value in obj["metadata"].items()
            if key not in ("annotations", "managedFields")
        },
        "spec": {"nodeName": (obj.get("spec") or {}).get("nodeName")},
        "status": {"phase": (obj.get("status") or {}).get("phase")},
    }


def start_all(
    client: Client,
    clock: Clock,
    recorder_for: RecorderFor,
    settings: Settings | None = None,
) -> list[Running]:
    """Start all controllers; stop what is answered to end them."""
    chosen = rules(client, clock, recorder_for, settings or Settings())
    switchboard = Switchboard(client, clock, chosen)
    switchboard.start()
    return [switchboard]
