"""Defaults of every resource.

Follows pkg/apis/core/v1/defaults.go and conversion.go.
"""

import base64
from collections.abc import Callable

from supervisor.model.defaults import pods
from supervisor.model.defaults.nulls import drop_nulls
from supervisor.model.engine import DEFAULT_NETWORK
from supervisor.model.meta import Object

_OMITTED_WHEN_EMPTY = ("labels", "annotations", "ownerReferences", "finalizers")
NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"


def apply(resource: str, obj: Object) -> None:
    """Fill in what `obj`, of that resource, leaves open, in place."""
    drop_nulls(obj)
    meta = obj.setdefault("metadata", {})
    for field in _OMITTED_WHEN_EMPTY:
        if field in meta and not meta[field]:
            del meta[field]
    complete = _COMPLETE.get(resource)
    if complete is not None:
        complete(obj)


def _replication_controller(rc: Object) -> None:
    spec = rc.setdefault("spec", {})
    template = spec.get("template")
    if template is not None:
        labels = (template.get("metadata") or {}).get("labels")
        if labels and not spec.get("selector"):
            spec["selector"] = dict(labels)
        if labels and not rc["metadata"].get("labels"):
            rc["metadata"]["labels"] = dict(labels)
        pods.complete_template(template)
    spec.setdefault("replicas", 1)


def _namespace(namespace: Object) -> None:
    name = namespace["metadata"].get("name")
    if name:
        labels = namespace["metadata"].setdefault("labels", {})
        labels[NAMESPACE_NAME_LABEL] = name


def _secret(secret: Object) -> None:
    """Writes `stringData` over `data`, which alone is stored."""
    secret["type"] = secret.get("type") or "Opaque"
    for key, text in (secret.pop("stringData", None) or {}).items():
        encoded = base64.b64encode(str(text).encode()).decode()
        secret.setdefault("data", {})[key] = encoded


def _node(node: Object) -> None:
    status = node.get("status") or {}
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = dict(status["capacity"])


def _event(event: Object) -> None:
    event.setdefault("involvedObject", {})


def _lease(lease: Object) -> None:
    lease.setdefault("spec", {})


def _engine(engine: Object) -> None:
    spec = engine.setdefault("spec", {})
    spec["network"] = spec.get("network") or DEFAULT_NETWORK
    spec["reach"] = spec.get("reach") or "Auto"


_COMPLETE: dict[str, Callable[[Object], None]] = {
    "pods": pods.complete,
    "replicationcontrollers": _replication_controller,
    "namespaces": _namespace,
    "secrets": _secret,
    "nodes": _node,
    "events": _event,
    "leases.coordination.k8s.io": _lease,
    "engines.supervisor.io": _engine,
}
