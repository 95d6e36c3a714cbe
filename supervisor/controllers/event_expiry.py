"""Remove Events that are old, and the oldest where a namespace has too many.

Rules
- An Event's age counts from the last time it happened.
- An Event that an owner of the API wrote without any time counts from its creation.

Follows the event TTL of the API server; the cap is ours.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from supervisor.client.base import Client, DeleteOptions, WatchEvent
from supervisor.client.unreadable import UnreadableReporter
from supervisor.controllers.attempts import Attempts, named
from supervisor.controllers.base import EVERYTHING
from supervisor.kinds.identity import EVENT
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.meta import Object

_PERIOD_SECONDS = 300.0
# Differs from Kubernetes: there they are gone after an hour.
DAYS_3 = 3 * 24 * 3600.0
MAX_PER_NAMESPACE = 5_000


@dataclass(frozen=True)
class Remove:
    namespace: str
    name: str
    uid: str
    resource_version: str
    because: str


def keys_for(_event: WatchEvent) -> Iterable[str]:
    """None: only time makes events old."""
    return []


def plan(
    events: Sequence[Object], now: float, *, ttl_seconds: float, most: int
) -> list[Remove]:
    """Which of `events` to remove."""
    by_namespace: dict[str, list[tuple[float, Object]]] = defaultdict(list)
    todo = []
    for event in events:
        at = _last_at(event)
        if now - at > ttl_seconds:
            todo.append(_remove(event, f"older than {ttl_seconds:.0f} s"))
        else:
            by_namespace[event["metadata"]["namespace"]].append((at, event))
    for young in by_namespace.values():
        young.sort(key=lambda pair: pair[0])
        surplus = young[: max(0, len(young) - most)]
        because = f"more than {most} in the namespace"
        todo.extend(_remove(event, because) for _, event in surplus)
    return todo


def _last_at(event: Object) -> float:
    series = event.get("series") or {}
    text = (
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"]["creationTimestamp"]
    )
    return times.to_seconds(text)


def _remove(event: Object, because: str) -> Remove:
    meta = event["metadata"]
    uid, version = meta.get("uid", ""), meta["resourceVersion"]
    return Remove(meta["namespace"], meta["name"], uid, version, because)


class EventExpiry:
    """The rule `event-expiry`."""

    name = "event-expiry"
    resources: tuple[str, ...] = ()
    first_keys = (EVERYTHING,)

    def __init__(
        self,
        client: Client,
        clock: Clock,
        *,
        ttl_seconds: float = DAYS_3,
        most: int = MAX_PER_NAMESPACE,
    ) -> None:
        self._client = client
        self._clock = clock
        self._ttl_seconds = ttl_seconds
        self._most = most
        self._telling = UnreadableReporter(client, self.name)

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, _key: str) -> float | None:
        now = self._clock.now()
        listed = self._client.list(EVENT.resource)
        for namespace, name in listed.unreadable:
            # Nobody can tell when it happened, nor what.
            self._client.delete(EVENT.resource, name, namespace)
        events = listed.items
        attempt = Attempts(self._telling)
        for action in plan(events, now, ttl_seconds=self._ttl_seconds, most=self._most):
            event = named(EVENT.resource, action.namespace, action.name, action.uid)
            # One that has just happened again is a conflict, and stays.
            attempt(EVENT.resource, event, partial(self._remove, action))
        attempt.finish()
        return now + _PERIOD_SECONDS

    def _remove(self, action: Remove) -> None:
        options = DeleteOptions(resource_version=action.resource_version)
        self._client.delete(EVENT.resource, action.name, action.namespace, options)
