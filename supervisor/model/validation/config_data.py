"""ConfigMaps and Secrets: keys, sizes, required keys, and the immutable ones.

Follows ValidateConfigMap and ValidateSecret of pkg/apis/core/validation/validation.go.
"""

import json

from supervisor.model import base64_text, names
from supervisor.model.equality import same
from supervisor.model.errors import (
    FieldError,
    forbidden_field,
    invalid,
    required,
    too_long,
)
from supervisor.model.meta import Object
from supervisor.model.validation import metadata, report
from supervisor.model.validation.report import Errors

_MAX_BYTES = 1024 * 1024
_SERVICE_ACCOUNT = "kubernetes.io/service-account.name"
_DOCKER_KEYS = {
    "kubernetes.io/dockercfg": ".dockercfg",
    "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
}
_TLS_KEYS = ("tls.crt", "tls.key")
_BASIC_AUTH_KEYS = ("username", "password")


def check_config_map(config_map: Object) -> Errors:
    yield from metadata.check(
        config_map["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _config_map_data(config_map)


def check_config_map_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _immutable(new, old, "data", "binaryData")
    yield from _config_map_data(new)


def _config_map_data(config_map: Object) -> Errors:
    data, binary = config_map.get("data") or {}, config_map.get("binaryData") or {}
    total = sum(len(text.encode()) for text in data.values())
    for key in data:
        yield from report.each(f"data[{key}]", key, names.config_key(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key, text in binary.items():
        yield from report.each(f"binaryData[{key}]", key, names.config_key(key))
        raw, wrong = _decoded(f"binaryData[{key}]", text)
        total += len(raw)
        yield from wrong
    if total > _MAX_BYTES:
        yield too_long("", _MAX_BYTES)


def check_secret(secret: Object) -> Errors:
    yield from metadata.check(
        secret["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _secret_data(secret)


def check_secret_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from metadata.immutable_fields(new, old, "type")
    yield from _immutable(new, old, "data")
    yield from _secret_data(new)


def _secret_data(secret: Object) -> Errors:
    total = 0
    data: dict[str, bytes] = {}
    for key, text in (secret.get("data") or {}).items():
        yield from report.each(f"data[{key}]", key, names.config_key(key))
        data[key], wrong = _decoded(f"data[{key}]", text)
        total += len(data[key])
        yield from wrong
    if total > _MAX_BYTES:
        yield too_long("data", _MAX_BYTES)
    yield from _required_keys(secret, data)


def _required_keys(secret: Object, data: dict[str, bytes]) -> Errors:
    kind = secret.get("type") or ""
    match kind:
        case "kubernetes.io/service-account-token":
            annotations = secret["metadata"].get("annotations") or {}
            if not annotations.get(_SERVICE_ACCOUNT):
                yield required(f"metadata.annotations[{_SERVICE_ACCOUNT}]")
        case "kubernetes.io/dockercfg" | "kubernetes.io/dockerconfigjson":
            yield from _docker_config(_DOCKER_KEYS[kind], data)
        case "kubernetes.io/basic-auth":
            if not any(key in data for key in _BASIC_AUTH_KEYS):
                for key in _BASIC_AUTH_KEYS:
                    yield required(f"data[{key}]")
        case "kubernetes.io/ssh-auth":
            if not data.get("ssh-privatekey"):
                yield required("data[ssh-privatekey]")
        case "kubernetes.io/tls":
            for key in _TLS_KEYS:
                if key not in data:
                    yield required(f"data[{key}]")


def _docker_config(key: str, data: dict[str, bytes]) -> Errors:
    if key not in data:
        yield required(f"data[{key}]")
        return
    try:
        if isinstance(json.loads(data[key]), dict):
            return
        detail = "must be a JSON object"
    except ValueError as error:
        detail = str(error)
    yield invalid(f"data[{key}]", "<secret contents redacted>", detail)


def _decoded(field: str, text: str) -> tuple[bytes, list[FieldError]]:
    """The bytes that base64 `text` means; the contents never enter a message."""
    try:
        return base64_text.decode(text), []
    except ValueError as error:
        detail = f"must be base64: {error}"
        return b"", [invalid(field, "<contents redacted>", detail)]


def _immutable(new: Object, old: Object, *fields: str) -> Errors:
    if not old.get("immutable"):
        return
    detail = "field is immutable when `immutable` is set"
    if not new.get("immutable"):
        yield forbidden_field("immutable", detail)
    for field in fields:
        if not same(new.get(field), old.get(field)):
            yield forbidden_field(field, detail)
