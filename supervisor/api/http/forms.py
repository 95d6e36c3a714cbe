"""Objects and lists in the form that the client asked for. Pure."""

from supervisor.api import table
from supervisor.api.http.negotiation import Form
from supervisor.api.scheme import Resource
from supervisor.client.base import ObjectList
from supervisor.model.meta import Object


def of_object(
    resource: Resource, obj: Object, form: Form, *, now: float, include_object: str
) -> Object:
    if form.kind == "Table":
        return _table(
            "scale" if obj.get("kind") == "Scale" else resource.name,
            ObjectList([obj], obj["metadata"].get("resourceVersion", "")),
            form,
            now=now,
            include_object=include_object,
        )
    return _partial(obj, form) if form.kind == "PartialObjectMetadata" else obj


def of_list(
    resource: Resource,
    found: ObjectList,
    form: Form,
    *,
    now: float,
    include_object: str,
) -> Object:
    if form.kind == "Table":
        return _table(
            resource.name, found, form, now=now, include_object=include_object
        )
    metadata: Object = {"resourceVersion": found.resource_version}
    if found.continue_token:
        metadata["continue"] = found.continue_token
    kind, version, items = f"{resource.kind}List", resource.api_version, found.items
    if form.kind == "PartialObjectMetadata":
        kind, version = "PartialObjectMetadataList", f"meta.k8s.io/{form.version}"
        items = [_partial(item, form) for item in items]
    return {"kind": kind, "apiVersion": version, "metadata": metadata, "items": items}


def _table(
    printer: str,
    found: ObjectList,
    form: Form,
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
    return rendered | {"apiVersion": f"meta.k8s.io/{form.version}"}


def _partial(obj: Object, form: Form) -> Object:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": obj["metadata"],
    }
