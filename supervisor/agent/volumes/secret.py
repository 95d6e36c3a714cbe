"""secret: the keys of a Secret as files, which are in memory only."""

from collections.abc import Iterable

from supervisor.agent.volumes.base import Context, Followed, Medium, VolumeType
from supervisor.agent.volumes.keys import SECRET_KEYS, files_of
from supervisor.model.volumes import SecretVolumeSource, Volume
from supervisor.runtime.base import Files


def _source(volume: Volume) -> SecretVolumeSource:
    assert volume.secret is not None
    return volume.secret


def _files(volume: Volume, context: Context) -> Files:
    source = _source(volume)
    return files_of(
        SECRET_KEYS,
        context,
        source.secret_name,
        source.items,
        mode=source.default_mode,
        optional=source.optional,
    )


def _followed(volume: Volume) -> Iterable[Followed]:
    yield Followed(SECRET_KEYS.resource, _source(volume).secret_name)


TYPE = VolumeType(
    source="secret",
    is_of=lambda volume: volume.secret is not None,
    medium=lambda _volume: Medium.FILES,
    files=_files,
    followed=_followed,
)
