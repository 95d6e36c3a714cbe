"""downwardAPI: fields of the pod as files. Pure.

Follows CollectData of pkg/volume/downwardapi/downwardapi.go.
"""

from collections.abc import Iterable

from supervisor.agent.containers.downward import field_value, resource_value
from supervisor.agent.pods.failures import StartFailed
from supervisor.agent.volumes.base import (
    Context,
    Medium,
    SourceMissing,
    VolumeType,
    nothing_followed,
)
from supervisor.model.volumes import DownwardAPIVolumeFile, Volume
from supervisor.runtime.base import File, Files


def files_of(
    items: Iterable[DownwardAPIVolumeFile], context: Context, mode: int
) -> dict[str, File]:
    """Raises SourceMissing for a field that is not known."""
    found = {}
    for item in items:
        given = mode if item.mode is None else item.mode
        found[item.path.strip("/")] = File(_value(item, context).encode(), given)
    return found


def _value(item: DownwardAPIVolumeFile, context: Context) -> str:
    try:
        if item.field_ref is not None:
            return field_value(context.facts, item.field_ref.field_path)
        wanted = item.resource_field_ref
        if wanted is not None:
            container = context.facts.pod.spec.container(wanted.container_name)
            if container is None:
                raise SourceMissing(f"container {wanted.container_name} not found")
            return resource_value(context.facts, container, wanted)
    except StartFailed as error:
        raise SourceMissing(error.message) from error
    raise SourceMissing(f"file {item.path} names no field")


def _files(volume: Volume, context: Context) -> Files:
    source = volume.downward_api
    assert source is not None
    return files_of(source.items, context, source.default_mode)


TYPE = VolumeType(
    source="downwardAPI",
    is_of=lambda volume: volume.downward_api is not None,
    medium=lambda _volume: Medium.FILES,
    files=_files,
    followed=nothing_followed,
)
