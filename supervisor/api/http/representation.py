"""Objects and lists in the representation and version of the request. Pure."""

from dataclasses import replace

from supervisor.api import table
from supervisor.api.http.negotiation import Representation
from supervisor.client.base import ObjectList
from supervisor.kinds import conversion, scale
from supervisor.kinds.base import Review
from supervisor.kinds.catalog import Served
from supervisor.kinds.columns import Printer
from supervisor.kinds.parts import NAME_AND_AGE
from supervisor.model.meta import Object


def of_object(
    served: Served,
    obj: Object,
    target: Representation,
    *,
    now: float,
    include_object: str,
) -> Object:
    converted = _in_version(served, obj)
    if target.kind == "Table":
        return _table(
            scale.COLUMNS if obj.get("kind") == scale.KIND else _columns(served),
            ObjectList([converted], obj["metadata"].get("resourceVersion", "")),
            target,
            now=now,
            include_object=include_object,
        )
    is_partial = target.kind == "PartialObjectMetadata"
    return _partial(converted, target) if is_partial else converted


def of_list(
    served: Served,
    found: ObjectList,
    target: Representation,
    *,
    now: float,
    include_object: str,
) -> Object:
    items = [_in_version(served, item) for item in found.items]
    if target.kind == "Table":
        return _table(
            _columns(served),
            replace(found, items=items),
            target,
            now=now,
            include_object=include_object,
        )
    metadata: Object = {"resourceVersion": found.resource_version}
    if found.continue_token:
        metadata["continue"] = found.continue_token
    kind, version = f"{served.resource.identity.kind}List", served.api_version
    if target.kind == "PartialObjectMetadata":
        kind, version = "PartialObjectMetadataList", f"meta.k8s.io/{target.version}"
        items = [_partial(item, target) for item in items]
    return {"kind": kind, "apiVersion": version, "metadata": metadata, "items": items}


def _in_version(served: Served, obj: Object) -> Object:
    """`obj` in the version of the request; Scale and Status have only one version."""
    if served.old is None or obj.get("kind") != served.resource.identity.kind:
        return obj
    return conversion.from_stored(obj, served.old)


def _columns(served: Served) -> Printer:
    resource = served.resource
    return NAME_AND_AGE if isinstance(resource, Review) else resource.columns


def _table(
    printer: Printer,
    found: ObjectList,
    target: Representation,
    *,
    now: float,
    include_object: str,
) -> Object:
    rendered = table.render(
        printer,
        found.items,
        now=now,
        include_object=include_object or "Metadata",
        resource_version=found.resource_version,
        continue_token=found.continue_token,
    )
    return rendered | {"apiVersion": f"meta.k8s.io/{target.version}"}


def _partial(obj: Object, target: Representation) -> Object:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{target.version}",
        "metadata": obj["metadata"],
    }
