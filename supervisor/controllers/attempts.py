"""Do the same for several objects, so that one that fails holds up no other.

Rules
- What is `settled` by being refused (it has vanished, or has changed) needs no more.
- What the API refuses for good is told of, and not tried again until something wakes
  the rule: such an object is damaged, and repeating would only delay the others.
- Any other failure is raised by `finish`, after all have been tried.
"""

from collections.abc import Callable

from supervisor.client.unreadable import UnreadableReporter
from supervisor.kinds.all import CATALOG
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

_REFUSED = (400, 413, 422)


class Attempts:
    """`settled` are the codes of ApiErrors after which nothing is left to do."""

    def __init__(
        self, telling: UnreadableReporter, *, settled: tuple[int, ...] = (404, 409)
    ) -> None:
        self._telling = telling
        self._settled = settled
        self._failure: ApiError | None = None

    def __call__(self, resource: str, obj: Object, work: Callable[[], object]) -> bool:
        """Whether `work`, which is about `obj`, was done."""
        try:
            work()
        except ApiError as error:
            if error.code in _REFUSED:
                self._telling.report(resource, obj, f"it cannot be written: {error}")
            elif error.code not in self._settled:
                self._failure = error
            return False
        return True

    def finish(self) -> None:
        """Raises the last ApiError that may pass, if there was one."""
        if self._failure is not None:
            raise self._failure


def named(resource: str, namespace: str, name: str, uid: str) -> Object:
    """Enough of an object to tell of it."""
    head = CATALOG.lookup(resource).identity.head
    return head | {"metadata": {"namespace": namespace, "name": name, "uid": uid}}
