"""projected: files of several ConfigMaps, Secrets and the pod in one directory.

Follows pkg/volume/projected/projected.go.
"""

from collections.abc import Iterable, Iterator

from supervisor.agent.volumes import downward_api
from supervisor.agent.volumes.base import (
    Context,
    Followed,
    Medium,
    SourceMissing,
    VolumeType,
)
from supervisor.agent.volumes.keys import (
    CONFIG_MAP_KEYS,
    SECRET_KEYS,
    Source,
    files_of,
)
from supervisor.model.volumes import (
    ConfigMapProjection,
    SecretProjection,
    Volume,
    VolumeProjection,
)
from supervisor.runtime.base import File, Files


def _files(volume: Volume, context: Context) -> Files:
    assert volume.projected is not None
    found: dict[str, File] = {}
    for source in volume.projected.sources:
        found |= _of_source(source, context, volume.projected.default_mode)
    return found


def _of_source(source: VolumeProjection, context: Context, mode: int) -> Files:
    for keys, given in _keys(source):
        return files_of(
            keys, context, given.name, given.items, mode=mode, optional=given.optional
        )
    if source.downward_api is not None:
        return downward_api.files_of(source.downward_api.items, context, mode)
    raise SourceMissing(
        "a source is not supported; supported are: configMap, secret, downwardAPI"
    )


def _keys(
    source: VolumeProjection,
) -> Iterator[tuple[Source, ConfigMapProjection | SecretProjection]]:
    if source.config_map is not None:
        yield CONFIG_MAP_KEYS, source.config_map
    if source.secret is not None:
        yield SECRET_KEYS, source.secret


def _followed(volume: Volume) -> Iterable[Followed]:
    assert volume.projected is not None
    for source in volume.projected.sources:
        for keys, given in _keys(source):
            yield Followed(keys.resource, given.name)


TYPE = VolumeType(
    source="projected",
    is_of=lambda volume: volume.projected is not None,
    medium=lambda _volume: Medium.FILES,
    files=_files,
    followed=_followed,
)
