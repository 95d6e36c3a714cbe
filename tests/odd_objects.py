"""Stored objects that the API would never have taken: one odd value in one field.

The fields are taken from the schema, so a field that is added is tried too.
"""

import reprlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
from hypothesis import strategies

from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import Resource, Review
from supervisor.model import schema
from supervisor.model.meta import Object
from supervisor.model.schema import Form, Shape, TypeSchema
from supervisor.store.base import Key, Store, StoreError

Path = tuple[str | int, ...]
ODD: tuple[Any, ...] = (
    None,
    "",
    "\0",
    "x",
    7,
    -1,
    2**70,
    0.5,
    True,
    [],
    [None],
    [[]],
    {},
    {"": None},
)
STORED = CATALOG.writable

_TEMPLATE: Object = {"containers": [{"name": "main", "image": "kubia"}]}
_KEPT: Object = {
    "selector": {"matchLabels": {"app": "a"}},
    "template": {"metadata": {"labels": {"app": "a"}}, "spec": _TEMPLATE},
}
_JOB: Object = {"template": {"spec": _TEMPLATE | {"restartPolicy": "Never"}}}
_PARTS: dict[str, Object] = {
    "ReplicaSet": {"spec": _KEPT},
    "Deployment": {"spec": _KEPT},
    "DaemonSet": {"spec": _KEPT},
    "StatefulSet": {"spec": _KEPT},
    "HorizontalPodAutoscaler": {
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", "name": "a"},
            "maxReplicas": 2,
        }
    },
    "PersistentVolume": {
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/data"},
        }
    },
    "PersistentVolumeClaim": {
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        }
    },
    "StorageClass": {"provisioner": "example.com/disks"},
    "ControllerRevision": {"data": {}, "revision": 1},
    "Job": {"spec": _JOB},
    "CronJob": {"spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": _JOB}}},
    "Pod": {"spec": _TEMPLATE},
    "ReplicationController": {
        "spec": {
            "selector": {"app": "a"},
            "template": {"metadata": {"labels": {"app": "a"}}, "spec": _TEMPLATE},
        }
    },
    "Engine": {"spec": {"endpoint": "unix:///var/run/docker.sock"}},
    "Event": {"involvedObject": {"namespace": "default"}},
}


def minimal(resource: Resource, name: str = "a") -> Object:
    """The least that may be created, in namespace default if it has one."""
    meta = {"name": name}
    if resource.identity.namespaced:
        meta["namespace"] = "default"
    named: Object = dict(resource.identity.head)
    if isinstance(resource, Review):
        return named | {"metadata": {}, "spec": {}}
    return named | {"metadata": meta} | deepcopy(_PARTS.get(resource.identity.kind, {}))


def type_of(resource: Resource) -> TypeSchema:
    found = schema.lookup(resource.identity.api_version, resource.identity.kind)
    assert found is not None
    return found


def fields(type_: TypeSchema, at: Path = ()) -> Iterator[Path]:
    """The path of each field below a type."""
    for name, known in type_.fields.items():
        yield (*at, name)
        yield from _below(known.shape, (*at, name))


def _below(shape: Shape, at: Path) -> Iterator[Path]:
    if shape.target is not None:
        yield from fields(shape.target, at)
    elif shape.item is not None:
        yield from _below(shape.item, (*at, 0 if shape.form is Form.LIST else "key"))


def put(obj: Object, path: Path, value: Any) -> Object:
    """`obj` with `value` at `path`; what is missing on the way is made."""
    made = deepcopy(obj)
    here: Any = made
    for step, after in zip(path, (*path[1:], None), strict=True):
        empty: Any = value if after is None else [] if isinstance(after, int) else {}
        if isinstance(step, int):
            if after is None or not here:
                here[:] = [empty]
            here = here[0]
        elif after is None or not isinstance(here.get(step), type(empty)):
            here[step] = empty
            here = empty
        else:
            here = here[step]
    return made


@dataclass(frozen=True)
class Odd:
    resource: Resource
    path: Path
    value: Any

    def __repr__(self) -> str:
        path = ".".join(map(str, self.path))
        return f"{self.resource.identity.kind}.{path} = {reprlib.repr(self.value)}"

    def write(self, store: Store, name: str) -> bool:
        """Put it straight into the store; False if the store itself refuses it."""
        meta = {"uid": f"uid-{name}", "creationTimestamp": "2026-01-02T03:04:05Z"}
        base = minimal(self.resource, name)
        base["metadata"] |= meta
        namespace = base["metadata"].get("namespace", "")
        key = Key(self.resource.identity.resource, namespace, name)
        try:
            store.create(key, msgspec.json.encode(put(base, self.path, self.value)))
        except (StoreError, msgspec.MsgspecError, OverflowError):
            return False
        return True


def odd_objects(*names: str) -> strategies.SearchStrategy[Odd]:
    """Any field of the resources of these names, or of all, with any odd value."""
    chosen = [r for r in STORED if not names or r.identity.resource in names]
    return strategies.sampled_from(chosen).flatmap(_odd)


def _odd(resource: Resource) -> strategies.SearchStrategy[Odd]:
    paths = strategies.sampled_from(list(fields(type_of(resource))))
    values = strategies.sampled_from(ODD)
    return strategies.builds(Odd, strategies.just(resource), paths, values)
