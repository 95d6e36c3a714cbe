"""The objects that exist in every cluster from its first start.

Follows pkg/registry/scheduling/rest/storage_scheduling.go.
"""

from collections.abc import Iterator

from supervisor.client.base import Client
from supervisor.kinds.identity import PRIORITY_CLASS, Identity
from supervisor.model.errors import STORAGE_READ_ERROR, ApiError
from supervisor.model.meta import Object, encode
from supervisor.model.priority_class import SYSTEM


def ensure(client: Client) -> None:
    """Create the objects that do not exist; existing ones stay as they are."""
    for kind, obj in _objects():
        try:
            client.get(kind.resource, obj["metadata"]["name"])
        except ApiError as error:
            if error.code == 404:
                client.create(kind.resource, kind.head | obj)
            elif error.reason != STORAGE_READ_ERROR:
                raise


def _objects() -> Iterator[tuple[Identity, Object]]:
    for priority_class in SYSTEM:
        yield PRIORITY_CLASS, encode(priority_class)
