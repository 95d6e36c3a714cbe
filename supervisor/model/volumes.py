"""Volumes of a pod and their sources: the fields that are supported.

Follows staging/src/k8s.io/api/core/v1/types.go.
"""

import msgspec

from supervisor.model.meta import Value, build


class ObjectFieldSelector(Value, frozen=True):
    field_path: str
    api_version: str = "v1"


class ResourceFieldSelector(Value, frozen=True):
    resource: str
    container_name: str = ""
    divisor: str | int | float | None = None


class EmptyDirVolumeSource(Value, frozen=True):
    medium: str = ""
    size_limit: str | int | float | None = None


class HostPathVolumeSource(Value, frozen=True):
    path: str
    type: str = ""


class KeyToPath(Value, frozen=True):
    key: str
    path: str
    mode: int | None = None


class ConfigMapVolumeSource(Value, frozen=True):
    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    default_mode: int = 0o644
    optional: bool = False


class SecretVolumeSource(Value, frozen=True):
    secret_name: str = ""
    items: tuple[KeyToPath, ...] = ()
    default_mode: int = 0o644
    optional: bool = False


class DownwardAPIVolumeFile(Value, frozen=True):
    path: str
    field_ref: ObjectFieldSelector | None = None
    resource_field_ref: ResourceFieldSelector | None = None
    mode: int | None = None


class DownwardAPIVolumeSource(Value, frozen=True):
    items: tuple[DownwardAPIVolumeFile, ...] = ()
    default_mode: int = 0o644


class ConfigMapProjection(Value, frozen=True):
    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    optional: bool = False


class SecretProjection(Value, frozen=True):
    name: str = ""
    items: tuple[KeyToPath, ...] = ()
    optional: bool = False


class DownwardAPIProjection(Value, frozen=True):
    items: tuple[DownwardAPIVolumeFile, ...] = ()


class VolumeProjection(Value, frozen=True):
    config_map: ConfigMapProjection | None = None
    secret: SecretProjection | None = None
    downward_api: DownwardAPIProjection | None = msgspec.field(
        default=None, name="downwardAPI"
    )


class ProjectedVolumeSource(Value, frozen=True):
    sources: tuple[VolumeProjection, ...] = ()
    default_mode: int = 0o644


class PersistentVolumeClaimVolumeSource(Value, frozen=True):
    claim_name: str = ""
    read_only: bool = False


class Volume(Value, frozen=True):
    name: str
    empty_dir: EmptyDirVolumeSource | None = None
    host_path: HostPathVolumeSource | None = None
    config_map: ConfigMapVolumeSource | None = None
    secret: SecretVolumeSource | None = None
    downward_api: DownwardAPIVolumeSource | None = msgspec.field(
        default=None, name="downwardAPI"
    )
    projected: ProjectedVolumeSource | None = None
    persistent_volume_claim: PersistentVolumeClaimVolumeSource | None = None


build(globals())
