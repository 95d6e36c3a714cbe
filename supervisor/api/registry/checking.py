"""Examines what a client sends before anything is done with it.

Rules
- What is refused is refused as a whole, with every reason found.
- Unknown and duplicate fields follow `fieldValidation`: Strict refuses them, Warn drops
  and names them, Ignore drops them. Wrong types are always refused.
- Fields that Kubernetes knows and we do not honour are kept, and named in a warning.
- A null in a list or a map is the zero value of its type, and validated as such.
- What controllers and agents could not read as a typed value is refused here.

Follows apiserver/pkg/endpoints/handlers/{create,update,rest}.go.
"""

import re
from collections.abc import Sequence

import msgspec

from supervisor.api.registry.records import check_size
from supervisor.client.base import WriteOptions
from supervisor.kinds import conversion, writing
from supervisor.kinds.base import Admission, Kind, Resource
from supervisor.model import schema
from supervisor.model.errors import ApiError, FieldError, bad_request, invalid_object
from supervisor.model.meta import Object, Value, decode
from supervisor.model.schema import TypeSchema

_MAX_TOLD = 50
_VOLUME_SOURCE = re.compile(r"spec\.volumes\[\d+\]\.\w+$")


def read(
    kind: Resource,
    body: Object,
    options: WriteOptions,
    duplicates: Sequence[str] = (),
    *,
    api_version: str = "",
) -> Object:
    """A copy of `body` that is of the right kind and types, in the stored version.

    `api_version` is that of the request; empty: whichever the body says. Raises
    ApiError 400, 413; warnings go into `options`.
    """
    check_size(body)
    expected = _version_of(kind, body, api_version)
    obj: Object = schema.as_read(body, type_of(kind, expected))
    _check_kind(kind, obj, expected)
    _check_fields(kind, obj, options, duplicates)
    meta = obj.setdefault("metadata", {})
    # Who changed what is not kept; what clients send back of it means nothing.
    meta.pop("managedFields", None)
    meta.pop("selfLink", None)
    old = kind.old_version(expected)
    if old is not None and isinstance(kind, Kind):
        conversion.to_stored(kind, obj, old)
    return obj


def _version_of(kind: Resource, body: Object, api_version: str) -> str:
    """The version that `body` is written in, as far as it is one of the kind's."""
    if api_version:
        return api_version
    found = body.get("apiVersion")
    known = isinstance(found, str) and kind.old_version(found) is not None
    return str(found) if known else kind.identity.api_version


def shaped(api_version: str, kind: str, body: Object) -> Object:
    """A copy of `body`, the body of a subresource, that is known to fit its type.

    Unknown fields, and a kind that is not this one, are left to the caller.
    Raises ApiError 400.
    """
    type_ = _type_at(api_version, kind)
    obj = schema.as_read(body, type_)
    if wrong := schema.check(obj, type_).type_errors:
        version = api_version.rpartition("/")[2]
        raise _unreadable(kind, version, _listed(wrong))
    return obj


def written(kind: Resource, obj: Object) -> Object:
    """`obj` as it is stored and served: without zero values that Go leaves out, and
    with those that it always writes."""
    return schema.as_written(obj, type_of(kind))


def written_typed(kind: Kind, obj: Object) -> Object:
    """Raises ApiError 400 for what could not be read back as a typed value."""
    result = written(kind, obj)
    if kind.value_type is not None:
        try:
            decode(kind.value_type, result)
        except msgspec.ValidationError as error:
            identity = kind.identity
            raise _unreadable(identity.kind, identity.version, str(error)) from None
    return result


def type_of(kind: Resource, api_version: str = "") -> TypeSchema:
    """The schema of the kind in one of its versions; the stored one by default."""
    return _type_at(api_version or kind.identity.api_version, kind.identity.kind)


def _type_at(api_version: str, kind: str) -> TypeSchema:
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
            f"this is the place of a {expected['kind']} of {api_version}"
        )
    # Put first, so that objects read like manifests.
    rest = {k: v for k, v in obj.items() if k not in expected}
    obj.clear()
    obj.update(found | rest)


def _check_fields(
    kind: Resource, obj: Object, options: WriteOptions, duplicates: Sequence[str]
) -> None:
    type_ = type_of(kind, obj["apiVersion"])
    names = type_.name, type_.version
    findings = schema.check(obj, type_)
    if findings.type_errors:
        raise _unreadable(*names, _listed(findings.type_errors))
    problems = [f'unknown field "{path}"' for path in findings.unknown]
    problems += [f'duplicate field "{path}"' for path in duplicates]
    if problems and options.field_validation == "Strict":
        raise _unreadable(*names, f"strict decoding error: {_listed(problems)}")
    if problems and options.field_validation == "Warn":
        options.warnings.extend(_cut(problems))
    if findings.unknown:
        schema.drop_unknown(obj, type_)
    schema.canonical_bytes(obj, type_)


def warn_of_unhonoured(
    kind: Kind, obj: Object, options: WriteOptions, old: Object | None = None
) -> None:
    """Name the fields that are new in `obj` and that we do not act upon; and what is
    accepted for the last time.
    """
    options.warnings.extend(kind.rules.warnings(obj))
    if kind.value_type is None:
        return
    type_ = type_of(kind)
    known = set(_unhonoured(kind, old, type_)) if old else set()
    for found in _unhonoured(kind, obj, type_):
        text = ": ".join(found)
        if found not in known and text not in options.warnings:
            options.warnings.append(text)


def _unhonoured(kind: Kind, obj: Object, type_: TypeSchema) -> list[tuple[str, str]]:
    """Paths of what we do not act upon, and what becomes of each."""
    found = []
    for path in schema.unhonoured(obj, type_, kind.value_type or Value):
        # The agent starts no pod without a volume that it asks for.
        is_volume = _VOLUME_SOURCE.search(path)
        effect = "the pod will not start" if is_volume else "ignored"
        found.append((path, f"not supported, {effect}"))
    return found + list(kind.rules.ignored(obj))


def _listed(faults: Sequence[str]) -> str:
    return ", ".join(_cut(faults))


def _cut(faults: Sequence[str]) -> list[str]:
    """All, or as many as anybody reads, and how many more there are."""
    more = len(faults) - _MAX_TOLD
    return [*faults[:_MAX_TOLD], *([f"and {more} more"] if more > 0 else [])]


def _unreadable(kind: str, version: str, reason: str) -> ApiError:
    return bad_request(
        f'{kind} in version "{version}" cannot be handled as a {kind}: {reason}'
    )


def new_object(kind: Kind, obj: Object, admission: Admission) -> Object:
    """`obj` complete, as it is to be stored first. Raises ApiError 400, 413, 422."""
    kind.writes.admit(obj, admission)
    writing.complete(kind, obj)
    check_size(obj)
    writing.prepare_create(kind, obj, admission)
    _refuse(kind, obj, writing.problems_of_new(kind, obj))
    return written_typed(kind, obj)


def changed_object(kind: Kind, new: Object, old: Object) -> Object:
    """`new` complete, with what it may not change kept of `old`.

    Raises ApiError 400, 422.
    """
    _refuse(kind, new, writing.updated(kind, new, old))
    return written_typed(kind, new)


def _refuse(kind: Kind, obj: Object, wrong: Sequence[FieldError]) -> None:
    if wrong:
        name = obj["metadata"].get("name") or obj["metadata"].get("generateName", "")
        raise invalid_object(kind.identity.qualified_kind, name, wrong)
