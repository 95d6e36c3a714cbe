"""The objects that exist in every cluster from its first start.

Follows pkg/registry/scheduling/rest/storage_scheduling.go.
"""

from collections.abc import Iterator

from supervisor.client.base import Client
from supervisor.kinds.identity import PRIORITY_CLASS, STORAGE_CLASS, Identity
from supervisor.model.errors import STORAGE_READ_ERROR, ApiError
from supervisor.model.meta import Object, encode
from supervisor.model.priority_class import SYSTEM
from supervisor.model.storage import (
    DOCKER_CLASS,
    DOCKER_PROVISIONER,
    WAIT_FOR_CONSUMER,
)

_DOCKER_CLASS: Object = {
    "metadata": {
        "name": DOCKER_CLASS,
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": DOCKER_PROVISIONER,
    "volumeBindingMode": WAIT_FOR_CONSUMER,
    "reclaimPolicy": "Delete",
}


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
    yield STORAGE_CLASS, _DOCKER_CLASS
