"""persistentVolumeClaim: what the claims of a pod are bound to.

Rules
- A claim is read when the pod's sandbox or a container starts, by way of the last
  answers while the API is away. A claim that is not bound keeps the pod waiting.
- Supported are Docker volumes (also those of plugins), paths of the host, and NFS,
  which the engine mounts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from supervisor.agent.pods.failures import StartFailed
from supervisor.agent.volumes.base import (
    Medium,
    VolumeType,
    no_files,
    nothing_followed,
    set_up_failed,
)
from supervisor.agent.volumes.objects import ApiObjects
from supervisor.model.meta import decode
from supervisor.model.pod import Pod
from supervisor.model.storage import (
    DOCKER_DRIVER,
    NFSVolumeSource,
    PersistentVolume,
    PersistentVolumeClaim,
)
from supervisor.runtime.base import DockerVolume

_LOCAL = "local"
"""Docker's own volume driver."""
_DRIVER = "driver"
"""The parameter of a StorageClass that names another volume driver."""


@dataclass(frozen=True)
class Claimed:
    """What is mounted for a claim: a Docker volume, or a path of the host."""

    docker_volume: DockerVolume | None = None
    host_path: str = ""
    host_path_type: str = ""
    read_only: bool = False


NOTHING_CLAIMED: Mapping[str, Claimed] = {}


def claimed(pod: Pod, objects: ApiObjects) -> Mapping[str, Claimed]:
    """What each claim of the pod is bound to, by name of the volume in the pod.

    Raises StartFailed.
    """
    found = {}
    for volume in pod.spec.volumes:
        source = volume.persistent_volume_claim
        if source is None:
            continue
        bound = _bound(pod, volume.name, source.claim_name, objects)
        found[volume.name] = of_volume(bound, volume.name, read_only=source.read_only)
    return found


def _bound(
    pod: Pod, volume: str, claim_name: str, objects: ApiObjects
) -> PersistentVolume:
    namespace = pod.metadata.namespace
    obj = objects.claim(namespace, claim_name)
    if obj is None:
        text = f'persistentvolumeclaim "{claim_name}" not found'
        raise set_up_failed(volume, text)
    claim = decode(PersistentVolumeClaim, obj)
    name = claim.spec.volume_name
    found = objects.volume(name) if claim.status.phase == "Bound" else None
    if found is None:
        text = f'persistentvolumeclaim "{claim_name}" is not bound to a volume'
        raise set_up_failed(volume, text)
    bound = decode(PersistentVolume, found)
    ref = bound.spec.claim_ref or {}
    if ref.get("uid") != claim.metadata.uid:
        text = f'volume "{name}" is not bound to claim "{claim_name}"'
        raise set_up_failed(volume, text)
    return bound


def of_volume(
    volume: PersistentVolume, shown: str, *, read_only: bool = False
) -> Claimed:
    """What is mounted for a volume. Raises StartFailed, which names it as `shown`."""
    spec = volume.spec
    if spec.host_path is not None:
        path, kind = spec.host_path.path, spec.host_path.type
        return Claimed(host_path=path, host_path_type=kind, read_only=read_only)
    if spec.local is not None:
        return Claimed(
            host_path=spec.local.path, host_path_type="Directory", read_only=read_only
        )
    if spec.nfs is not None:
        read_only = read_only or spec.nfs.read_only
        made = _nfs(volume.metadata.name, spec.nfs, spec.mount_options)
        return Claimed(made, read_only=read_only)
    if spec.csi is not None and spec.csi.driver == DOCKER_DRIVER:
        given = dict(spec.csi.volume_attributes or {})
        driver = given.pop(_DRIVER, _LOCAL)
        made = DockerVolume(
            spec.csi.volume_handle, driver, tuple(sorted(given.items()))
        )
        return Claimed(made, read_only=read_only or spec.csi.read_only)
    raise _unsupported(volume, shown)


def _nfs(
    name: str, source: NFSVolumeSource, mount_options: tuple[str, ...]
) -> DockerVolume:
    options = ",".join((f"addr={source.server}", *mount_options))
    given = {"type": "nfs", "o": options, "device": f":{source.path}"}
    return DockerVolume(f"pv-{name}", _LOCAL, tuple(sorted(given.items())))


def _unsupported(volume: PersistentVolume, shown: str) -> StartFailed:
    text = (
        f'volume "{volume.metadata.name}" has a source that cannot be mounted on a '
        "Docker host; supported are: hostPath, local, nfs, and csi with driver "
        f"{DOCKER_DRIVER}"
    )
    return set_up_failed(shown, text)


TYPE = VolumeType(
    source="persistentVolumeClaim",
    is_of=lambda volume: volume.persistent_volume_claim is not None,
    medium=lambda _volume: Medium.CLAIMED,
    files=no_files,
    followed=nothing_followed,
)
