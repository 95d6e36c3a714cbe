"""Write the ControllerRevisions of a DaemonSet or StatefulSet.

Follows pkg/controller/history/controller_history.go.
"""

from collections.abc import Sequence

from supervisor.client.base import Client
from supervisor.controllers.workloads.claiming import controller_of
from supervisor.controllers.workloads.history import History, history
from supervisor.kinds.identity import CONTROLLER_REVISION, Identity
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_RESOURCE = CONTROLLER_REVISION.resource


class RevisionHistory:
    """`kind` is the kind of the owners."""

    def __init__(self, client: Client, kind: Identity) -> None:
        self._client = client
        self._kind = kind

    def of(self, owner: Object) -> list[Object]:
        """The owner's revisions."""
        meta = owner["metadata"]
        found = self._client.list(_RESOURCE, meta["namespace"]).items
        return [r for r in found if (controller_of(r) or {}).get("uid") == meta["uid"]]

    def keep(
        self, owner: Object, found: Sequence[Object], used: set[str], limit: int | None
    ) -> History:
        """Give the present template the newest revision, and delete surplus ones.

        Raises ApiError; after a collision of hashes the owner's `collisionCount` is
        increased first, so that the next call uses another hash.
        """
        todo, namespace = (
            history(owner, found, used, limit),
            owner["metadata"]["namespace"],
        )
        if todo.create is not None and not owner["metadata"].get("deletionTimestamp"):
            self._create(owner, todo.create)
        if todo.renumber is not None:
            name, number = todo.renumber
            self._client.patch(_RESOURCE, name, namespace, {"revision": number})
        for name in todo.delete:
            try:
                self._client.delete(_RESOURCE, name, namespace)
            except ApiError as error:
                if error.code != 404:
                    raise
        return todo

    def _create(self, owner: Object, body: Object) -> None:
        try:
            self._client.create(_RESOURCE, body, body["metadata"]["namespace"])
        except ApiError as error:
            if error.reason == "AlreadyExists":
                self._count_collision(owner)
            raise

    def _count_collision(self, owner: Object) -> None:
        meta = owner["metadata"]
        count = int((owner.get("status") or {}).get("collisionCount") or 0) + 1
        self._client.patch(
            self._kind.resource,
            meta["name"],
            meta["namespace"],
            {"metadata": {"uid": meta["uid"]}, "status": {"collisionCount": count}},
            subresource="status",
        )
