"""A second opinion: whether a pod may be put on a node, spelled out the slow way.

Written from the documentation of Kubernetes and not from the scheduler, over plain
data, so that properties compare two independent readings of the same rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from tests.unit.controllers.build import requesting, waiting
from tests.unit.controllers.scheduling.judging import HOST, ZONE, labels, node
from tests.unit.controllers.scheduling.judging import far as far_from
from tests.unit.controllers.scheduling.judging import near as near_to
from tests.unit.controllers.scheduling.judging import spread as spread_over

TAINT = {"key": "dedicated", "effect": "NoSchedule"}


@dataclass(frozen=True)
class Place:
    """A node."""

    name: str
    cpu: int
    pods: int = 110
    zone: str = ""
    tainted: bool = False
    cordoned: bool = False
    ready: bool = True

    def domain(self, key: str) -> str:
        """The value of a label; empty without it."""
        return self.name if key == HOST else self.zone

    def to_node(self) -> Node:
        return node(
            self.name,
            zone=self.zone,
            cpu=f"{self.cpu}m",
            pods=str(self.pods),
            taints=[TAINT] if self.tainted else [],
            unschedulable=self.cordoned,
            ready="True" if self.ready else "False",
        )


@dataclass(frozen=True)
class Guest:
    """A pod. Apps and topology keys of its rules are empty when it has no such rule."""

    name: str
    app: str
    cpu: int = 0
    port: int = 0
    zone: str = ""
    bold: bool = False
    near: tuple[str, str] = ("", "")
    far: tuple[str, str] = ("", "")
    spread: tuple[str, ...] = field(default=())
    """Topology keys over which the pods of the same app are spread, with skew 1."""

    def to_pod(self) -> Pod:
        affinity: Object = {}
        if self.near[0]:
            affinity |= near_to(labels(app=self.near[0]), self.near[1])
        if self.far[0]:
            affinity |= far_from(labels(app=self.far[0]), self.far[1])
        (container,) = requesting(cpu=f"{self.cpu}m")
        if self.port:
            container["ports"] = [{"containerPort": 80, "hostPort": self.port}]
        same = labels(app=self.app)
        return waiting(
            self.name,
            labels={"app": self.app},
            owned_by=None,
            containers=[container],
            affinity=affinity,
            nodeSelector={ZONE: self.zone} if self.zone else {},
            tolerations=[{"key": "dedicated", "operator": "Exists"}] * self.bold,
            topologySpreadConstraints=[
                spread_over(key, labelSelector=same) for key in self.spread
            ],
        )


Settled = Sequence[tuple[Guest, Place]]


def may_go(
    guest: Guest, place: Place, settled: Settled, places: Sequence[Place]
) -> bool:
    """Whether every rule allows it, with `settled` there already."""
    return all(_verdicts(guest, place, settled, places))


def _verdicts(
    guest: Guest, place: Place, settled: Settled, places: Sequence[Place]
) -> Iterator[bool]:
    here = [other for other, where in settled if where == place]
    yield place.ready and not place.cordoned
    yield guest.bold or not place.tainted
    yield guest.zone in ("", place.zone)
    yield len(here) < place.pods
    yield not guest.cpu or guest.cpu + sum(o.cpu for o in here) <= place.cpu
    yield not guest.port or guest.port not in [o.port for o in here]
    for other, where in settled:
        yield not _keeps_away(guest, other, place, where)
        yield not _keeps_away(other, guest, where, place)
    yield _is_near(guest, place, settled)
    for key in guest.spread:
        yield _is_even(guest, place, key, settled, places)


def _keeps_away(one: Guest, other: Guest, here: Place, there: Place) -> bool:
    app, key = one.far
    shared = here.domain(key) != "" and here.domain(key) == there.domain(key)
    return bool(app) and other.app == app and shared


def _is_near(guest: Guest, place: Place, settled: Settled) -> bool:
    app, key = guest.near
    if not app:
        return True
    if not place.domain(key):
        return False
    domains = {w.domain(key) for o, w in settled if o.app == app} - {""}
    return place.domain(key) in domains or (not domains and guest.app == app)


def _is_even(
    guest: Guest,
    place: Place,
    key: str,
    settled: Settled,
    places: Sequence[Place],
) -> bool:
    counted = [
        p
        for p in places
        if all(p.domain(k) for k in guest.spread) and guest.zone in ("", p.zone)
    ]
    if not place.domain(key) or place not in counted:
        return False
    counts = {p.domain(key): 0 for p in counted}
    for other, where in settled:
        if other.app == guest.app and where in counted:
            counts[where.domain(key)] += 1
    return counts[place.domain(key)] + 1 - min(counts.values()) <= 1
