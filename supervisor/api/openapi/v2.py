"""The OpenAPI v2 document of all groups, in the protobuf encoding that kubectl needs.

Rules
- Contains only what kubectl reads: definitions with their extensions, and for each
  resource a PATCH operation with its kind and two parameters. Without `dryRun`, kubectl
  refuses to diff; without `fieldValidation`, it validates on the client.
- Field numbers are those of gnostic's message types; see `_Number`.

Follows gnostic's openapiv2/OpenAPIv2.proto.
"""

from collections.abc import Sequence

import msgspec

from supervisor.api.openapi import definitions
from supervisor.api.openapi.resource import Resource
from supervisor.api.wire import message, text
from supervisor.client.base import PatchType
from supervisor.model.meta import Object

_REF = "#/definitions/"


class _Number:
    """Field numbers, by message and field."""

    DOCUMENT_SWAGGER = 1
    DOCUMENT_INFO = 2
    DOCUMENT_PATHS = 8
    DOCUMENT_DEFINITIONS = 9
    INFO_TITLE = 1
    INFO_VERSION = 2
    PATHS_PATH = 2
    NAMED_NAME = 1
    NAMED_VALUE = 2
    ANY_YAML = 2
    PATH_ITEM_PATCH = 8
    OPERATION_CONSUMES = 7
    OPERATION_PARAMETERS = 8
    OPERATION_RESPONSES = 9
    OPERATION_EXTENSION = 13
    PARAMETERS_ITEM_PARAMETER = 1
    PARAMETER_NON_BODY = 2
    NON_BODY_QUERY = 3
    QUERY_IN = 2
    QUERY_NAME = 4
    QUERY_TYPE = 6
    RESPONSES_CODE = 1
    RESPONSE_VALUE_RESPONSE = 1
    RESPONSE_DESCRIPTION = 1
    DEFINITIONS_PROPERTY = 1
    SCHEMA_REF = 1
    SCHEMA_FORMAT = 2
    SCHEMA_DESCRIPTION = 4
    SCHEMA_REQUIRED = 19
    SCHEMA_ADDITIONAL_PROPERTIES = 21
    SCHEMA_TYPE = 22
    SCHEMA_ITEMS = 23
    SCHEMA_PROPERTIES = 25
    SCHEMA_EXTENSION = 31
    ADDITIONAL_PROPERTIES_SCHEMA = 1
    TYPE_VALUE = 1
    ITEMS_SCHEMA = 1
    PROPERTIES_PROPERTY = 1


def render(resources: Sequence[Resource], version: str) -> bytes:
    """The whole document."""
    n = _Number
    info = text(n.INFO_TITLE, "Kubernetes") + text(n.INFO_VERSION, version)
    paths = b"".join(
        _named(n.PATHS_PATH, r.item_path, message(n.PATH_ITEM_PATCH, _patch(r)))
        for r in resources
    )
    return (
        text(n.DOCUMENT_SWAGGER, "2.0")
        + message(n.DOCUMENT_INFO, info)
        + message(n.DOCUMENT_PATHS, paths)
        + message(n.DOCUMENT_DEFINITIONS, _definitions(resources))
    )


def _definitions(resources: Sequence[Resource]) -> bytes:
    served = {r.group_version for r in resources}
    roots = [t for r in resources for t in (r.type, r.list_type) if t is not None]
    named = list(definitions.PLAIN.items())
    for type_ in definitions.reachable(roots):
        schema = definitions.definition(type_, _refer, served)
        named.append((type_.full_name, schema))
    number = _Number.DEFINITIONS_PROPERTY
    return b"".join(_named(number, name, _schema(schema)) for name, schema in named)


def _refer(name: str, description: str) -> Object:
    text = {"description": description} if description else {}
    return {**text, "$ref": _REF + name}


def _schema(schema: Object) -> bytes:
    n = _Number
    parts = [
        text(n.SCHEMA_REF, schema.get("$ref", "")),
        text(n.SCHEMA_FORMAT, schema.get("format", "")),
        text(n.SCHEMA_DESCRIPTION, schema.get("description", "")),
        *(text(n.SCHEMA_REQUIRED, name) for name in schema.get("required", ())),
    ]
    if "additionalProperties" in schema:
        nested = _schema(schema["additionalProperties"])
        nested = message(n.ADDITIONAL_PROPERTIES_SCHEMA, nested)
        parts.append(message(n.SCHEMA_ADDITIONAL_PROPERTIES, nested))
    if "type" in schema:
        parts.append(message(n.SCHEMA_TYPE, text(n.TYPE_VALUE, schema["type"])))
    if "items" in schema:
        items = message(n.ITEMS_SCHEMA, _schema(schema["items"]))
        parts.append(message(n.SCHEMA_ITEMS, items))
    if "properties" in schema:
        properties = (
            _named(n.PROPERTIES_PROPERTY, name, _schema(value))
            for name, value in schema["properties"].items()
        )
        parts.append(message(n.SCHEMA_PROPERTIES, b"".join(properties)))
    parts += [
        _extension(n.SCHEMA_EXTENSION, key, value)
        for key, value in schema.items()
        if key.startswith("x-")
    ]
    return b"".join(parts)


def _query(name: str) -> bytes:
    """A parameter of an operation; gnostic wraps it in four messages."""
    n = _Number
    parameter = (
        text(n.QUERY_IN, "query")
        + text(n.QUERY_NAME, name)
        + text(n.QUERY_TYPE, "string")
    )
    for number in (
        n.NON_BODY_QUERY,
        n.PARAMETER_NON_BODY,
        n.PARAMETERS_ITEM_PARAMETER,
        n.OPERATION_PARAMETERS,
    ):
        parameter = message(number, parameter)
    return parameter


def _patch(resource: Resource) -> bytes:
    n = _Number
    described = text(n.RESPONSE_DESCRIPTION, "OK")
    response = _named(
        n.RESPONSES_CODE, "200", message(n.RESPONSE_VALUE_RESPONSE, described)
    )
    kinds = (PatchType.JSON, PatchType.MERGE, PatchType.STRATEGIC)
    return (
        b"".join(text(n.OPERATION_CONSUMES, k.value) for k in kinds)
        + b"".join(_query(name) for name in ("dryRun", "fieldValidation"))
        + message(n.OPERATION_RESPONSES, response)
        + _extension(
            n.OPERATION_EXTENSION, "x-kubernetes-group-version-kind", resource.gvk
        )
    )


def _named(number: int, name: str, value: bytes) -> bytes:
    """An entry of a map: a message with a name and a value."""
    n = _Number
    return message(number, text(n.NAMED_NAME, name) + message(n.NAMED_VALUE, value))


def _extension(number: int, key: str, value: object) -> bytes:
    # The value is YAML, a superset of JSON.
    yaml = msgspec.json.encode(value).decode()
    return _named(number, key, text(_Number.ANY_YAML, yaml))
