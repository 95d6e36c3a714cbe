"""Start every controller, and hand each the changes that it wants to hear of.

Rules
- One feed per resource serves all controllers.
- A change wakes the keys of the object as it was and as it is, so that who has lost an
  object hears of it too.
- Each rule has one worker: rules may count on never running beside themselves.
- Each rule has a TolerantClient of its own: an object that cannot be read stops none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from supervisor.client.base import Client, WatchEvent
from supervisor.client.events import EventRecorder
from supervisor.client.feed import SYNCED, Feed
from supervisor.controllers import event_expiry, pod_gc
from supervisor.controllers.base import AnyRule, concerned
from supervisor.controllers.disruption.controller import Disruption
from supervisor.controllers.event_expiry import EventExpiry
from supervisor.controllers.garbage_collector import GarbageCollector
from supervisor.controllers.guarded import Guarded
from supervisor.controllers.namespaces import Namespaces
from supervisor.controllers.nodes.lifecycle import NodeLifecycle
from supervisor.controllers.nodes.taint_eviction import TaintEviction
from supervisor.controllers.pod_gc import PodGc
from supervisor.controllers.scheduler import Scheduler
from supervisor.controllers.service_accounts import ServiceAccounts
from supervisor.controllers.storage.controller import Binder
from supervisor.controllers.workloads.cronjobs.controller import CronJobs
from supervisor.controllers.workloads.daemonsets.controller import DaemonSets
from supervisor.controllers.workloads.deployments.controller import Deployments
from supervisor.controllers.workloads.jobs.controller import Jobs
from supervisor.controllers.workloads.replication import REPLICA_SETS, Replication
from supervisor.controllers.workloads.statefulsets.controller import StatefulSets
from supervisor.kinds.all import CATALOG
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import NODE
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
    most_events: int = event_expiry.MAX_PER_NAMESPACE
    """The most events kept in one namespace."""
    most_finished_pods: int = pod_gc.MAX_FINISHED
    failover: Failover = field(default_factory=Failover)


class Stoppable(Protocol):
    def stop(self, timeout: float = 5.0) -> None: ...


class Running(Stoppable, Protocol):
    def dead(self) -> list[str]:
        """What has ended although nobody stopped it, by name."""


_REST = 9.0
"""So a rule that reads all pods at each event takes a tenth of a core at most."""
RecorderFor = Callable[[str], EventRecorder]
"""The recorder of a component; the caller stops what it gave out."""


def rules(
    client: Client, clock: Clock, recorder_for: RecorderFor, settings: Settings
) -> list[AnyRule]:
    """All rules, each with what it needs."""
    silent: dict[str, Callable[[Client], AnyRule]] = {
        "namespace-controller": lambda c: Namespaces(c, clock, settings.catalog),
        "serviceaccount-controller": lambda c: ServiceAccounts(c),
        "event-expiry": lambda c: _event_expiry(c, clock, settings),
        "pod-garbage-collector": lambda c: PodGc(
            c, clock, most_finished=settings.most_finished_pods
        ),
    }
    found: list[AnyRule] = [
        Guarded(client, name, partial(make, recorder=recorder_for(name)))
        for name, make in _recording(clock, settings).items()
    ]
    return found + [Guarded(client, name, make) for name, make in silent.items()]


class _Make(Protocol):
    def __call__(self, client: Client, /, recorder: EventRecorder) -> AnyRule: ...


def _recording(clock: Clock, settings: Settings) -> dict[str, _Make]:
    """The rules that record events, by the component that their events name."""
    catalog, failover = settings.catalog, settings.failover
    return _workloads(clock) | {
        # The name of upstream's recorder, which users see in events.
        "controllermanager": lambda c, recorder: Disruption(
            c, clock, recorder, catalog
        ),
        "default-scheduler": lambda c, recorder: Scheduler(c, clock, recorder),
        "garbage-collector-controller": lambda c, recorder: GarbageCollector(
            c, clock, recorder, catalog
        ),
        "node-controller": lambda c, recorder: NodeLifecycle(
            c, clock, recorder, failover
        ),
        "taint-eviction-controller": lambda c, recorder: TaintEviction(
            c, clock, recorder, failover
        ),
    }


def _workloads(clock: Clock) -> dict[str, _Make]:
    """The rules of kinds that make pods."""
    return {
        "replication-controller": lambda c, recorder: Replication(c, clock, recorder),
        "replicaset-controller": lambda c, recorder: Replication(
            c, clock, recorder, REPLICA_SETS
        ),
        "deployment-controller": lambda c, recorder: Deployments(c, clock, recorder),
        "daemonset-controller": lambda c, recorder: DaemonSets(c, clock, recorder),
        "persistentvolume-controller": lambda c, recorder: Binder(c, clock, recorder),
        "statefulset-controller": lambda c, recorder: StatefulSets(c, clock, recorder),
        "job-controller": lambda c, recorder: Jobs(c, clock, recorder),
        "cronjob-controller": lambda c, recorder: CronJobs(c, clock, recorder),
    }


def _event_expiry(client: Client, clock: Clock, settings: Settings) -> EventExpiry:
    ttl, most = settings.event_ttl_seconds, settings.most_events
    return EventExpiry(client, clock, ttl_seconds=ttl, most=most)


class Switchboard:
    """Controllers behind the feeds of the resources that they want to hear of."""

    def __init__(
        self, client: Client, clock: Clock, all_rules: Sequence[AnyRule]
    ) -> None:
        self._rules = all_rules
        self._controllers: dict[str, Controller[Any]] = {
            rule.name: Controller(
                rule.name, rule.reconcile, clock, expected=(ApiError,), cooldown=_REST
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

    def stop(self, timeout: float = 5.0) -> None:
        """End feeds and workers; what they are at has that long to be finished."""
        parts: list[Stoppable] = [*self._feeds, *self._controllers.values()]
        for part in parts:
            part.stop(0)
        # All are told before any is waited for, so one wait is nearly all of it.
        for part in parts:
            part.stop(timeout)

    def dead(self) -> list[str]:
        """The rules whose worker has ended although nobody stopped it."""
        return [n for n, each in self._controllers.items() if not each.is_alive]

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
        for rule in self._rules:
            if resource in rule.resources:
                controller = self._controllers[rule.name]
                for key in concerned(rule, before, event):
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
    """What rules look at in an object as it was: large ones are not held in memory."""
    if obj.get("kind") == NODE.kind:
        return obj  # there are few, and all of them matters to the scheduler
    return {
        "apiVersion": obj.get("apiVersion"),
        "kind": obj.get("kind"),
        "metadata": {
            key: value
            for key, value in obj["metadata"].items()
            if key not in ("annotations", "managedFields")
        },
        "spec": {"nodeName": _member(obj, "spec", "nodeName")},
        "status": {"phase": _member(obj, "status", "phase")},
    }


def _member(obj: Object, part: str, name: str) -> Any:
    found = obj.get(part)
    return found.get(name) if isinstance(found, dict) else None


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
