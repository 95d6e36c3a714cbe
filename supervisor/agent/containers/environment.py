"""The environment, command and arguments of a container, expanded. Pure.

Rules
- envFrom comes first, in order; env follows, and a later duplicate wins.
- `$(NAME)` is replaced by a variable that was defined before; an unknown one is left
  as it is; `$$` is one dollar sign.
- A ConfigMap, Secret or key that is missing stops the container, unless optional.
- So does what no variable can hold: a NUL byte, which ends it for the kernel, and bytes
  that are not UTF-8, which the engine's API would change. As in Kubernetes, binaryData
  of a ConfigMap is not for variables.

Follows pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables) and
third_party/forked/golang/expansion.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from supervisor.agent.containers.downward import Facts, field_value, resource_value
from supervisor.agent.containers.process_text import unusable
from supervisor.agent.pods.failures import MissingObject, StartFailed, config_error
from supervisor.kinds.identity import CONFIG_MAP, SECRET
from supervisor.model.expansion import expand
from supervisor.model.meta import Object
from supervisor.model.pod import (
    Container,
    EnvFromSource,
    EnvVarSource,
    KeySelector,
)

_RESOURCES = {"configmap": CONFIG_MAP.resource, "secret": SECRET.resource}


class Objects(Protocol):
    """ConfigMaps and Secrets by name; None for one that does not exist."""

    def config_map(self, namespace: str, name: str) -> Object | None: ...

    def secret(self, namespace: str, name: str) -> Object | None: ...


@dataclass(frozen=True)
class Environment:
    variables: Mapping[str, str]

    def expand(self, written: str) -> str:
        """`written` with its references to variables replaced."""
        return expand(written, self.variables)

    def expand_all(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.expand(written) for written in texts)


def environment(facts: Facts, container: Container, objects: Objects) -> Environment:
    """All variables of `container`. Raises StartFailed when one cannot be had."""
    found: dict[str, str] = {}
    for source in container.env_from:
        found.update(_all_of(source, facts, objects))
    for variable in container.env:
        if variable.value_from is None:
            found[variable.name] = expand(variable.value, found)
            continue
        value = _from(variable.value_from, facts, container, objects)
        if value is not None:
            found[variable.name] = value
    for name, value in found.items():
        if why := unusable(f"{name}={value}"):
            raise config_error(f"environment variable {name!r} cannot be set: {why}")
    return Environment(found)


def _all_of(source: EnvFromSource, facts: Facts, objects: Objects) -> dict[str, str]:
    namespace = facts.pod.metadata.namespace
    found: dict[str, str] = {}
    for kind, ref in (
        ("configmap", source.config_map_ref),
        ("secret", source.secret_ref),
    ):
        if ref is None:
            continue
        obj = _get(objects, kind, namespace, ref.name)
        if obj is None and not ref.optional:
            raise _missing(kind, namespace, ref.name)
        whole = obj or {}
        keys = whole.get("data") or {}
        found |= {key: _value(kind, whole, key) for key in keys}
    return {f"{source.prefix}{key}": value for key, value in found.items()}


def _from(
    source: EnvVarSource, facts: Facts, container: Container, objects: Objects
) -> str | None:
    if source.field_ref is not None:
        return field_value(facts, source.field_ref.field_path)
    if source.resource_field_ref is not None:
        return resource_value(facts, container, source.resource_field_ref)
    if source.config_map_key_ref is not None:
        return _key(objects, "configmap", facts, source.config_map_key_ref)
    if source.secret_key_ref is not None:
        return _key(objects, "secret", facts, source.secret_key_ref)
    raise config_error("a variable's valueFrom names no source that is known here")


def _key(objects: Objects, kind: str, facts: Facts, wanted: KeySelector) -> str | None:
    namespace = facts.pod.metadata.namespace
    obj = _get(objects, kind, namespace, wanted.name)
    if obj is None:
        if wanted.optional:
            return None
        raise _missing(kind, namespace, wanted.name)
    if wanted.key in (obj.get("data") or {}):
        return _value(kind, obj, wanted.key)
    if wanted.optional:
        return None
    message = f"couldn't find key {wanted.key} in {_title(kind, obj)}"
    raise config_error(message, _change_of(kind, obj))


def _missing(kind: str, namespace: str, name: str) -> StartFailed:
    awaits = MissingObject(_RESOURCES[kind], namespace, name)
    return config_error(f'{kind} "{name}" not found', awaits)


def _get(objects: Objects, kind: str, namespace: str, name: str) -> Object | None:
    look_up = objects.config_map if kind == "configmap" else objects.secret
    return look_up(namespace, name)


def _value(kind: str, obj: Object, key: str) -> str:
    """A value as text. Raises StartFailed when it is none."""
    value: str = obj["data"][key]
    if kind == "configmap":
        return value
    data = base64.b64decode(value)
    if why := unusable(data):
        raise config_error(
            f"key {key} of {_title(kind, obj)} cannot be an environment variable: "
            f"{why}",
            _change_of(kind, obj),
        )
    return data.decode()


def _title(kind: str, obj: Object) -> str:
    meta, shown = (
        obj["metadata"],
        CONFIG_MAP.kind if kind == "configmap" else SECRET.kind,
    )
    return f"{shown} {meta['namespace']}/{meta['name']}"


def _change_of(kind: str, obj: Object) -> MissingObject:
    """What would help: a newer version of this object."""
    meta = obj["metadata"]
    version = int(meta.get("resourceVersion", 0))
    return MissingObject(_RESOURCES[kind], meta["namespace"], meta["name"], version)
