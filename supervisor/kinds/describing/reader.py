"""Access to related objects for `describe`."""

from collections.abc import Sequence
from typing import Protocol

from supervisor.kinds.identity import Identity
from supervisor.model.meta import Object


class Reader(Protocol):
    """Reads related objects."""

    def get(self, kind: Identity, name: str, namespace: str = "") -> Object | None:
        """The object; None if it cannot be read."""

    def list(
        self, kind: Identity, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Sequence[Object]: ...

    def events(self, obj: Object, *, uid: str = "") -> Sequence[Object] | None:
        """Events about the object or about `uid`; None if events are not requested."""
