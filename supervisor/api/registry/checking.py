"""Examines what a client sends before anything is done with it.

Rules
- What is refused is refused as a whole, with every reason found.
- Unknown and duplicate fields follow `fieldValidation`: Strict refuses them, Warn drops
  and names them, Ignore drops them.
- Fields that Kubernetes knows and we do not honour are kept, and named in a warning.

Follows apiserver/pkg/endpoints/handlers/{create,update,rest}.go.
"""

from collections.abc import Sequence

from supervisor.api.scheme import Resource
from supervisor.client.base import WriteOptions
from supervisor.model.errors import bad_request, invalid_object, required
from supervisor.model.meta import Object, without_nulls


def read(
    resource: Resource,
    body: Object,
    options: WriteOptions,
    duplicates: Sequence[str] = (),
) -> Object:
    """A copy of `body` that is known to be of the right kind and of the right types."""
    obj: Object = without_nulls(body)
    _check_kind(resource, obj)
    if not isinstance(obj.setdefault("metadata", {}), dict):
        raise _unreadable(resource, ["metadata must be an object"])
    obj["metadata"].pop("managedFields", None)
    obj["metadata"].pop("selfLink", None)
    return obj


def _check_kind(resource: Resource, obj: Object) -> None:
    expected = {"apiVersion": resource.api_version, "kind": resource.kind}
    found = {key: obj.get(key) or value for key, value in expected.items()}
    if found != expected:
        raise bad_request(
            f"the object provided is a {found['kind']} of {found['apiVersion']}, and "
            f"this is the place of a {resource.kind} of {resource.api_version}"
        )
    # Written first, so that objects read like manifests.
    rest = {k: v for k, v in obj.items() if k not in expected}
    obj.clear()
    obj.update(found | rest)


def _unreadable(resource: Resource, reasons: Sequence[str]) -> Exception:
    return bad_request(
        f'{resource.kind} in version "{resource.version}" cannot be handled as a '
        f"{resource.kind}: {', '.join(reasons)}"
    )


def prepare_create(resource: Resource, obj: Object) -> None:
    """Defaults, then validation. Raises ApiError 422."""
    meta = obj["metadata"]
    if not meta.get("name"):
        wrong = required("metadata.name", "name or generateName is required")
        raise invalid_object(resource.qualified_kind, "", [wrong])
    if "spec" in obj:
        meta["generation"] = 1


def prepare_update(
    resource: Resource, new: Object, old: Object, *, status: bool
) -> None:
    """Keep what this request may not change, then defaults and validation."""
    if status:
        kept = {k: v for k, v in old.items() if k != "status"}
        new.update(kept)
    elif "status" in old:
        new["status"] = old["status"]
    if new.get("spec") != old.get("spec"):
        generation = old["metadata"].get("generation", 0)
        new["metadata"]["generation"] = generation + 1
