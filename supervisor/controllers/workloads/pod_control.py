"""Create, delete, adopt and release pods on behalf of an owner, and tell of it.

Rules
- What has vanished meanwhile is what was wanted: a deletion of it is no failure.
- A namespace that is being deleted refuses new pods; that is no failure either, since
  everything in it goes anyway.
- Pods are named by uid wherever they are changed, so a namesake is never hit.

Follows pkg/controller/controller_utils.go (RealPodControl, slowStartBatch).
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Protocol

from supervisor.client.base import Client, DeleteOptions, PatchType
from supervisor.client.events import EventRecorder
from supervisor.controllers.workloads.replicas import AdoptPod, ReleasePod
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError, is_namespace_terminating
from supervisor.model.meta import Object, controller_reference

NO_LABELS = "unable to create pods, no labels"


class Named(Protocol):
    """An action on one pod."""

    @property
    def name(self) -> str: ...

    @property
    def uid(self) -> str: ...


class PodControl:
    def __init__(self, client: Client, recorder: EventRecorder) -> None:
        self._client = client
        self._recorder = recorder

    def create(self, owner: Object, count: int) -> ApiError | None:
        """Create `count` pods from the owner's template; the first failure, if any.

        Goes in batches of 1, 2, 4, …: when the API refuses one pod, it is not asked
        for all the others too.
        """
        return self.create_all(owner, [pod_from_template(owner)] * count)

    def create_all(self, owner: Object, bodies: Sequence[Object]) -> ApiError | None:
        """Create these pods, in such batches; the first failure, if any."""
        left, batch = list(bodies), 1
        while left:
            now, left = left[:batch], left[batch:]
            failures = [self._create_one(owner, body) for body in now]
            if failure := next((f for f in failures if f is not None), None):
                return failure
            batch *= 2
        return None

    def _create_one(self, owner: Object, body: Object) -> ApiError | None:
        try:
            if not body["metadata"].get("labels"):
                raise ApiError(422, "Invalid", NO_LABELS)
            made = self._client.create(
                POD.resource, body, owner["metadata"]["namespace"]
            )
        except ApiError as error:
            if is_namespace_terminating(error):
                return None
            text = f"Error creating: {error}"
            self._recorder.record(owner, "Warning", "FailedCreate", text)
            return error
        text = f"Created pod: {made['metadata']['name']}"
        self._recorder.record(owner, "Normal", "SuccessfulCreate", text)
        return None

    def delete(self, owner: Object, pod: Named) -> ApiError | None:
        """Delete a pod gracefully; the failure, if any."""
        namespace = owner["metadata"]["namespace"]
        try:
            options = DeleteOptions(uid=pod.uid)
            self._client.delete(POD.resource, pod.name, namespace, options)
        except ApiError as error:
            if error.code in (404, 409):
                return None
            text = f"Error deleting: {error}"
            self._recorder.record(owner, "Warning", "FailedDelete", text)
            return error
        text = f"Deleted pod: {pod.name}"
        self._recorder.record(owner, "Normal", "SuccessfulDelete", text)
        return None

    def adopt(self, owner: Object, pod: AdoptPod) -> None:
        self._change_owners(owner, pod.name, pod.uid, controller_reference(owner))

    def release(self, owner: Object, pod: ReleasePod) -> None:
        dropped = {"$patch": "delete", "uid": owner["metadata"]["uid"]}
        self._change_owners(owner, pod.name, pod.uid, dropped)

    def _change_owners(
        self, owner: Object, name: str, uid: str, change: dict[str, Any]
    ) -> None:
        patch = {"metadata": {"uid": uid, "ownerReferences": [change]}}
        namespace = owner["metadata"]["namespace"]
        try:
            self._client.patch(
                POD.resource, name, namespace, patch, PatchType.STRATEGIC
            )
        except ApiError as error:
            if error.code != 404:
                raise


def pod_from_template(owner: Object) -> Object:
    """A pod as the owner's template asks for it, owned by the owner."""
    template = deepcopy(owner["spec"].get("template") or {})
    given = template.get("metadata") or {}
    copied = ("labels", "annotations", "finalizers")
    meta = {key: given[key] for key in copied if given.get(key)}
    meta["generateName"] = f"{owner['metadata']['name']}-"
    meta["namespace"] = owner["metadata"]["namespace"]
    meta["ownerReferences"] = [controller_reference(owner)]
    spec = template.get("spec") or {}
    return {**POD.head, "metadata": meta, "spec": spec}
