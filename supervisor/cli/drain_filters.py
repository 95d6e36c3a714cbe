"""Which pods of a node a drain evicts, skips or refuses to evict. Pure.

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
class Overrides:
    """Checks that the user has disabled by options."""

    force: bool = False
    ignore_daemonsets: bool = False
    delete_emptydir_data: bool = False


@dataclass
class FilterResult:
    """The pods to evict, and the names of other pods by warning or refusal."""

    pods: list[Object] = field(default_factory=list)
    warnings: dict[str, list[str]] = field(default_factory=dict)
    refusals: dict[str, list[str]] = field(default_factory=dict)

    @property
    def warning(self) -> str:
        """All warnings in one line, or an empty string."""
        rows = [
            f"{reason}: {', '.join(pods)}" for reason, pods in self.warnings.items()
        ]
        return "; ".join(rows)

    @property
    def refusal(self) -> str:
        """All refusals in one line; empty if the node can be drained."""
        rows = [
            f"cannot delete {reason}: {', '.join(pods)}"
            for reason, pods in self.refusals.items()
        ]
        return rows[0] if len(rows) == 1 else f"[{', '.join(rows)}]" if rows else ""


def filter_pods(pods: Iterable[Object], overrides: Overrides) -> FilterResult:
    result = FilterResult()
    for pod in pods:
        _filter_pod(result, pod, overrides)
    return result


def _filter_pod(result: FilterResult, pod: Object, overrides: Overrides) -> None:
    name = pod_key(pod)
    owner = _controller(pod)
    if _MIRROR in (pod["metadata"].get("annotations") or {}):
        return
    if _finished(pod):
        result.pods.append(pod)
        return
    if owner.get("kind") == DAEMON_SET.kind:
        if overrides.ignore_daemonsets:
            result.warnings.setdefault(f"ignoring {_DAEMON_SETS}", []).append(name)
        else:
            reason = f"{_DAEMON_SETS} (use --ignore-daemonsets to ignore)"
            result.refusals.setdefault(reason, []).append(name)
        return
    obstacles = []
    if _has_empty_dir(pod):
        override = "--delete-emptydir-data"
        obstacles.append((_LOCAL, override, overrides.delete_emptydir_data))
    if not owner:
        obstacles.append((_UNMANAGED, "--force", overrides.force))
    for what, option, is_allowed in obstacles:
        if not is_allowed:
            reason = f"{what} (use {option} to override)"
            result.refusals.setdefault(reason, []).append(name)
            return
    # As in kubectl: only the last of two warnings is reported.
    for what, _, _ in obstacles[-1:]:
        result.warnings.setdefault(f"deleting {what}", []).append(name)
    result.pods.append(pod)


def pod_key(pod: Object) -> str:
    """`namespace/name`."""
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
