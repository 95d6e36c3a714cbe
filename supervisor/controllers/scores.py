"""Which of the nodes that fit is best: one function per wish. Pure.

Rules
- A score is between 0 and 100; the weighted sum decides, then the fewer pods, then the
  name, so that the same present always leads to the same choice.
- Spreading the pods of one controller weighs so much that they are spread exactly
  evenly over the nodes that fit them.
- Adding a wish is adding one function to `SCORES`.

Follows pkg/scheduler/framework/plugins/{podtopologyspread,noderesources}.
"""

from collections.abc import Callable, Sequence

from supervisor.controllers.node_info import NodeInfo, PodInfo

Score = Callable[[PodInfo, Sequence[NodeInfo]], list[float]]
"""The scores of the nodes, in their order."""

_BEST = 100.0


def spread(info: PodInfo, nodes: Sequence[NodeInfo]) -> list[float]:
    """Best where the fewest pods of the same controller are."""
    if not info.owner:
        return [_BEST] * len(nodes)
    counts = [node.owners[info.owner] for node in nodes]
    least, most = min(counts), max(counts)
    if least == most:
        return [_BEST] * len(nodes)
    return [_BEST * (most - count) / (most - least) for count in counts]


def least_allocated(info: PodInfo, nodes: Sequence[NodeInfo]) -> list[float]:
    """Best where the largest part of processor and memory is left."""
    return [_free(info, node) for node in nodes]


def _free(info: PodInfo, node: NodeInfo) -> float:
    taken = node.scored + info.scored
    parts = [
        max(0.0, (whole - used) / whole)
        for whole, used in (
            (node.allocatable.cpu, taken.cpu),
            (node.allocatable.memory, taken.memory),
        )
        if whole > 0
    ]
    return _BEST * sum(parts) / len(parts) if parts else 0.0


SCORES: tuple[tuple[Score, float], ...] = ((spread, 4.0), (least_allocated, 1.0))


def best(info: PodInfo, nodes: Sequence[NodeInfo]) -> NodeInfo:
    """The node to take, of at least one."""
    totals = [0.0] * len(nodes)
    for score, weight in SCORES:
        for position, value in enumerate(score(info, nodes)):
            totals[position] += weight * value
    ranked = zip(totals, nodes, strict=True)
    return min(ranked, key=lambda pair: (-pair[0], pair[1].pods, pair[1].name))[1]
