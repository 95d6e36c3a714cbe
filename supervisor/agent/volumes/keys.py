"""The keys of a ConfigMap or Secret as files.

Follows MakePayload of pkg/volume/{configmap/configmap,secret/secret}.go.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from supervisor.agent.pods.failures import MissingObject
from supervisor.agent.volumes.base import Context, SourceMissing
from supervisor.kinds.identity import CONFIG_MAP, SECRET
from supervisor.model.meta import Object
from supervisor.model.volumes import KeyToPath
from supervisor.runtime.base import File


@dataclass(frozen=True)
class Source:
    resource: str
    kind: str
    """As in messages."""
    key: str
    read: Callable[[Context, str], Object | None]
    data: Callable[[Object], Mapping[str, bytes]]


def _config_data(obj: Object) -> Mapping[str, bytes]:
    texts = {key: value.encode() for key, value in (obj.get("data") or {}).items()}
    return texts | _decoded(obj.get("binaryData"))


def _decoded(data: Mapping[str, str] | None) -> dict[str, bytes]:
    return {key: base64.b64decode(value) for key, value in (data or {}).items()}


def _namespace(context: Context) -> str:
    return context.facts.pod.metadata.namespace


CONFIG_MAP_KEYS = Source(
    CONFIG_MAP.resource,
    "configmap",
    "config key",
    lambda context, name: context.objects.config_map(_namespace(context), name),
    _config_data,
)
SECRET_KEYS = Source(
    SECRET.resource,
    "secret",
    "secret key",
    lambda context, name: context.objects.secret(_namespace(context), name),
    lambda obj: _decoded(obj.get("data")),
)


def files_of(
    source: Source,
    context: Context,
    name: str,
    items: Iterable[KeyToPath],
    *,
    mode: int,
    optional: bool,
) -> dict[str, File]:
    """The keys of the object `name`; all, unless `items` chooses some.

    Raises SourceMissing.
    """
    obj = source.read(context, name)
    if obj is None:
        if optional:
            return {}
        awaits = MissingObject(source.resource, _namespace(context), name)
        raise SourceMissing(f'{source.kind} "{name}" not found', awaits)
    data, chosen = source.data(obj), tuple(items)
    if not chosen:
        return {key: File(value, mode) for key, value in data.items()}
    found = {}
    for item in chosen:
        if item.key in data:
            given = mode if item.mode is None else item.mode
            found[_clean(item.path)] = File(data[item.key], given)
        elif not optional:
            version = int(obj["metadata"].get("resourceVersion") or 0)
            awaits = MissingObject(source.resource, _namespace(context), name, version)
            text = f"references non-existent {source.key}: {item.key}"
            raise SourceMissing(text, awaits)
    return found


def _clean(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))
