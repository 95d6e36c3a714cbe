"""Examines what a client sends before anything is done with it.

Rules
- What is refused is refused as a whole, with every reason found.
- Unknown and duplicate fields follow `fieldValidation`: Strict refuses them, Warn drops
  and names them, Ignore drops them. Wrong types are always refused.
- Fields that Kubernetes knows and we do not honour are kept, and named in a warning.

Follows apiserver/pkg/endpoints/handlers/{create,update,rest}.go.
"""

import re
from collections.abc import Sequence

from supervisor.client.base import WriteOptions
from supervisor.kinds import conversion, writing
from supervisor.kinds.base import Admission, Kind, OldVersion, Resource
from supervisor.model import schema
from supervisor.model.errors import ApiError, FieldError, bad_request, invalid_object
from supervisor.model.meta import Object, without_nulls
from supervisor.model.schema import TypeSchema

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
    ApiError 400; warnings go into `options`.
    """
    obj: Object = without_nulls(body)
    old = _check_kind(kind, obj, api_version)
    _check_fields(kind, obj, options, duplicates)
    meta = obj.setdefault("metadata", {})
    # Who changed what is not kept; what clients send back of it means nothing.
    meta.pop("managedFields", None)
    meta.pop("selfLink", None)
    if old is not None and isinstance(kind, Kind):
        conversion.to_stored(kind, obj, old)
    return obj


def _check_kind(kind: Resource, obj: Object, api_version: str) -> OldVersion | None:
    """The version of `obj`, if it is not the stored one."""
    identity, found = kind.identity, obj.get("apiVersion")
    if not api_version:
        known = isinstance(found, str) and kind.old_version(found) is not None
        api_version = str(found) if known else identity.api_version
    expected = {"apiVersion": api_version, "kind": identity.kind}
    given = {key: obj.get(key) or value for key, value in expected.items()}
    if given != expected:
        raise bad_request(
            f"the object provided is a {given['kind']} of {given['apiVersion']}, and "
            f"this is the place of a {identity.kind} of {api_version}"
        )
    # Put first, so that objects read like manifests.
    rest = {k: v for k, v in obj.items() if k not in expected}
    obj.clear()
    obj.update(given | rest)
    return kind.old_version(api_version)


def type_of(kind: Resource, api_version: str) -> TypeSchema:
    """The schema of the kind in one of its versions."""
    type_ = schema.lookup(api_version, kind.identity.kind)
    if type_ is None:
        raise LookupError(f"no schema of {kind.identity.kind} in {api_version}")
    return type_


def _check_fields(
    kind: Resource, obj: Object, options: WriteOptions, duplicates: Sequence[str]
) -> None:
    type_ = type_of(kind, obj["apiVersion"])
    findings = schema.check(obj, type_)
    if findings.type_errors:
        raise _unreadable(type_, ", ".join(findings.type_errors))
    problems = [f'unknown field "{path}"' for path in findings.unknown]
    problems += [f'duplicate field "{path}"' for path in duplicates]
    if problems and options.field_validation == "Strict":
        raise _unreadable(type_, f"strict decoding error: {', '.join(problems)}")
    if problems and options.field_validation == "Warn":
        options.warnings.extend(problems)
    if findings.unknown:
        schema.drop_unknown(obj, type_)


def warn_of_unhonoured(
    kind: Kind, obj: Object, options: WriteOptions, old: Object | None = None
) -> None:
    """Name the fields that are new in `obj` and that we do not act upon."""
    if kind.value_type is None:
        return
    type_ = type_of(kind, kind.identity.api_version)
    known = schema.unhonoured(old, type_, kind.value_type) if old else []
    for path in schema.unhonoured(obj, type_, kind.value_type):
        # The agent starts no pod without a volume that it asks for.
        is_volume = _VOLUME_SOURCE.search(path)
        effect = "the pod will not start" if is_volume else "ignored"
        text = f"{path}: not supported, {effect}"
        if path not in known and text not in options.warnings:
            options.warnings.append(text)


def _unreadable(type_: TypeSchema, reason: str) -> ApiError:
    return bad_request(
        f'{type_.name} in version "{type_.version}" cannot be handled as a '
        f"{type_.name}: {reason}"
    )


def new_object(kind: Kind, obj: Object, admission: Admission) -> None:
    """Complete an object that is to be created. Raises ApiError 422."""
    _refuse(kind, obj, writing.created(kind, obj, admission))


def changed_object(kind: Kind, new: Object, old: Object) -> None:
    """Complete `new`, and keep of `old` what it may not change. Raises ApiError 422."""
    _refuse(kind, new, writing.updated(kind, new, old))


def _refuse(kind: Kind, obj: Object, wrong: Sequence[FieldError]) -> None:
    if wrong:
        name = obj["metadata"].get("name") or obj["metadata"].get("generateName", "")
        raise invalid_object(kind.identity.qualified_kind, name, wrong)
