"""Checks and defaults of objects that depend on other objects.

Rules
- Called for users and controllers alike, before the other defaults and validation.
- Kinds decide; this module reads for them.
- An account `default` that does not exist counts as an empty one: the controller is
  about to create it. Upstream waits for that.

Follows plugin/pkg/admission/{serviceaccount,priority}.
"""

from supervisor.api.registry import listing
from supervisor.api.registry.creation import Creator
from supervisor.api.registry.object_store import ObjectStore
from supervisor.api.registry.selecting import Selection
from supervisor.kinds import pods, priorityclasses, serviceaccounts
from supervisor.kinds.base import Kind
from supervisor.kinds.pods import account, priority
from supervisor.model.meta import Object
from supervisor.model.service_account import DEFAULT


class Admitter:
    def __init__(self, objects: ObjectStore, creator: Creator) -> None:
        self._objects = objects
        self._creator = creator

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
        pod["spec"] = pod.get("spec") or {}
        meta = pod["metadata"]
        # A namespace that ends may have lost its accounts already.
        self._creator.check_namespace(pods.KIND, meta)
        # The name is generated later.
        shown = meta.get("name") or meta.get("generateName") or "Unknown"
        self._set_account(pod, shown, meta["namespace"])
        self._set_priority(pod, shown)

    def _set_account(self, pod: Object, shown: str, namespace: str) -> None:
        name = account.account_of(pod)
        found = self._objects.find(serviceaccounts.KIND, namespace, name)
        if found is None and name != DEFAULT:
            raise account.unknown_account(shown, namespace, name)
        account.set_account(pod, name, found or {})

    def _set_priority(self, pod: Object, shown: str) -> None:
        wanted = pod["spec"].get("priorityClassName")
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
