"""What on an engine nobody has a use for any more. Pure.

Rules
- What belongs to a pod that the API knows, or that is held (plan/custody), is in use.
- What is left of a pod is removed by the pod's own worker. All else of ours (helper
  containers, networks, volumes of no pod) is removed here, once it is old enough not to
  be somebody's who has just made it.
- What other nodes of this cluster have left on this engine is told of, and not touched;
  what other clusters have there is none of our business.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from supervisor.runtime.base.inventory import Labelled, Sort, Whose

YOUNG_SECONDS = 60.0
"""Helper containers live for seconds."""


@dataclass(frozen=True)
class Leftover:
    found: Labelled
    because: str
    removable: bool = False
    """Whether it is to be removed as what it is, and not as part of a pod."""

    def __str__(self) -> str:
        return f"{self.found.sort.value} {self.found.name} ({self.because})"


def leftovers(
    found: Iterable[Labelled], node: str, knows: Callable[[str], bool], now: float
) -> tuple[Leftover, ...]:
    """`knows` says whether the pod with that uid is known to the API, or held."""
    judged = (_judge(one, node, knows, now) for one in found)
    return tuple(one for one in judged if one is not None)


def _judge(
    one: Labelled, node: str, knows: Callable[[str], bool], now: float
) -> Leftover | None:
    if one.whose is Whose.OTHER_CLUSTER:
        return None
    if one.whose is Whose.OTHER_NODE:
        what = f'it belongs to node "{one.node}"' if one.node else "it names no node"
        return Leftover(one, f'{what}, and this engine is node "{node}"')
    is_known = bool(one.pod_uid) and knows(one.pod_uid)
    if one.is_part:
        return None if is_known else Leftover(one, "the API knows no such pod")
    if now - one.created_at < YOUNG_SECONDS:
        return None
    if one.sort is Sort.CONTAINER:
        return Leftover(one, "a helper that has not been removed", removable=True)
    if is_known:
        return None
    because = "the API knows no such pod" if one.pod_uid else "it belongs to no pod"
    return Leftover(one, because, removable=True)
