"""Creation: what the system fills in, and the checks before an object is stored.

Rules
- uid and creationTimestamp are ours; what a client says about them is replaced.
- A name made from `generateName` that is taken is made anew, up to eight times.
- Nothing is created in a namespace that does not exist or is being deleted. Checking
  and storing happen under one lock, which deleting a namespace takes too.

Follows apiserver/pkg/registry/rest/create.go and
plugin/pkg/admission/namespace/lifecycle.
"""

import threading
import uuid

from supervisor.api.registry import naming
from supervisor.api.registry.records import Records, to_bytes
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

_TRIES = 8
_SYSTEM_FIELDS = (
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "uid",
    "creationTimestamp",
)


def place(kind: Kind, obj: Object, namespace: str) -> None:
    """Give `obj` the namespace that the request names. Raises ApiError 400."""
    meta = obj["metadata"]
    if not kind.identity.namespaced:
        if meta.get("namespace"):
            raise bad_request(
                f"namespace may not be set on {kind.identity.plural}, which have none"
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
        raise bad_request(f"a namespace is needed to create {kind.identity.plural}")
    meta["namespace"] = given


def fill_in(obj: Object, now: float) -> None:
    """Set what is ours to set. Raises ApiError 400 for a resourceVersion."""
    meta = obj["metadata"]
    if meta.pop("resourceVersion", "") not in ("", "0"):
        raise bad_request("resourceVersion should not be set on objects to be created")
    for name in _SYSTEM_FIELDS:
        meta.pop(name, None)
    meta["uid"] = str(uuid.uuid4())
    meta["creationTimestamp"] = times.to_text(now)
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = naming.generated(meta["generateName"])


class Creator:
    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        #: Held while an object is put into a namespace, and while one begins to end.
        self.namespaces = threading.RLock()

    def store(
        self, kind: Kind, obj: Object, *, generated: bool, dry_run: bool
    ) -> Object:
        """Raises ApiError 409 when the name is taken, 403 or 404 by the namespace."""
        meta = obj["metadata"]
        for attempt in range(_TRIES if generated else 1):
            if attempt:
                meta["name"] = naming.generated(meta["generateName"])
            try:
                with self.namespaces:
                    self._check_namespace(kind, meta)
                    if dry_run:
                        return self._tried(kind, obj)
                    return self._records.create(kind, obj)
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

    def _tried(self, kind: Kind, obj: Object) -> Object:
        meta = obj["metadata"]
        to_bytes(obj)
        if self._records.find(kind, meta.get("namespace", ""), meta["name"]):
            raise Exists
        return obj

    def _check_namespace(self, kind: Kind, meta: Object) -> None:
        if not kind.identity.namespaced:
            return
        name = meta["namespace"]
        namespace = self._records.find(namespaces.KIND, "", name)
        if namespace is None:
            raise not_found(NAMESPACE.resource, name)
        if "deletionTimestamp" in namespace["metadata"]:
            message = (
                f"unable to create new content in namespace {name} because it is being "
                "terminated"
            )
            error = forbidden(kind.identity.resource, meta["name"], message)
            error.details["causes"] = [
                {
                    "reason": "NamespaceTerminating",
                    "message": f"namespace {name} is being terminated",
                    "field": "metadata.namespace",
                }
            ]
            raise error
