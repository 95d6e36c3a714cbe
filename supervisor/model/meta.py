"""The parts that every Kubernetes object shares, and the door from JSON to types.

Rules
- Objects travel and are stored as the user's JSON (`Object`), so unknown fields
  survive. Deciding code reads frozen values decoded from it with `decode`.
- A field that stands in one of these types is a field that we honour. What upstream
  knows and these types lack is reported to the user as a Warning.
- Times stay RFC 3339 text inside objects; `model/times.py` turns them into seconds.

Follows apimachinery/pkg/apis/meta/v1/types.go.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

import msgspec

Object: TypeAlias = dict[str, Any]
"""One Kubernetes object as JSON: `{"apiVersion": …, "kind": …, "metadata": {…}, …}`."""

T = TypeVar("T")


class Value(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Base of every typed value: frozen, camelCase outside, unknown fields ignored."""


class OwnerReference(Value, frozen=True):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool = False
    block_owner_deletion: bool = False


class ObjectMeta(Value, frozen=True):
    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] = ()
    finalizers: tuple[str, ...] = ()

    @property
    def controller(self) -> OwnerReference | None:
        """The one owner that manages this object, if any."""
        return next((ref for ref in self.owner_references if ref.controller), None)


class Condition(Value, frozen=True):
    type: str
    status: str = "Unknown"
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None
    last_probe_time: str | None = None
    last_heartbeat_time: str | None = None
    observed_generation: int | None = None


def build(module: Mapping[str, Any]) -> None:
    """Have msgspec build what it needs of the types of a module: called at its end.

    msgspec does it at the first use otherwise, and the process dies of a segmentation
    fault if two threads are the first at once. While a module is imported, no other
    thread can see its types.
    """
    for found in list(module.values()):
        if isinstance(found, type) and issubclass(found, msgspec.Struct):
            with suppress(msgspec.ValidationError):
                msgspec.convert({}, found)


def decode(kind: type[T], obj: Object) -> T:
    """`obj` as a typed value; nulls count as absent.

    Raises msgspec.ValidationError, whose text names the path, when a field that we
    honour has a wrong type. Objects that came through the API never do.
    """
    try:
        return msgspec.convert(obj, kind)
    except msgspec.ValidationError:
        # A null where it may not stand; what came through the API has none.
        return msgspec.convert(without_nulls(obj), kind)


def encode(value: Value) -> Object:
    """A typed value as JSON dictionaries and lists, defaults left out."""
    # By way of JSON: `msgspec.to_builtins` would leave tuples as they are.
    built: Object = msgspec.json.decode(msgspec.json.encode(value))
    return built


def without_nulls(value: Any) -> Any:
    """A copy of JSON data without any null member: upstream reads null as absent."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(v) for v in value]
    return value


def reference(obj: Object) -> Object:
    """An ObjectReference to `obj`, as events carry it in `involvedObject`."""
    meta = obj["metadata"]
    keys = ("namespace", "name", "uid", "resourceVersion")
    ref = {"apiVersion": obj["apiVersion"], "kind": obj["kind"]}
    return ref | {k: meta[k] for k in keys if meta.get(k)}


def controller_reference(owner: Object) -> Object:
    """The ownerReference by which `owner` manages what it creates or adopts."""
    meta = owner["metadata"]
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


build(globals())
