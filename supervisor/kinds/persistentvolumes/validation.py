"""What a PersistentVolume may be, and what of it may change.

Follows ValidatePersistentVolumeSpec and ValidatePersistentVolumeUpdate of
pkg/apis/core/validation/validation.go.
"""

import posixpath

from supervisor.kinds.persistentvolumeclaims.validation import (
    VOLUME_MODES,
    check_access_modes,
    check_amount,
)
from supervisor.model import names
from supervisor.model.equality import same
from supervisor.model.errors import forbidden_field, invalid, required, unsupported
from supervisor.model.meta import Object
from supervisor.model.validation import affinity, metadata, report
from supervisor.model.validation.report import Errors

SOURCES = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)
_RECLAIM_POLICIES = ("Delete", "Recycle", "Retain")
_HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)


def check(volume: Object) -> Errors:
    yield from metadata.check(
        volume["metadata"], namespaced=False, name_check=names.dns_subdomain
    )
    yield from _spec(volume.get("spec") or {})


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    yield from _spec(spec)
    if any(not same(spec.get(s), before.get(s)) for s in SOURCES):
        detail = "spec.persistentvolumesource is immutable after creation"
        yield forbidden_field("spec.persistentvolumesource", detail)
    if not same(spec.get("volumeMode"), before.get("volumeMode")):
        yield invalid("volumeMode", spec.get("volumeMode"), report.IMMUTABLE)
    nodes = before.get("nodeAffinity")
    if nodes is not None and not same(spec.get("nodeAffinity"), nodes):
        yield invalid("nodeAffinity", spec.get("nodeAffinity"), report.IMMUTABLE)


def _spec(spec: Object) -> Errors:
    modes = spec.get("accessModes") or []
    if not modes:
        yield required("spec.accessModes")
    yield from check_access_modes(modes, "spec.accessModes")
    yield from _capacity(spec.get("capacity") or {})
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy and policy not in _RECLAIM_POLICIES:
        field = "spec.persistentVolumeReclaimPolicy"
        yield unsupported(field, policy, _RECLAIM_POLICIES)
    yield from _nodes(spec)
    yield from _sources(spec)
    where = (spec.get("hostPath") or {}).get("path") or ""
    if policy == "Recycle" and where and posixpath.normpath(where) == "/":
        detail = "may not be 'recycle' for a hostPath mount of '/'"
        yield forbidden_field("spec.persistentVolumeReclaimPolicy", detail)
    name = spec.get("storageClassName")
    if name:
        yield from report.each("spec.storageClassName", name, names.dns_subdomain(name))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        yield unsupported("spec.volumeMode", mode, VOLUME_MODES)


def _capacity(capacity: Object) -> Errors:
    if not capacity:
        yield required("spec.capacity")
    if set(capacity) != {"storage"}:
        yield unsupported("spec.capacity", capacity, ("storage",))
    for name, amount in sorted(capacity.items()):
        yield from check_amount(amount, f"spec.capacity[{name}]")


def _nodes(spec: Object) -> Errors:
    nodes = spec.get("nodeAffinity")
    if nodes is None:
        return
    field = "spec.nodeAffinity.required"
    if nodes.get("required") is None:
        yield required(field, "must specify required node constraints")
    else:
        yield from affinity.check_node_selector(nodes["required"], field)


def _sources(spec: Object) -> Errors:
    given = [source for source in SOURCES if spec.get(source) is not None]
    if not given:
        yield required("spec", "must specify a volume type")
        return
    first, *more = given
    if first in _CHECKS:
        yield from _CHECKS[first](spec[first], f"spec.{first}")
    for source in more:
        detail = "may not specify more than 1 volume type"
        yield forbidden_field(f"spec.{source}", detail)
    if first == "local" and spec.get("nodeAffinity") is None:
        yield required("spec.nodeAffinity", "Local volume requires node affinity")


def _host_path(source: Object, path: str) -> Errors:
    yield from _local(source, path)
    kind = source.get("type") or ""
    if kind not in _HOST_PATH_TYPES:
        yield unsupported(f"{path}.type", kind, _HOST_PATH_TYPES)


def _local(source: Object, path: str) -> Errors:
    where = source.get("path") or ""
    if not where:
        yield required(f"{path}.path")
    elif ".." in where.split("/"):
        yield invalid(f"{path}.path", where, "must not contain '..'")


def _nfs(source: Object, path: str) -> Errors:
    where = source.get("path") or ""
    if not source.get("server"):
        yield required(f"{path}.server")
    if not where:
        yield required(f"{path}.path")
    if not where.startswith("/"):
        yield invalid(f"{path}.path", where, "must be an absolute path")


_CHECKS = {"hostPath": _host_path, "local": _local, "nfs": _nfs}
