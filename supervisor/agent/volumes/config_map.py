"""configMap: the keys of a ConfigMap as files."""

from collections.abc import Iterable

from supervisor.agent.volumes.base import Context, Followed, Medium, VolumeType
from supervisor.agent.volumes.keys import CONFIG_MAP_KEYS, files_of
from supervisor.model.volumes import ConfigMapVolumeSource, Volume
from supervisor.runtime.base import Files


def _source(volume: Volume) -> ConfigMapVolumeSource:
    assert volume.config_map is not None
    return volume.config_map


def _files(volume: Volume, context: Context) -> Files:
    source = _source(volume)
    return files_of(
        CONFIG_MAP_KEYS,
        context,
        source.name,
        source.items,
        mode=source.default_mode,
        optional=source.optional,
    )


def _followed(volume: Volume) -> Iterable[Followed]:
    yield Followed(CONFIG_MAP_KEYS.resource, _source(volume).name)


TYPE = VolumeType(
    source="configMap",
    is_of=lambda volume: volume.config_map is not None,
    medium=lambda _volume: Medium.FILES,
    files=_files,
    followed=_followed,
)
