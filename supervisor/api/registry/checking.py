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

from supervisor.api.scheme import Resource
from supervisor.client.base import WriteOptions
from supervisor.model import defaults, schema, validation
from supervisor.model.errors import ApiError, FieldError, bad_request, invalid_object
from supervisor.model.meta import Object, Value, without_nulls

_VOLUME_SOURCE = re.compile(r"spec\.volumes\[\d+\]\.\w+$")


def read(
    resource: Resource,
    body: Object,
    options: WriteOptions,
    duplicates: Sequence[str] = (),
) -> Object:
    """A copy of `body` that is known to be of the right kind and of the right types.

    Raises ApiError 400; warnings go into `options`.
    """
    obj: Object = without_nulls(body)
    _check_kind(resource, obj)
    _check_fields(resource, obj, options, duplicates)
    meta = obj.setdefault("metadata", {})
    # Who changed what is not kept; what clients send back of it means nothing.
    meta.pop("managedFields", None)
    meta.pop("selfLink", None)
    return obj


def _check_kind(resource: Resource, obj: Object) -> None:
    expected = {"apiVersion": resource.api_version, "kind": resource.kind}
    found = {key: obj.get(key) or value for key, value in expected.items()}
    if found != expected:
        raise bad_request(
            f"the object provided is a {found['kind']} of {found['apiVersion']}, and "
            f"this is the place of a {resource.kind} of {resource.api_version}"
        )
    # Put first, so that objects read like manifests.
    rest = {k: v for k, v in obj.items() if k not in expected}
    obj.clear()
    obj.update(found | rest)


def _check_fields(
    resource: Resource, obj: Object, options: WriteOptions, duplicates: Sequence[str]
) -> None:
    type_ = schema.lookup(resource.api_version, resource.kind)
    if type_ is None:
        raise LookupError(f"no schema of {resource.kind} in {resource.api_version}")
    findings = schema.check(obj, type_)
    if findings.type_errors:
        raise _unreadable(resource, ", ".join(findings.type_errors))
    problems = [f'unknown field "{path}"' for path in findings.unknown]
    problems += [f'duplicate field "{path}"' for path in duplicates]
    if problems and options.field_validation == "Strict":
        raise _unreadable(resource, f"strict decoding error: {', '.join(problems)}")
    if problems and options.field_validation == "Warn":
        options.warnings.extend(problems)
    if findings.unknown:
        schema.drop_unknown(obj, type_)
    schema.canonical_bytes(obj, type_)


def warn_of_unhonoured(
    resource: Resource, obj: Object, options: WriteOptions, old: Object | None = None
) -> None:
    """Name the fields that are new in `obj` and that we do not act upon; and what is
    accepted for the last time.
    """
    options.warnings.extend(validation.warnings(resource.name, obj))
    type_ = schema.lookup(resource.api_version, resource.kind)
    if type_ is None or resource.value_type is None:
        return
    known = set(_unhonoured(resource, old, type_)) if old else set()
    for found in _unhonoured(resource, obj, type_):
        text = ": ".join(found)
        if found not in known and text not in options.warnings:
            options.warnings.append(text)


def _unhonoured(
    resource: Resource, obj: Object, type_: schema.TypeSchema
) -> list[tuple[str, str]]:
    """Paths of what we do not act upon, and what becomes of each."""
    found = []
    for path in schema.unhonoured(obj, type_, resource.value_type or Value):
        # The agent starts no pod without a volume that it asks for.
        is_volume = _VOLUME_SOURCE.search(path)
        effect = "the pod will not start" if is_volume else "ignored"
        found.append((path, f"not supported, {effect}"))
    return found + schema.unhonoured_values(resource.kind, obj)


def _unreadable(resource: Resource, reason: str) -> ApiError:
    return bad_request(
        f'{resource.kind} in version "{resource.version}" cannot be handled as a '
        f"{resource.kind}: {reason}"
    )


def new_object(resource: Resource, obj: Object, *, toleration_seconds: int) -> None:
    """Complete an object that is to be created. Raises ApiError 422."""
    defaults.mark_strict(resource.name, obj)
    defaults.apply(resource.name, obj)
    if resource.name == "pods":
        defaults.tolerate_loss(obj, toleration_seconds)
    defaults.prepare_create(resource.name, obj)
    _refuse(resource, obj, validation.on_create(resource.name, obj))


def changed_object(
    resource: Resource, new: Object, old: Object, *, status: bool
) -> None:
    """Complete `new`, and keep of `old` what it may not change. Raises ApiError 422."""
    if status:
        defaults.prepare_status_update(resource.name, new, old)
        wrong = validation.on_status_update(resource.name, new, old)
    else:
        defaults.apply(resource.name, new)
        defaults.prepare_update(resource.name, new, old)
        wrong = validation.on_update(resource.name, new, old)
    _refuse(resource, new, wrong)


def _refuse(resource: Resource, obj: Object, wrong: Sequence[FieldError]) -> None:
    if wrong:
        name = obj["metadata"].get("name") or obj["metadata"].get("generateName", "")
        raise invalid_object(resource.qualified_kind, name, wrong)
