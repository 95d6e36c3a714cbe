"""Checks and defaults of objects that depend on other objects.

Rules
- Called for users and controllers alike, before the other defaults and validation.
- Kinds decide; this module reads for them.

Follows plugin/pkg/admission/priority.
"""

from supervisor.api.registry import listing
from supervisor.api.registry.object_store import ObjectStore
from supervisor.api.registry.selecting import Selection
from supervisor.kinds import pods, priorityclasses
from supervisor.kinds.base import Kind
from supervisor.kinds.pods import priority
from supervisor.model.meta import Object


class Admitter:
    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def admit(self, kind: Kind, obj: Object) -> None:
        """Complete a new object. Raises ApiError 403."""
        if kind.identity == pods.KIND.identity:
            self._admit_pod(obj)
        self.check_change(kind, obj)

    def check_change(self, kind: Kind, new: Object, old: Object | None = None) -> None:
        """Check the object to store in place of `old`. Raises ApiError 403."""
        if kind.identity != priorityclasses.KIND.identity:
            return
        if new.get("globalDefault") and not (old or {}).get("globalDefault"):
            priority.check_single_default(new, self._classes())

    def _admit_pod(self, pod: Object) -> None:
        spec = pod["spec"] = pod.get("spec") or {}
        meta = pod["metadata"]
        # The name is generated later.
        shown = meta.get("name") or meta.get("generateName") or "Unknown"
        wanted = spec.get("priorityClassName")
        if wanted:
            found = self._objects.find(priorityclasses.KIND, "", wanted)
            if found is None:
                raise priority.unknown_class(shown, wanted)
        else:
            found = priority.default_class(self._classes())
        priority.set_priority(pod, shown, found)

    def _classes(self) -> list[Object]:
        kind = priorityclasses.KIND
        selection = Selection(kind, "", "")
        return listing.list_objects(self._objects, kind, "", selection).items
