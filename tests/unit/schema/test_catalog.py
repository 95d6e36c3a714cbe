"""The table itself: what is in it, and that it agrees with our typed values."""

import re
from collections.abc import Iterator
from importlib.resources import files
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import pytest

from supervisor.model import (
    disruption_budget,
    jobs,
    kinds,
    pod,
    priority_class,
    schema,
    service_account,
    statefulset,
    storage,
    workloads,
)
from supervisor.model.meta import Condition, Value
from supervisor.model.schema import Form, Shape, TypeSchema

TYPED: dict[str, type[Value]] = {
    "Pod": pod.Pod,
    "ReplicationController": kinds.ReplicationController,
    "Node": kinds.Node,
    "Namespace": kinds.Namespace,
    "ConfigMap": kinds.ConfigMap,
    "Secret": kinds.Secret,
    "Event": kinds.Event,
    "apps/v1 ReplicaSet": workloads.ReplicaSet,
    "apps/v1 Deployment": workloads.Deployment,
    "apps/v1 DaemonSet": workloads.DaemonSet,
    "apps/v1 StatefulSet": statefulset.StatefulSet,
    "PersistentVolume": storage.PersistentVolume,
    "PersistentVolumeClaim": storage.PersistentVolumeClaim,
    "storage.k8s.io/v1 StorageClass": storage.StorageClass,
    "ServiceAccount": service_account.ServiceAccount,
    "policy/v1 PodDisruptionBudget": disruption_budget.PodDisruptionBudget,
    "scheduling.k8s.io/v1 PriorityClass": priority_class.PriorityClass,
    "batch/v1 Job": jobs.Job,
    "batch/v1 CronJob": jobs.CronJob,
}
GROUP_VERSIONS = (
    "apiextensions.k8s.io/v1",
    "v1",
    "meta.k8s.io/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "autoscaling/v2beta2",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "extensions/v1beta1",
    "batch/v1",
    "batch/v1beta1",
    "batch/v2alpha1",
    "scheduling.k8s.io/v1",
    "scheduling.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "coordination.k8s.io/v1",
    "metrics.k8s.io/v1beta1",
    "supervisor.io/v1",
    "authorization.k8s.io/v1",
    "authentication.k8s.io/v1",
)


def kind(name: str, api_version: str = "v1") -> TypeSchema:
    found = schema.lookup(api_version, name)
    assert found is not None
    return found


def nested(annotation: Any) -> type[Value] | None:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple):
        return next((n for a in get_args(annotation) if (n := nested(a))), None)
    return None


def target(shape: Shape) -> TypeSchema | None:
    return target(shape.item) if shape.item else shape.target


def pairs(value: type[Value], type_: TypeSchema) -> Iterator[tuple[Any, TypeSchema]]:
    """Each typed value below `value` with the schema type that stands for it."""
    yield value, type_
    for known in msgspec.structs.fields(value):
        below = nested(known.type)
        field = type_.fields.get(known.encode_name)
        shape = target(field.shape) if field else None
        if below and shape:
            yield from pairs(below, shape)


@pytest.mark.parametrize("name", TYPED)
def test_each_field_that_we_honour_is_in_the_table(name: str) -> None:
    """A typed value has no field that none of its upstream types has."""
    upstream: dict[Any, set[str]] = {}
    api_version, _, plain = name.rpartition(" ")
    for value, type_ in pairs(TYPED[name], kind(plain, api_version or "v1")):
        upstream.setdefault(value, set()).update(type_.fields)

    for value, known in upstream.items():
        ours = {f.encode_name for f in msgspec.structs.fields(value)}
        # One Condition stands for the conditions of all kinds.
        shared = {"lastProbeTime", "lastHeartbeatTime", "observedGeneration"}
        extra = shared if issubclass(value, Condition) else set()
        assert ours - known <= extra, value


def test_conditions_of_pods_and_nodes_have_what_ours_has() -> None:
    """The members of Condition are those of pods' and nodes' conditions together."""
    conditions = [
        target(kind(k).fields["status"].shape) for k in ("Pod", "Node") if kind(k)
    ]
    known = {
        name
        for status in conditions
        if status and (condition := target(status.fields["conditions"].shape))
        for name in condition.fields
    }

    ours = {f.encode_name for f in msgspec.structs.fields(Condition)}

    assert ours <= known


def test_all_files_are_reached() -> None:
    """Every schema file belongs to a group and version that the tests know."""
    names = [f.name for f in files("supervisor.model.schema").iterdir()]
    stems = {re.split(r"\.", n)[0] for n in names if n.endswith(".schema")}
    groups = {v.rpartition("/")[0].partition(".")[0] or "core" for v in GROUP_VERSIONS}

    assert {s.rpartition("_")[0] for s in stems} == groups


@pytest.mark.parametrize("api_version", GROUP_VERSIONS)
def test_every_field_and_kind_is_described(api_version: str) -> None:
    """Nothing in the table lacks its one-line description."""
    for type_ in schema.kinds(api_version):
        assert type_.description.endswith(".")
        for name, field in type_.fields.items():
            assert field.description.endswith("."), f"{type_.name}.{name}"


def test_a_kind_of_another_group_version_is_not_found() -> None:
    """Lookup goes by group and version, not by kind alone."""
    assert schema.lookup("v1", "Eviction") is None
    assert schema.lookup("apps/v1", "Pod") is None
    assert schema.lookup("policy.example.com/v1", "Eviction") is None
    assert schema.lookup("../v1", "Pod") is None


def test_a_plain_type_is_no_kind() -> None:
    """PodSpec is in the table, but is nothing that can be looked up."""
    assert schema.lookup("v1", "PodSpec") is None


def test_delete_options_are_part_of_every_group() -> None:
    """Clients send DeleteOptions with the version of the object they delete."""
    shared = kind("DeleteOptions", "meta.k8s.io/v1")

    assert kind("DeleteOptions", "v1") is shared
    assert kind("DeleteOptions", "policy/v1") is shared


def test_list_kinds_come_by_themselves() -> None:
    """A kind marked `list` has a list kind with metadata and items."""
    items = kind("PodList").fields["items"].shape

    assert items.form is Form.LIST and target(items) is kind("Pod")


def test_inlined_structs_are_flat_in_json_and_nested_on_the_wire() -> None:
    """A probe's handler is inlined: JSON has its members beside the probe's own."""
    container = target(kind("Pod").fields["spec"].shape)
    assert container is not None
    containers = target(container.fields["containers"].shape)
    assert containers is not None
    probe = target(containers.fields["livenessProbe"].shape)
    assert probe is not None

    assert {"httpGet", "exec", "periodSeconds"} <= set(probe.fields)
    assert isinstance(probe.wire[1], TypeSchema)


def test_merge_keys_are_upstreams() -> None:
    """Lists that kubectl's built-in types merge are merged here by the same keys."""
    spec = target(kind("Pod").fields["spec"].shape)
    assert spec is not None
    container = target(spec.fields["containers"].shape)
    assert container is not None
    meta = target(kind("Pod").fields["metadata"].shape)
    assert meta is not None

    keys = {
        name: f.merge_key
        for t in (spec, container, meta)
        for name, f in t.fields.items()
    }

    assert keys["containers"] == keys["env"] == keys["imagePullSecrets"] == "name"
    assert keys["ports"] == "containerPort" and keys["volumeMounts"] == "mountPath"
    assert keys["hostAliases"] == "ip" and keys["ownerReferences"] == "uid"
    assert spec.fields["volumes"].strategy == "merge,retainKeys"
    assert not spec.fields["tolerations"].merges
    assert meta.fields["finalizers"].merges and not keys["finalizers"]


def test_an_older_version_takes_its_types_from_the_newer_one() -> None:
    """But for those that it defines itself, and for kinds that it does not name."""
    old = schema.lookup("extensions/v1beta1", "Deployment")
    new = schema.lookup("apps/v1", "Deployment")
    assert old is not None
    assert new is not None
    fields = old.fields["spec"].shape.target, new.fields["spec"].shape.target
    assert fields[0] is not None
    assert fields[1] is not None

    assert set(fields[0].fields) - set(fields[1].fields) == {"rollbackTo"}
    assert not fields[0].fields["selector"].required
    assert old.package == "io.k8s.api.extensions.v1beta1"
    assert schema.lookup("extensions/v1beta1", "ControllerRevision") is None
