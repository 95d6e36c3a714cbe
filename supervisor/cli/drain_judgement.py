"""Which pods of a node a drain may evict, and what stands in its way. Pure.

Follows kubectl/pkg/drain/filters.go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from supervisor.kinds.identity import DAEMON_SET
from supervisor.model.meta import Object

_MIRROR = "kubernetes.io/config.mirror"
_DAEMON_SETS = "DaemonSet-managed Pods"
_LOCAL = "Pods with local storage"
_UNMANAGED = "Pods that declare no controller"


@dataclass(frozen=True)
class Allowed:
    """What the user allows."""

    force: bool = False
    ignore_daemonsets: bool = False
    delete_emptydir_data: bool = False


@dataclass
class Judgement:
    """The pods to evict; and by reason, the pods warned of and those refused."""

    pods: list[Object] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)

    @property
    def warning(self) -> str:
        """One line; empty when there is nothing to warn of."""
        rows = [f"{why}: {', '.join(pods)}" for why, pods in self.warnings.items()]
        return "; ".join(rows)

    @property
    def refusal(self) -> str:
        """One line; empty when the drain may go on."""
        rows = [
            f"cannot delete {why}: {', '.join(pods)}"
            for why, pods in self.refusals.items()
        ]
        return rows[0] if len(rows) == 1 else f"[{', '.join(rows)}]" if rows else ""


def judge(pods: Iterable[Object], allowed: Allowed) -> Judgement:
    it = Judgement()
    for pod in pods:
        _judge(it, pod, allowed)
    return it


def _judge(it: Judgement, pod: Object, allowed: Allowed) -> None:
    name = shown(pod)
    owner = _controller(pod)
    if _MIRROR in (pod["metadata"].get("annotations") or {}):
        return
    if _finished(pod):
        it.pods.append(pod)
        return
    if owner.get("kind") == DAEMON_SET.kind:
        if allowed.ignore_daemonsets:
            it.warnings.setdefault(f"ignoring {_DAEMON_SETS}", []).append(name)
        else:
            why = f"{_DAEMON_SETS} (use --ignore-daemonsets to ignore)"
            it.refusals.setdefault(why, []).append(name)
        return
    hurdles = []
    if _has_empty_dir(pod):
        override = "--delete-emptydir-data"
        hurdles.append((_LOCAL, override, allowed.delete_emptydir_data))
    if not owner:
        hurdles.append((_UNMANAGED, "--force", allowed.force))
    for what, option, is_allowed in hurdles:
        if not is_allowed:
            why = f"{what} (use {option} to override)"
            it.refusals.setdefault(why, []).append(name)
            return
    # As kubectl: of two things to warn of, the last one is said.
    for what, _, _ in hurdles[-1:]:
        it.warnings.setdefault(f"deleting {what}", []).append(name)
    it.pods.append(pod)


def shown(pod: Object) -> str:
    meta = pod["metadata"]
    return f"{meta['namespace']}/{meta['name']}"


def _controller(pod: Object) -> Object:
    owners: Sequence[Object] = pod["metadata"].get("ownerReferences") or ()
    return next((o for o in owners if o.get("controller")), {})


def _finished(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _has_empty_dir(pod: Object) -> bool:
    volumes = (pod.get("spec") or {}).get("volumes") or ()
    return any("emptyDir" in volume for volume in volumes)
