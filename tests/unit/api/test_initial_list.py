"""The initial list of a watch, read in batches while objects change."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from supervisor.api.registry import Registry, initial_list
from supervisor.api.registry.watching import WatchCursor
from supervisor.model.meta import Object
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock

_LARGE = "x" * (initial_list.MAX_BYTES // 3)
"""A piece has room for two of these."""
_NAMES = "abcdefgh"


@dataclass
class Cluster:
    """ConfigMaps that are created, changed and deleted."""

    registry: Registry = field(
        default_factory=lambda: Registry(SqliteStore(":memory:"), FakeClock())
    )
    _changes: int = 0

    def put(self, name: str, label: str = "in") -> None:
        self._changes += 1
        body: Object = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "labels": {"is": label}},
            "data": {"text": _LARGE, "change": str(self._changes)},
        }
        if name in self.names():
            patch = {"metadata": body["metadata"], "data": body["data"]}
            self.registry.patch("configmaps", name, "default", patch)
        else:
            self.registry.create("configmaps", body, "default")

    def drop(self, name: str) -> None:
        if name in self.names():
            self.registry.delete("configmaps", name, "default")

    def names(self, labels: str = "") -> dict[str, str]:
        """Names with their resourceVersion."""
        found = self.registry.list("configmaps", "default", labels=labels).items
        return {o["metadata"]["name"]: o["metadata"]["resourceVersion"] for o in found}

    def watch(self, labels: str = "") -> WatchCursor:
        return self.registry.cursor("configmaps", "default", since="", labels=labels)


class Reader:
    """Applies the events of a watch; fails if they are inconsistent."""

    def __init__(self, cursor: WatchCursor) -> None:
        self._cursor = cursor
        self.known: dict[str, str] = {}

    def poll(self) -> int:
        events = self._cursor.poll()
        for event in events:
            meta = event.object["metadata"]
            name, version = meta["name"], meta["resourceVersion"]
            assert (name in self.known) is (event.type != "ADDED"), (event.type, name)
            if event.type == "DELETED":
                del self.known[name]
                continue
            assert int(version) > int(self.known.get(name, "0"))
            self.known[name] = version
        return len(events)

    def finish(self) -> None:
        while self.poll():
            pass


def test_a_batch_is_limited_by_its_bytes() -> None:
    """Few objects are in memory, however many there are."""
    cluster = Cluster()
    for name in _NAMES:
        cluster.put(name)
    reader = Reader(cluster.watch())

    sizes = [reader.poll() for _ in range(4)]

    assert sizes == [2, 2, 2, 2]
    assert reader.known == cluster.names()


def test_changes_are_limited_to_batches_too() -> None:
    """None is sent twice or omitted."""
    cluster = Cluster()
    reader = Reader(cluster.watch())
    for name in _NAMES:
        cluster.put(name)

    assert reader.poll() == 3
    reader.finish()
    assert reader.known == cluster.names()


_ACTIONS: dict[str, Callable[[Cluster, str], None]] = {
    "put": lambda cluster, name: cluster.put(name),
    "put out": lambda cluster, name: cluster.put(name, "out"),
    "drop": lambda cluster, name: cluster.drop(name),
}
_STEPS = st.lists(
    st.one_of(
        st.just(("poll", "")),
        st.tuples(st.sampled_from(list(_ACTIONS)), st.sampled_from(_NAMES)),
    ),
    max_size=25,
)


@given(st.sets(st.sampled_from(_NAMES)), _STEPS, st.sampled_from(["", "is=in"]))
@settings(max_examples=150, deadline=None)
def test_concurrent_changes_are_consistent(
    first: set[str], steps: list[tuple[str, str]], labels: str
) -> None:
    """Each object is ADDED once, gets newer, and is DELETED only after ADDED."""
    cluster = Cluster()
    for name in sorted(first):
        cluster.put(name)
    reader = Reader(cluster.watch(labels))

    for action, name in steps:
        if action == "poll":
            reader.poll()
        else:
            _ACTIONS[action](cluster, name)
    reader.finish()

    assert reader.known == cluster.names(labels)
