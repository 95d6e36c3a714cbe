"""Decode request bodies: JSON, YAML, and Kubernetes' protobuf.

Rules
- No body can crash or stall the server: nesting, numbers of digits, YAML aliases and
  encodings are limited, and bodies beyond the limits raise ApiError 400 or 415.
- Duplicate keys are reported with their paths; the last value is used, as upstream.
- A missing Content-Type means JSON.

Follows apiserver/pkg/endpoints/handlers/negotiation/negotiate.go and
apimachinery/pkg/runtime/serializer/json/json.go.
"""

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from supervisor.api import protobuf
from supervisor.client.base import PatchType
from supervisor.model.errors import ApiError, bad_request
from supervisor.model.meta import Object

_JSON = "application/json"
_YAML = "application/yaml"
_PROTOBUF = "application/vnd.kubernetes.protobuf"
_MAX_DEPTH = 200


@dataclass(frozen=True)
class Decoded:
    obj: Object
    duplicates: list[str] = field(default_factory=list)
    """Paths of keys that occur more than once in one object."""


def decode(body: bytes, content_type: str) -> Decoded:
    """Decode an object. Raises ApiError 400 or 415."""
    data: Any
    duplicates: list[str] = []
    match _media_type(content_type):
        case "" | "application/json":
            data, duplicates = _decode_json(body)
        case "application/yaml":
            data, duplicates = _decode_yaml(body)
        case "application/vnd.kubernetes.protobuf":
            data = protobuf.decode(body)
        case _:
            raise _unsupported(_JSON, _PROTOBUF, _YAML)
    if not isinstance(data, dict):
        raise bad_request(
            "couldn't get version/kind; json parse error: json: cannot unmarshal "
            f"{_kind_of(data)} into Go value of type struct "
            "{ APIVersion string; Kind string }"
        )
    return Decoded(data, duplicates)


def decode_patch(body: bytes, content_type: str) -> tuple[PatchType, Any]:
    """The type of a patch and its content. Raises ApiError 400 or 415."""
    media_type = _media_type(content_type)
    try:
        kind = PatchType(media_type)
    except ValueError:
        served = (p.value for p in PatchType if p is not PatchType.APPLY)
        raise _unsupported(*served) from None
    if kind is PatchType.APPLY:
        return kind, _decode_yaml(body)[0]
    return kind, _decode_json(body)[0]


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _unsupported(*accepted: str) -> ApiError:
    message = (
        "the body of the request was in an unknown format - accepted media types "
        f"include: {', '.join(accepted)}"
    )
    return ApiError(415, "UnsupportedMediaType", message)


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "array"


# -- JSON


def _decode_json(body: bytes) -> tuple[Any, list[str]]:
    if not body.strip():
        raise bad_request("the request body is empty")
    collector = _Duplicates()
    try:
        data = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=collector.collect,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise _too_deep() from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise bad_request(f"invalid JSON: {error}") from None
    except ValueError as error:
        # Without Python's advice on sys.set_int_max_str_digits.
        reason = str(error).partition(":")[0]
        raise bad_request(f"invalid JSON: {reason}") from None
    if body.count(b"{") + body.count(b"[") > _MAX_DEPTH:
        check_depth(data)
    duplicates = collector.paths(data)
    if b"\\u" in body:
        data = _without_surrogates(data)
    return data, duplicates


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"number {text[:32]} is out of range")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a JSON value")


def _too_deep() -> ApiError:
    return bad_request(f"exceeded max depth: more than {_MAX_DEPTH} levels")


def check_depth(data: Any) -> None:
    """Raises ApiError 400 if `data` is nested too deeply for recursive functions."""
    level = [data]
    for _ in range(_MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise _too_deep()


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [v for v in value.values() if isinstance(v, dict | list)]
    if isinstance(value, list):
        return [v for v in value if isinstance(v, dict | list)]
    return []


def _without_surrogates(value: Any) -> Any:
    """Replace unpaired surrogates, which cannot be encoded as UTF-8, by U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        pairs = ((k, v) for k, v in value.items())
        return {_without_surrogates(k): _without_surrogates(v) for k, v in pairs}
    if isinstance(value, list):
        return [_without_surrogates(v) for v in value]
    return value


class _Duplicates:
    """Collects objects with duplicate keys while parsing, and computes their paths."""

    def __init__(self) -> None:
        #: Keeps references to the objects, so that their ids are not reused.
        self._found: list[tuple[Object, list[str]]] = []

    def collect(self, pairs: list[tuple[str, Any]]) -> Object:
        obj = dict(pairs)
        if len(obj) != len(pairs):
            counts = Counter(key for key, _ in pairs)
            self._found.append((obj, [k for k, n in counts.items() if n > 1]))
        return obj

    def paths(self, data: Any) -> list[str]:
        if not self._found:
            return []
        keys_by_id = {id(obj): keys for obj, keys in self._found}
        paths: list[str] = []
        _find(data, "", keys_by_id, paths)
        return paths


def _find(value: Any, path: str, keys: dict[int, list[str]], out: list[str]) -> None:
    if isinstance(value, dict):
        out += [_join(path, key) for key in keys.get(id(value), ())]
        for name, child in value.items():
            _find(child, _join(path, name), keys, out)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            _find(child, f"{path}[{index}]", keys, out)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


# -- YAML


def _decode_yaml(body: bytes) -> tuple[Any, list[str]]:
    # Imported lazily: PyYAML is large and rarely needed.
    from supervisor.model import yaml_reader

    try:
        return yaml_reader.read(body, max_depth=_MAX_DEPTH)
    except ValueError as error:
        raise bad_request(f"error converting YAML to JSON: yaml: {error}") from None
