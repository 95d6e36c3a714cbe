"""The controllers of pods, and how many pods each should have.

Rules
- A ReplicaSet of a Deployment is counted as the Deployment.
- A controller that does not exist, or is another one of that name, is not found.

Follows the finders of pkg/controller/disruption/disruption.go.
"""

from collections.abc import Iterable

from supervisor.client.base import Client
from supervisor.controllers.disruption.plan import Controller, NoController
from supervisor.controllers.workloads.claiming import controller_of
from supervisor.kinds.base import Kind
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import DEPLOYMENT, REPLICA_SET
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.meta import Object


class Scales:
    def __init__(self, client: Client, catalog: Catalog) -> None:
        self._client = client
        self._catalog = catalog

    def of(self, pods: Iterable[Object]) -> dict[str, Controller]:
        """By uid of the owner reference; those that are missing are left out.

        Raises NoController for a kind that has no number of replicas, and ApiError.
        """
        found: dict[str, Controller] = {}
        for pod in pods:
            owner = controller_of(pod)
            if owner is None or owner["uid"] in found:
                continue
            controller = self._find(owner, pod["metadata"]["namespace"])
            if controller is not None:
                found[owner["uid"]] = controller
        return found

    def _find(self, owner: Object, namespace: str) -> Controller | None:
        kind = self._scalable(owner)
        obj = self._get(kind, owner, namespace)
        if obj is None:
            return None
        above = controller_of(obj)
        if kind.identity == REPLICA_SET and above and above["kind"] == DEPLOYMENT.kind:
            obj = self._get(self._scalable(above), above, namespace) or obj
        replicas = (obj.get("spec") or {}).get("replicas") or 0
        return Controller(obj["metadata"]["uid"], replicas)

    def _scalable(self, owner: Object) -> Kind:
        version, kind = owner["apiVersion"], owner["kind"]
        served = self._catalog.by_kind(version, kind)
        if served is None or not isinstance(served.resource, Kind):
            text = f'no matches for kind "{kind}" in version "{version}"'
            raise NoController(text)
        if served.resource.subresource("scale") is None:
            name = served.resource.identity.resource
            raise NoController(f"{name} does not implement the scale subresource")
        return served.resource

    def _get(self, kind: Kind, owner: Object, namespace: str) -> Object | None:
        try:
            obj = self._client.get(kind.identity.resource, owner["name"], namespace)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        return obj if obj["metadata"]["uid"] == owner["uid"] else None
