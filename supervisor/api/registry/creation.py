"""Creation of objects: system fields, generated names, and the namespace check.

Rules
- uid and creationTimestamp are set by the server; values of the client are replaced.
- If a generated name is in use, another one is tried, up to eight times.
- Nothing is created in a namespace that does not exist or is being deleted. The check
  and the creation hold a lock that the deletion of a namespace acquires, too.

Follows apiserver/pkg/registry/rest/create.go and
plugin/pkg/admission/namespace/lifecycle.
"""

import threading
import uuid

from supervisor.api.registry import naming
from supervisor.api.registry.object_store import ObjectStore, to_bytes
from supervisor.kinds import namespaces
from supervisor.kinds.base import Kind
from supervisor.kinds.identity import NAMESPACE
from supervisor.machinery.clock import Clock
from supervisor.model import times
from supervisor.model.errors import (
    ApiError,
    already_exists,
    bad_request,
    forbidden,
    not_found,
)
from supervisor.model.meta import Object
from supervisor.store.base import Exists

_MAX_ATTEMPTS = 8
_SYSTEM_FIELDS = (
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "uid",
    "creationTimestamp",
)


def set_namespace(kind: Kind, obj: Object, namespace: str) -> None:
    """Set the namespace of the request on `obj`. Raises ApiError 400."""
    meta = obj["metadata"]
    if not kind.identity.namespaced:
        if meta.get("namespace"):
            raise bad_request(
                f"namespace may not be set: {kind.identity.plural} are cluster-scoped"
            )
        meta.pop("namespace", None)
        return
    given = meta.get("namespace") or namespace
    if namespace and given != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent "
            "on the request"
        )
    if not given:
        raise bad_request(f"a namespace is required to create {kind.identity.plural}")
    meta["namespace"] = given


def set_system_fields(obj: Object, now: float) -> None:
    """Set uid, timestamps and generated name; `now` is in seconds since the epoch.

    Raises ApiError 400 if `obj` has a resourceVersion.
    """
    meta = obj["metadata"]
    if meta.pop("resourceVersion", "") not in ("", "0"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    for name in _SYSTEM_FIELDS:
        meta.pop(name, None)
    meta["uid"] = str(uuid.uuid4())
    meta["creationTimestamp"] = times.to_text(now)
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = naming.generate(meta["generateName"])


class Creator:
    """Stores new objects."""

    def __init__(self, objects: ObjectStore, clock: Clock) -> None:
        self._objects = objects
        self._clock = clock
        #: Held while an object is created and while a namespace is marked for deletion.
        self.namespaces = threading.RLock()

    def store(
        self, kind: Kind, obj: Object, *, generated: bool, dry_run: bool
    ) -> Object:
        """Store `obj`. Raises ApiError 409 if its name is in use, 403 or 404 if the
        namespace is terminating or missing.

        If `generated`, its name comes from generateName and may be replaced.
        """
        meta = obj["metadata"]
        for attempt in range(_MAX_ATTEMPTS if generated else 1):
            if attempt:
                meta["name"] = naming.generate(meta["generateName"])
            try:
                with self.namespaces:
                    self.check_namespace(kind, meta)
                    if dry_run:
                        return self._dry_run(kind, obj)
                    return self._objects.create(kind, obj)
            except Exists:
                continue
        error = already_exists(kind.identity.resource, meta["name"])
        if generated:
            message = (
                f"{error.message}, the server was not able to generate a unique name "
                "for the object"
            )
            details = error.details | {"retryAfterSeconds": 1}
            raise ApiError(409, "AlreadyExists", message, details=details)
        raise error

    def _dry_run(self, kind: Kind, obj: Object) -> Object:
        meta = obj["metadata"]
        to_bytes(obj)
        if self._objects.find(kind, meta.get("namespace", ""), meta["name"]):
            raise Exists
        return obj

    def check_namespace(self, kind: Kind, meta: Object) -> None:
        """Raises ApiError 404 or 403 if nothing can be created in the namespace."""
        if not kind.identity.namespaced:
            return
        name = meta["namespace"]
        namespace = self._objects.find(namespaces.KIND, "", name)
        if namespace is None:
            raise not_found(NAMESPACE.resource, name)
        if "deletionTimestamp" in namespace["metadata"]:
            message = (
                f"unable to create new content in namespace {name} because it is being "
                "terminated"
            )
            error = forbidden(kind.identity.resource, meta.get("name", ""), message)
            error.details["causes"] = [
                {
                    "reason": "NamespaceTerminating",
                    "message": f"namespace {name} is being terminated",
                    "field": "metadata.namespace",
                }
            ]
            raise error
