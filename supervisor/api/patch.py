"""Apply a patch of any type to an object.

Rules
- Neither the object nor the patch is modified; the result shares no data with them.
- A malformed patch is a 400; a patch that cannot be applied is a 422.
- A strategic merge patch cannot change apiVersion and kind, which are ignored: some
  clients send the parent's kind in a patch of its `scale`.
- The result is an object, but is not validated here.

Follows apiserver/pkg/endpoints/handlers/patch.go, RFC 6902 and RFC 7386.
"""

import copy
from typing import Any

import jsonpatch
import jsonpointer
import msgspec

from supervisor.api import codec, strategic
from supervisor.client.base import PatchType
from supervisor.model.errors import ApiError, bad_request
from supervisor.model.meta import Object
from supervisor.model.schema import TypeSchema

_MAX_OPERATIONS = 10_000
_MAX_COPIED_BYTES = 3 * 1024 * 1024
_APPLY_ERRORS = (
    jsonpatch.JsonPatchException,
    jsonpointer.JsonPointerException,
    # Raised by the library for paths through scalars or that are too deep.
    TypeError,
    LookupError,
    RecursionError,
)
_IDENTITY = ("apiVersion", "kind")
_OPERATIONS = ("add", "copy", "move", "remove", "replace", "test")


def apply(current: Object, patch: Any, kind: PatchType, type_: TypeSchema) -> Object:
    """`current` with `patch` applied. Raises ApiError 400, 413, 415 or 422."""
    match kind:
        case PatchType.JSON:
            patched = _json_patch(current, patch)
        case PatchType.MERGE:
            patched = merge(current, _mapping(patch))
        case PatchType.STRATEGIC:
            patched = strategic.merge(current, _mapping(patch), type_)
            patched |= {key: current[key] for key in _IDENTITY if key in current}
        case PatchType.APPLY:
            raise no_server_side_apply()
    if not isinstance(patched, dict):
        raise _unprocessable("the patched document is not an object")
    return patched


def merge(target: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7386): null removes, lists are replaced."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    source = target if isinstance(target, dict) else {}
    merged = {k: copy.deepcopy(v) for k, v in source.items() if k not in patch}
    # Existing keys keep their order, so that a diff shows only the changes.
    ordered = {k: merged.get(k) for k in source if k in merged or patch[k] is not None}
    for key, value in patch.items():
        if value is not None:
            ordered[key] = merge(source.get(key), value)
    return ordered


def no_server_side_apply() -> ApiError:
    message = (
        "server-side apply is not supported (use `kubectl apply` without --server-side)"
    )
    return ApiError(415, "UnsupportedMediaType", message)


def _mapping(patch: Any) -> Object:
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a patch must be a JSON object")
    return patch


def _unprocessable(detail: str) -> ApiError:
    message = (
        "the server rejected our request due to an error in our request: "
        f"unable to apply the patch: {detail}"
    )
    return ApiError(422, "Invalid", message)


def _json_patch(current: Object, patch: Any) -> Any:
    if not isinstance(patch, list):
        raise bad_request("error decoding patch: a JSON patch must be a list")
    if len(patch) > _MAX_OPERATIONS:
        raise ApiError(
            413,
            "RequestEntityTooLarge",
            f"The allowed maximum operations in a JSON patch is {_MAX_OPERATIONS}, "
            f"got {len(patch)}",
        )
    document: Any = copy.deepcopy(current)
    copied = 0
    for index, operation in enumerate(patch):
        _check_operation(operation, index)
        try:
            if operation["op"] == "copy":
                copied += _size(document, operation["from"])
                if copied > _MAX_COPIED_BYTES:
                    raise _unprocessable(f"operation {index} copies too much")
            document = jsonpatch.JsonPatch([copy.deepcopy(operation)]).apply(
                document, in_place=True
            )
        except _APPLY_ERRORS as error:
            described = f"operation {index} ({operation['op']} {operation['path']})"
            raise _unprocessable(f"{described}: {_reason(error)}") from None
    codec.check_depth(document)
    return document


def _reason(error: Exception) -> str:
    match error:
        case jsonpatch.JsonPatchTestFailed():
            return "the value is different"
        case jsonpatch.JsonPatchException() | jsonpointer.JsonPointerException():
            return str(error)
        case _:
            return "the path contains a value that has no members"


def _size(document: Any, pointer: str) -> int:
    found = jsonpointer.resolve_pointer(document, pointer)
    return len(msgspec.json.encode(found))


def _check_operation(operation: Any, index: int) -> None:
    where = f"error decoding patch: operation {index}"
    if not isinstance(operation, dict):
        raise bad_request(f"{where} must be an object")
    op = operation.get("op")
    if op not in _OPERATIONS:
        allowed = ", ".join(_OPERATIONS)
        raise bad_request(f"{where}: op is {op!r}, must be one of {allowed}")
    needed = ["path"] + ["from"] * (op in ("copy", "move"))
    for member in needed:
        pointer = operation.get(member)
        if not isinstance(pointer, str) or not (pointer == "" or pointer[0] == "/"):
            raise bad_request(
                f"{where}: {member} is {pointer!r}, must be a JSON pointer"
            )
    if op in ("add", "replace", "test") and "value" not in operation:
        raise bad_request(f"{where}: value is missing, it is required for {op}")
