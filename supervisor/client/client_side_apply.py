"""Client-side apply: make one object be what a manifest says.

What was applied last is kept in an annotation of the object, in kubectl's format, so
that kubectl, our command and the folder of manifests may be used in turn.

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
    """As it is afterwards."""
    outcome: str
    """CREATED, CONFIGURED or UNCHANGED."""
    was_annotated: bool = True
    """False: nothing was known of what had been applied before."""


def apply(
    client: Client,
    resource: str,
    manifest: Object,
    options: WriteOptions,
    *,
    write: bool = True,
) -> Applied:
    """Create the object of `manifest`, or change it. Raises ApiError, ValueError.

    The manifest has its name and namespace. Without `write` only the outcome is told.
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
    known = original is not None
    type_ = schema.lookup(str(manifest["apiVersion"]), str(manifest["kind"]))
    patch = three_way(original or {}, wanted, current, type_)
    if not patch:
        return Applied(current, UNCHANGED, known)
    if not write:
        return Applied(current, CONFIGURED, known)
    changed = client.patch(
        resource, name, namespace, patch, PatchType.STRATEGIC, options=options
    )
    return Applied(changed, CONFIGURED, known)
