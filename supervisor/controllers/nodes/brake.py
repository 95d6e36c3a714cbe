"""Whether so many nodes are gone that it is rather we who are cut off. Pure.

While the brake holds, no pod is evicted, and the taints that would evict are lifted.
When it ends, every node that is still lost gets the whole grace again.

Rules
- All nodes gone: the brake holds. One node alone is never evicted, therefore.
- More than two and at least 55 % gone: the brake holds. So it does with 3 of 5 and not
  with 2 of 3: two of three hosts may well share a rack, and the third, which answers,
  shows that our own network works.
- Only a witness counts as not gone: a node that is well, and was heard of half a grace
  after the last heartbeat of every silent one. Had we lost our own network, all nodes
  would have fallen silent closer together than that, and there would be none.
- A node that has never said anything counts neither way.

Follows ComputeZoneState and handleDisruption of
pkg/controller/nodelifecycle/node_lifecycle_controller.go, with all nodes as one zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from supervisor.controllers.nodes.health import Watched, conditions
from supervisor.model import times
from supervisor.model.failover import Failover
from supervisor.model.meta import Object

CONDITION = "EvictionStopped"
_MAX_GONE_SHARE = 0.55
_MAX_GONE = 2


@dataclass(frozen=True)
class Brake:
    holds: bool = False
    gone: int = 0
    total: int = 0
    free_at: float = 0.0
    """When evictions may begin again after it held last."""

    @property
    def reason(self) -> str:
        return (
            f"{self.gone} of {self.total} nodes do not answer: rather the supervisor "
            "itself is cut off. Nothing is evicted."
        )

    def allows(self, now: float) -> bool:
        return not self.holds and now >= self.free_at


def pulled(
    before: Brake, nodes: Sequence[Watched], now: float, failover: Failover
) -> Brake:
    """The brake as of `now`."""
    known = [node for node in nodes if node.has_spoken]
    lost = any(node.status(now) != "True" for node in known)
    silent = [n.heartbeat.changed_at for n in known if n.is_silent(now)]
    since = max(silent, default=-inf) + failover.witness_seconds
    gone = sum(not _is_witness(node, since, now) for node in known)
    if lost and _is_too_much(gone, len(known)):
        return Brake(True, gone, len(known))
    free_at = now + failover.grace_seconds if before.holds else before.free_at
    return Brake(False, gone, len(known), free_at)


def _is_witness(node: Watched, since: float, now: float) -> bool:
    return node.status(now) == "True" and node.heartbeat.changed_at >= since


def _is_too_much(gone: int, total: int) -> bool:
    return gone == total or (gone > _MAX_GONE and gone / total >= _MAX_GONE_SHARE)


def condition(node: Watched, brake: Brake, now: float) -> Object | None:
    """The condition to write on a node about the brake; None when it is right."""
    held = next((c for c in conditions(node.node) if c["type"] == CONDITION), None)
    stands = held is not None and held["status"] == "True"
    # One node alone has nowhere to evict to: there is nothing to announce.
    counts = node.has_spoken and node.status(now) != "True"
    concerned = brake.holds and brake.total > 1 and counts
    if stands == concerned:
        return None
    return {
        "type": CONDITION,
        "status": "True" if concerned else "False",
        "lastTransitionTime": times.to_text(now),
        "reason": "TooManyNodesLost" if concerned else "EnoughNodesAnswer",
        "message": brake.reason if concerned else "Pods of lost nodes are evicted.",
    }
