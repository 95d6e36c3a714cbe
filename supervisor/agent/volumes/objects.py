"""ConfigMaps, Secrets and claims that pods refer to, read when they are needed.

Rules
- What the API says now counts. While it is away, the last answer does: a container
  that has once been started here can be started again without the API.
"""

import threading

from supervisor.agent.pods.failures import config_error
from supervisor.client.base import Client
from supervisor.kinds.identity import (
    CONFIG_MAP,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    SECRET,
)
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_MAX_KEPT = 512


class ApiObjects:
    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        #: The last answers by (resource, namespace, name), oldest first.
        self._known: dict[tuple[str, str, str], Object] = {}

    def config_map(self, namespace: str, name: str) -> Object | None:
        return self._get(CONFIG_MAP.resource, namespace, name)

    def secret(self, namespace: str, name: str) -> Object | None:
        return self._get(SECRET.resource, namespace, name)

    def claim(self, namespace: str, name: str) -> Object | None:
        return self._get(PERSISTENT_VOLUME_CLAIM.resource, namespace, name)

    def volume(self, name: str) -> Object | None:
        return self._get(PERSISTENT_VOLUME.resource, "", name)

    def _get(self, resource: str, namespace: str, name: str) -> Object | None:
        key = (resource, namespace, name)
        try:
            found = self._client.get(resource, name, namespace)
        except ApiError as error:
            with self._lock:
                if error.code == 404:
                    self._known.pop(key, None)
                    return None
                if key in self._known:
                    return self._known[key]
            text = f"{resource} {namespace}/{name} could not be read: {error}"
            raise config_error(text) from error
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = found
            while len(self._known) > _MAX_KEPT:
                self._known.pop(next(iter(self._known)))
        return found
