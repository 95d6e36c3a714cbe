"""What a container may learn about its own pod: fieldRef and resourceFieldRef. Pure.

Follows pkg/fieldpath/fieldpath.go and pkg/api/v1/resource/helpers.go.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.agent.pods.failures import config_error
from supervisor.model.pod import Container, Pod
from supervisor.model.quantities import millis
from supervisor.model.volumes import ResourceFieldSelector

_KEYED = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


@dataclass(frozen=True)
class Facts:
    """A pod and where it runs."""

    pod: Pod
    pod_ip: str
    host_ip: str
    cpu_millis: int
    """What the node has; a container without a limit may use all of it."""
    memory_bytes: int


def field_value(facts: Facts, path: str) -> str:
    """The value of a fieldRef. Raises StartFailed for a path that is not known."""
    if keyed := _KEYED.fullmatch(path):
        meta = facts.pod.metadata
        rows = meta.labels if keyed[1] == "labels" else meta.annotations
        return (rows or {}).get(keyed[2], "")
    known = _fields(facts)
    if path not in known:
        raise config_error(f"unsupported fieldPath: {path}")
    return known[path]


def _fields(facts: Facts) -> Mapping[str, str]:
    meta, spec = facts.pod.metadata, facts.pod.spec
    return {
        "metadata.name": meta.name,
        "metadata.namespace": meta.namespace,
        "metadata.uid": meta.uid,
        "metadata.labels": _listed(meta.labels),
        "metadata.annotations": _listed(meta.annotations),
        "spec.nodeName": spec.node_name,
        "spec.serviceAccountName": spec.service_account_name,
        "status.hostIP": facts.host_ip,
        "status.hostIPs": facts.host_ip,
        "status.podIP": facts.pod_ip,
        "status.podIPs": facts.pod_ip,
    }


def _listed(rows: Mapping[str, str] | None) -> str:
    rows = rows or {}
    return "\n".join(f"{k}={_quoted(rows[k])}" for k in sorted(rows))


def _quoted(text: str) -> str:
    """As Go's %q, for the characters that occur in labels and annotations."""
    return json.dumps(text, ensure_ascii=False)


def resource_value(
    facts: Facts, container: Container, wanted: ResourceFieldSelector
) -> str:
    """The value of a resourceFieldRef, divided and rounded up."""
    about = container
    if wanted.container_name:
        found = facts.pod.spec.container(wanted.container_name)
        if found is None:
            raise config_error(f"container {wanted.container_name} not found")
        about = found
    kind, _, name = wanted.resource.partition(".")
    amount = _amount(facts, about, kind, name)
    if amount is None:
        raise config_error(f"Unsupported container resource : {wanted.resource}")
    divisor = millis(wanted.divisor or "1") or 1000
    return str(math.ceil(amount / divisor))


def _amount(facts: Facts, container: Container, kind: str, name: str) -> int | None:
    """In thousandths of the resource's unit."""
    usual = {"cpu": facts.cpu_millis, "memory": facts.memory_bytes * 1000}
    if kind not in ("limits", "requests") or name not in usual:
        return None
    given = getattr(container.resources, kind) or {}
    if name in given:
        return millis(given[name])
    return usual[name] if kind == "limits" else 0
