"""Decoding and validating objects in requests.

Rules
- A request is rejected as a whole, with all errors found.
- Unknown and duplicate fields follow `fieldValidation`: Strict rejects them, Warn drops
  them with a warning, Ignore drops them. Wrong types are always rejected.
- Kubernetes fields that are not supported are kept, with a warning.
- A null in a list or a map is the zero value of its type, and validated as such.
- Objects that controllers and agents could not decode are rejected.

Follows apiserver/pkg/endpoints/handlers/{create,update,rest}.go.
"""

import re
from collections.abc import Sequence

import msgspec

from supervisor.api.registry.object_store import check_size
from supervisor.client.base import WriteOptions
from supervisor.kinds import conversion, writing
from supervisor.kinds.base import Admission, Kind, Resource
from supervisor.model import schema
from supervisor.model.errors import ApiError, FieldError, bad_request, invalid_object
from supervisor.model.meta import Object, Value, decode
from supervisor.model.schema import TypeSchema

_MAX_REPORTED = 50
_VOLUME_SOURCE = re.compile(r"spec\.volumes\[\d+\]\.\w+$")


def read_body(
    kind: Resource,
    body: Object,
    options: WriteOptions,
    duplicates: Sequence[str] = (),
    *,
    api_version: str = "",
) -> Object:
    """A copy of `body` with checked kind and field types, in the stored version.

    `api_version` is the version of the request; if empty, that of the body is used.
    Adds warnings to `options`. Raises ApiError 400 or 413.
    """
    check_size(body)
    expected = _version_of(kind, body, api_version)
    obj: Object = schema.as_read(body, schema_of(kind, expected))
    _check_kind(kind, obj, expected)
    _check_fields(kind, obj, options, duplicates)
    meta = obj.setdefault("metadata", {})
    # Not stored; clients send back what they have received.
    meta.pop("managedFields", None)
    meta.pop("selfLink", None)
    old = kind.old_version(expected)
    if old is not None and isinstance(kind, Kind):
        conversion.to_stored(kind, obj, old)
    return obj


def _version_of(kind: Resource, body: Object, api_version: str) -> str:
    """The version of `body`; the stored version if it is not served."""
    if api_version:
        return api_version
    found = body.get("apiVersion")
    known = isinstance(found, str) and kind.old_version(found) is not None
    return str(found) if known else kind.identity.api_version


def read_subresource_body(api_version: str, kind: str, body: Object) -> Object:
    """A copy of `body`, sent to a subresource, with checked field types.

    Unknown fields and the kind are not checked. Raises ApiError 400.
    """
    type_ = _lookup_schema(api_version, kind)
    obj = schema.as_read(body, type_)
    if errors := schema.check(obj, type_).type_errors:
        version = api_version.rpartition("/")[2]
        raise _unreadable(kind, version, _joined(errors))
    return obj


def to_stored(kind: Resource, obj: Object) -> Object:
    """`obj` as it is stored and served.

    Zero values are omitted or included as Go's JSON encoder does for each field.
    """
    return schema.as_written(obj, schema_of(kind))


def to_stored_typed(kind: Kind, obj: Object) -> Object:
    """Like `to_stored`. Raises ApiError 400 if the typed value cannot be decoded."""
    result = to_stored(kind, obj)
    if kind.value_type is not None:
        try:
            decode(kind.value_type, result)
        except msgspec.ValidationError as error:
            identity = kind.identity
            raise _unreadable(identity.kind, identity.version, str(error)) from None
    return result


def schema_of(kind: Resource, api_version: str = "") -> TypeSchema:
    """The schema of the kind in `api_version`, or in the stored version if empty."""
    return _lookup_schema(api_version or kind.identity.api_version, kind.identity.kind)


def _lookup_schema(api_version: str, kind: str) -> TypeSchema:
    type_ = schema.lookup(api_version, kind)
    if type_ is None:
        raise LookupError(f"no schema of {kind} in {api_version}")
    return type_


def _check_kind(kind: Resource, obj: Object, api_version: str) -> None:
    expected = {"apiVersion": api_version, "kind": kind.identity.kind}
    found = {key: obj.get(key) or value for key, value in expected.items()}
    if found != expected:
        raise bad_request(
            f"the object provided is a {found['kind']} of {found['apiVersion']}, and "
            f"this endpoint expects a {expected['kind']} of {api_version}"
        )
    # Put apiVersion and kind first, as in manifests.
    rest = {k: v for k, v in obj.items() if k not in expected}
    obj.clear()
    obj.update(found | rest)


def _check_fields(
    kind: Resource, obj: Object, options: WriteOptions, duplicates: Sequence[str]
) -> None:
    type_ = schema_of(kind, obj["apiVersion"])
    names = type_.name, type_.version
    findings = schema.check(obj, type_)
    if findings.type_errors:
        raise _unreadable(*names, _joined(findings.type_errors))
    problems = [f'unknown field "{path}"' for path in findings.unknown]
    problems += [f'duplicate field "{path}"' for path in duplicates]
    if problems and options.field_validation == "Strict":
        raise _unreadable(*names, f"strict decoding error: {_joined(problems)}")
    if problems and options.field_validation == "Warn":
        options.warnings.extend(_truncated(problems))
    if findings.unknown:
        schema.drop_unknown(obj, type_)
    schema.canonical_bytes(obj, type_)


def warn_of_unsupported(
    kind: Kind, obj: Object, options: WriteOptions, old: Object | None = None
) -> None:
    """Warn of unsupported fields that are new in `obj`, and of deprecated ones.

    Adds the warnings to `options`; `old` is the stored object, if any.
    """
    options.warnings.extend(kind.rules.warnings(obj))
    if kind.value_type is None:
        return
    type_ = schema_of(kind)
    known = set(_unsupported(kind, old, type_)) if old else set()
    for found in _unsupported(kind, obj, type_):
        text = ": ".join(found)
        if found not in known and text not in options.warnings:
            options.warnings.append(text)


def _unsupported(kind: Kind, obj: Object, type_: TypeSchema) -> list[tuple[str, str]]:
    """Paths of unsupported fields, and the effect of each."""
    found = []
    for path in schema.unhonoured(obj, type_, kind.value_type or Value):
        # The agent does not start pods with unsupported volumes.
        is_volume = _VOLUME_SOURCE.search(path)
        effect = "the pod will not start" if is_volume else "ignored"
        found.append((path, f"not supported, {effect}"))
    return found + list(kind.rules.ignored(obj))


def _joined(faults: Sequence[str]) -> str:
    return ", ".join(_truncated(faults))


def _truncated(faults: Sequence[str]) -> list[str]:
    """The first faults, and the number of omitted ones."""
    more = len(faults) - _MAX_REPORTED
    return [*faults[:_MAX_REPORTED], *([f"and {more} more"] if more > 0 else [])]


def _unreadable(kind: str, version: str, reason: str) -> ApiError:
    return bad_request(
        f'{kind} in version "{version}" cannot be handled as a {kind}: {reason}'
    )


def prepare_new(kind: Kind, obj: Object, admission: Admission) -> Object:
    """Complete and validate a new object. Raises ApiError 400, 413, 422."""
    kind.writes.admit(obj, admission)
    writing.complete(kind, obj)
    check_size(obj)
    writing.prepare_create(kind, obj, admission)
    _raise_if_invalid(kind, obj, writing.validate_new(kind, obj))
    return to_stored_typed(kind, obj)


def prepare_changed(kind: Kind, new: Object, old: Object) -> Object:
    """Complete and validate `new` in place of `old`, keeping immutable fields.

    Raises ApiError 400 or 422.
    """
    _raise_if_invalid(kind, new, writing.apply_update(kind, new, old))
    return to_stored_typed(kind, new)


def _raise_if_invalid(kind: Kind, obj: Object, errors: Sequence[FieldError]) -> None:
    if errors:
        name = obj["metadata"].get("name") or obj["metadata"].get("generateName", "")
        raise invalid_object(kind.identity.qualified_kind, name, errors)
