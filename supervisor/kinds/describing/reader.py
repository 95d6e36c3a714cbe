"""What a description may read besides the object itself."""

from collections.abc import Sequence
from typing import Protocol

from supervisor.kinds.identity import Identity
from supervisor.model.meta import Object


class Reader(Protocol):
    """Reads related objects. What cannot be read is left out of the description."""

    def get(self, kind: Identity, name: str, namespace: str = "") -> Object | None:
        """None where there is no such object, or it may not be read."""

    def list(
        self, kind: Identity, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Sequence[Object]: ...

    def events(self, obj: Object, *, uid: str = "") -> Sequence[Object] | None:
        """Events about the object, or about that `uid` of it; None: not wanted."""
