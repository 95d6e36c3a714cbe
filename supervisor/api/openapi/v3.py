"""The OpenAPI v3 document of one group and version, as JSON.

Rules
- Encoded type by type, so that never all types are in memory as dictionaries.
- Server-side apply is not listed, as it is not supported.

Follows the documents of kube-apiserver, as read by kubectl's validation, explain and
apply.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from supervisor.api.openapi import definitions
from supervisor.api.openapi.resource import Resource
from supervisor.client.base import PatchType
from supervisor.model.meta import Object

_REF = "#/components/schemas/"
_PATCHES = (PatchType.JSON, PatchType.MERGE, PatchType.STRATEGIC)
_WRITE_PARAMETERS = {
    "dryRun": "All: process the request without persisting it.",
    "fieldManager": "Name of the client that makes the change.",
    "fieldValidation": "How unknown and duplicate fields are handled: Strict rejects "
    "them, Warn (the default) warns, Ignore drops them silently.",
}
_LIST_PARAMETERS = {
    "labelSelector": "Only objects with matching labels.",
    "fieldSelector": "Only objects with matching fields.",
    "limit": "Maximum number of objects in one response.",
    "continue": "Token of the next page.",
    "resourceVersion": "Version to watch from.",
    "watch": "Stream changes instead of returning a list.",
}
_ACTIONS = {"get": "get", "list": "list", "create": "post", "update": "put"}


def render(resources: Sequence[Resource], version: str) -> bytes:
    """The document; all resources must have the same group and version."""
    head = msgspec.json.encode(
        {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": version},
            "paths": _paths(resources),
        }
    )
    components = b",".join(_components(resources))
    return head[:-1] + b',"components":{"schemas":{' + components + b"}}}"


def _components(resources: Sequence[Resource]) -> Iterator[bytes]:
    served = {r.group_version for r in resources}
    roots = [t for r in resources for t in (r.type, r.list_type) if t is not None]
    for name, plain in definitions.PLAIN.items():
        yield _member(name, _as_v3(name, plain))
    for type_ in definitions.reachable(roots):
        schema = definitions.definition(type_, _refer, served)
        yield _member(type_.full_name, schema)


def _member(name: str, value: Object) -> bytes:
    return msgspec.json.encode(name) + b":" + msgspec.json.encode(value)


def _refer(name: str, description: str) -> Object:
    # allOf, because a reference cannot have a description.
    text = {"description": description} if description else {}
    return {**text, "allOf": [{"$ref": _REF + name}]}


def _as_v3(name: str, plain: Object) -> Object:
    """Add the second type of a value, which v2 cannot express."""
    second = {definitions.QUANTITY: "number", definitions.INT_OR_STRING: "integer"}
    if name not in second:
        return plain
    without_type = {k: v for k, v in plain.items() if k != "type"}
    return {**without_type, "oneOf": [{"type": "string"}, {"type": second[name]}]}


def _paths(resources: Sequence[Resource]) -> Object:
    paths: Object = {}
    for resource in resources:
        for path, method, verb in resource.operations():
            item = paths.setdefault(path, {"parameters": _path_parameters(path)})
            item[method] = _operation(resource, verb)
    return paths


def _path_parameters(path: str) -> list[Object]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        for name in ("namespace", "name")
        if f"{{{name}}}" in path
    ]


def _operation(resource: Resource, verb: str) -> Object:
    type_ = resource.list_type if verb == "list" else resource.type
    answer = type_.full_name if type_ else definitions.PATCH
    operation: Object = {
        "responses": {"200": {"description": "OK", "content": _json(answer)}},
        "x-kubernetes-action": _ACTIONS.get(verb, verb),
        "x-kubernetes-group-version-kind": resource.gvk,
    }
    match verb:
        case "list":
            operation["parameters"] = _query(_LIST_PARAMETERS)
        case "create" | "update" | "patch":
            operation["parameters"] = _query(_WRITE_PARAMETERS)
    match verb:
        case "create" | "update":
            operation["requestBody"] = {"content": _json(answer), "required": True}
        case "patch":
            operation["requestBody"] = {
                "content": {p.value: _body(definitions.PATCH) for p in _PATCHES},
                "required": True,
            }
    return operation


def _query(parameters: dict[str, str]) -> list[Object]:
    return [
        {
            "name": name,
            "in": "query",
            "description": description,
            "schema": {"type": "string", "uniqueItems": True},
        }
        for name, description in parameters.items()
    ]


def _json(name: str) -> Object:
    return {"application/json": _body(name)}


def _body(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": _REF + name}}
