"""The volume types, and what is said of the others. Pure."""

from collections.abc import Iterator

from supervisor.agent.pods.failures import RETRY_SECONDS, StartFailed
from supervisor.agent.volumes import (
    claimed,
    config_map,
    downward_api,
    empty_dir,
    host_path,
    projected,
    secret,
)
from supervisor.agent.volumes.base import Medium, VolumeType
from supervisor.model.meta import Object
from supervisor.model.pod import Pod
from supervisor.model.volumes import Volume

TYPES: tuple[VolumeType, ...] = (
    empty_dir.TYPE,
    host_path.TYPE,
    config_map.TYPE,
    secret.TYPE,
    downward_api.TYPE,
    projected.TYPE,
    claimed.TYPE,
)
_BY_SOURCE = {each.source: each for each in TYPES}
_INSTEAD = {
    "gitRepo": "an init container that clones the repository into an emptyDir",
    "nfs": "a claim of a PersistentVolume with that source",
}
_OF_CLUSTERS = (
    "a persistentVolumeClaim of class docker-local, or an emptyDir if the data need "
    "not outlive the pod: disks of cloud providers and storage clusters cannot be "
    "attached to a Docker host"
)
_PROJECTED = ("configMap", "secret", "downwardAPI")


def type_of(volume: Volume) -> VolumeType:
    """The type; a volume without a source is an emptyDir."""
    return next((t for t in TYPES if t.is_of(volume)), empty_dir.TYPE)


def of_medium(pod: Pod, *media: Medium) -> Iterator[Volume]:
    return (v for v in pod.spec.volumes if type_of(v).medium(v) in media)


def check_volumes(obj: Object) -> None:
    """Raise StartFailed if the pod `obj` has a volume that cannot be provided."""
    for volume in (obj.get("spec") or {}).get("volumes") or []:
        if refusal := _refusal(volume):
            message = (
                f'MountVolume.SetUp failed for volume "{volume.get("name")}" : '
                f"{refusal}"
            )
            raise StartFailed("FailedMount", message, 6 * RETRY_SECONDS)


def _refusal(volume: Object) -> str:
    """Why a volume cannot be provided; empty if it can."""
    for source in sorted(set(volume) - {"name"}):
        if volume[source] is not None and source not in _BY_SOURCE:
            supported = ", ".join(sorted(_BY_SOURCE))
            instead = _INSTEAD.get(source, _OF_CLUSTERS)
            return (
                f"volumes of type {source} are not supported; supported are: "
                f"{supported}; use {instead}"
            )
    medium = (volume.get("emptyDir") or {}).get("medium") or ""
    if medium not in ("", empty_dir.MEMORY):
        return f"medium {medium} is not supported; supported are: the disk, Memory"
    for given in (volume.get("projected") or {}).get("sources") or ():
        for source in sorted(key for key in given if given[key] is not None):
            if source not in _PROJECTED:
                return (
                    f"projected source {source} is not supported; supported are: "
                    f"{', '.join(_PROJECTED)}"
                )
    return ""
