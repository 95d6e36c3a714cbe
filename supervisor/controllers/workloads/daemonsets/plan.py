"""What to do about the pods of a DaemonSet. Pure.

Rules
- One pod for each node that it fits; of several on a node the oldest stays. Pods on
  other nodes go, also those whose node is gone.
- A pod that has ended is deleted, and the next one is made for its node: after failures
  later each time, a second at first and a quarter of an hour at most.
- RollingUpdate replaces pods of an older template as far as maxUnavailable allows, or,
  with maxSurge, starts the new one beside the old. OnDelete waits for somebody to
  delete them.

Follows pkg/controller/daemon/{daemon_controller,update}.go.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supervisor.controllers.workloads.availability import is_available
from supervisor.controllers.workloads.daemonsets.nodes import node_of
from supervisor.controllers.workloads.history import HASH_LABEL
from supervisor.kinds.workloads import amounts
from supervisor.model.pod import Pod
from supervisor.model.workloads import DaemonSet

BURST = 250


@dataclass(frozen=True)
class CreatePod:
    node: str
    because: str

    def __str__(self) -> str:
        return f"create a pod for {self.node} ({self.because})"


@dataclass(frozen=True)
class DeletePod:
    name: str
    uid: str
    because: str
    event: tuple[str, str, str] | None = None
    """Type, reason and message, where more is to be told than the deletion."""

    def __str__(self) -> str:
        return f"delete pod {self.name} ({self.because})"


Action = CreatePod | DeletePod


@dataclass(frozen=True)
class Plan:
    actions: tuple[Action, ...] = ()
    failed_nodes: tuple[str, ...] = ()
    """Nodes whose pod has failed and is replaced now."""
    wake_at: float | None = None


@dataclass(frozen=True)
class Sight:
    """All that a plan is made from."""

    daemon_set: DaemonSet
    pods: Sequence[Pod]
    nodes: Mapping[str, bool]
    """The nodes that the pod may stay on; True where one should be started."""
    revision: str
    """Hash of the present template."""
    now: float
    retry_at: Mapping[str, float]
    """When a node whose pod has failed may get the next one."""

    def by_node(self) -> dict[str, list[Pod]]:
        """The pods of each node that are not being deleted, the oldest first."""
        found = defaultdict[str, list[Pod]](list)
        for pod in self.pods:
            if pod.metadata.deletion_timestamp is None:
                found[node_of(pod)].append(pod)
        for rows in found.values():
            rows.sort(key=_age)
        return found

    def is_new(self, pod: Pod) -> bool:
        return (pod.metadata.labels or {}).get(HASH_LABEL) == self.revision

    def available(self, pod: Pod) -> bool:
        seconds = self.daemon_set.spec.min_ready_seconds
        return is_available(pod, seconds, self.now)


def _age(pod: Pod) -> tuple[str, str]:
    return pod.metadata.creation_timestamp or "", pod.metadata.uid


def plan(sight: Sight) -> Plan:
    if sight.daemon_set.metadata.deletion_timestamp:
        return Plan()
    placed = _place(sight)
    if sight.daemon_set.spec.update_strategy.type != "RollingUpdate":
        return placed
    going = {a.uid for a in placed.actions if isinstance(a, DeletePod)}
    made = {a.node for a in placed.actions if isinstance(a, CreatePod)}
    update = _update(sight, going, made)
    return Plan((*placed.actions, *update), placed.failed_nodes, placed.wake_at)


def _place(sight: Sight) -> Plan:
    actions: list[Action] = []
    failed: list[str] = []
    by_node, wakes = sight.by_node(), list[float]()
    for node, should_run in sorted(sight.nodes.items()):
        pods = by_node.pop(node, [])
        kept, deleted = _on_node(sight, node, pods)
        actions += deleted
        if any(a.event is not None and "Failed" in a.event[1] for a in deleted):
            failed.append(node)
        if kept or not should_run or _leaving(sight, node):
            continue
        at = sight.retry_at.get(node, 0.0)
        if deleted:
            continue  # the deletion wakes us
        if at > sight.now:
            wakes.append(at)
        else:
            actions.append(CreatePod(node, "the node has none"))
    for node, pods in by_node.items():
        why = f"it does not fit node {node}" if node else "it has no node"
        actions += [_delete(pod, why) for pod in pods]
    return Plan(tuple(actions[:BURST]), tuple(failed), min(wakes, default=None))


def _leaving(sight: Sight, node: str) -> bool:
    """Whether a pod of the node is still ending: the next one waits for that."""
    return any(
        pod.metadata.deletion_timestamp and node_of(pod) == node for pod in sight.pods
    )


def _on_node(
    sight: Sight, node: str, pods: Sequence[Pod]
) -> tuple[list[Pod], list[DeletePod]]:
    """Which pods of a node stay, and which go."""
    kept, gone = list[Pod](), list[DeletePod]()
    for pod in pods:
        where = f"{pod.metadata.namespace}/{pod.metadata.name} on node {node}"
        if pod.status.phase == "Failed":
            text = f"Found failed daemon pod {where}, will try to kill it"
            event = ("Warning", "FailedDaemonPod", text)
            gone.append(_delete(pod, "it has failed", event))
        elif pod.status.phase == "Succeeded":
            text = f"Found succeeded daemon pod {where}, will try to delete it"
            event = ("Normal", "SucceededDaemonPod", text)
            gone.append(_delete(pod, "it has ended", event))
        else:
            kept.append(pod)
    allowed = 2 if _surge(sight) and _are_two_templates(sight, kept) else 1
    surplus = kept[allowed:]
    gone += [_delete(pod, "the node has an older one") for pod in surplus]
    return kept[:allowed], gone


def _are_two_templates(sight: Sight, pods: Sequence[Pod]) -> bool:
    return len({sight.is_new(pod) for pod in pods}) == 2


def _surge(sight: Sight) -> int:
    rolling = sight.daemon_set.spec.update_strategy.rolling_update
    total = sum(sight.nodes.values())
    return amounts.scaled(rolling.max_surge, total, up=True) if rolling else 0


def _update(sight: Sight, going: set[str], made: set[str]) -> list[Action]:
    surge = _surge(sight)
    return _with_surge(sight, surge, going) if surge else _without(sight, going, made)


def _running(sight: Sight, going: set[str]) -> dict[str, list[Pod]]:
    return {
        node: [p for p in pods if p.metadata.uid not in going]
        for node, pods in sight.by_node().items()
        if node in sight.nodes
    }


def _without(sight: Sight, going: set[str], made: set[str]) -> list[Action]:
    rolling = sight.daemon_set.spec.update_strategy.rolling_update
    total = sum(sight.nodes.values())
    given = rolling.max_unavailable if rolling else 1
    most = max(1, amounts.scaled(given, total, up=True))
    running = _running(sight, going)
    missing, broken, whole = len(made), list[Pod](), list[Pod]()
    for node, should_run in sight.nodes.items():
        pods = running.get(node, [])
        if len(pods) != 1:
            missing += int(should_run and node not in made)
            continue
        (pod,) = pods
        is_old, works = not sight.is_new(pod), sight.available(pod)
        missing += int(not works)
        if is_old:
            (whole if works else broken).append(pod)
    chosen = [*broken, *whole[: max(0, most - missing)]]
    return [_delete(pod, "its template is old") for pod in chosen]


def _with_surge(sight: Sight, surge: int, going: set[str]) -> list[Action]:
    running = _running(sight, going)
    actions: list[Action] = []
    doubled = sum(len(pods) > 1 for pods in running.values())
    for node, pods in sorted(running.items()):
        new = [p for p in pods if sight.is_new(p)]
        old = [p for p in pods if not sight.is_new(p)]
        if not old:
            continue
        if any(sight.available(p) for p in new):
            actions += [_delete(p, "the new one is available") for p in old]
        elif not new and not sight.available(old[0]):
            actions.append(CreatePod(node, "the old one is not available"))
        elif not new and doubled < surge:
            doubled += 1
            actions.append(CreatePod(node, "its template is old"))
    return actions


def _delete(
    pod: Pod, because: str, event: tuple[str, str, str] | None = None
) -> DeletePod:
    return DeletePod(pod.metadata.name, pod.metadata.uid, because, event)
