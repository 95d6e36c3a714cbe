"""Client-side apply: create or patch an object to match a manifest.

The last applied configuration is kept in kubectl's annotation, so kubectl, `supervisor
apply` and the manifest folder can be used on the same object.

Follows kubectl/pkg/cmd/apply/{apply,patcher}.go.
"""

from dataclasses import dataclass

from supervisor.client.base import Client, PatchType, WriteOptions
from supervisor.client.last_applied import annotated, last_applied
from supervisor.model import schema
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.patches import three_way

CREATED, CONFIGURED, UNCHANGED = "created", "configured", "unchanged"


@dataclass(frozen=True)
class Applied:
    object: Object
    """The object after the call."""
    outcome: str
    """CREATED, CONFIGURED or UNCHANGED."""
    was_annotated: bool = True
    """False if the existing object had no last-applied annotation."""


def apply(
    client: Client,
    resource: str,
    manifest: Object,
    options: WriteOptions,
    *,
    write: bool = True,
) -> Applied:
    """Create or patch the object described by `manifest`.

    `manifest` must contain name and namespace. With `write=False` nothing is sent to
    the API except the read; only the outcome is computed. Raises ApiError, and
    ValueError for a manifest without a name or an object whose annotation is not JSON.
    """
    meta = manifest["metadata"]
    name, namespace = str(meta.get("name") or ""), str(meta.get("namespace") or "")
    if not name:
        raise ValueError("metadata.name: Required value: apply finds objects by name")
    wanted = annotated(manifest)
    try:
        current = client.get(resource, name, namespace)
    except ApiError as error:
        if error.code != 404:
            raise
        if not write:
            return Applied(wanted, CREATED)
        return Applied(client.create(resource, wanted, namespace, options), CREATED)
    original = last_applied(current)
    was_annotated = original is not None
    type_ = schema.lookup(manifest["apiVersion"], manifest["kind"])
    patch = three_way(original or {}, wanted, current, type_)
    if not patch:
        return Applied(current, UNCHANGED, was_annotated)
    if not write:
        return Applied(current, CONFIGURED, was_annotated)
    changed = client.patch(
        resource, name, namespace, patch, PatchType.STRATEGIC, options=options
    )
    return Applied(changed, CONFIGURED, was_annotated)
