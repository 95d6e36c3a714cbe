"""What every store promises; run for each implementation."""

import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.model.lineage import Origin
from supervisor.store.base import (
    ChangeType,
    Compacted,
    Exists,
    Key,
    Missing,
    Stale,
    Store,
    StoreError,
)
from supervisor.store.sqlite.store import SqliteStore

WEB = Key("pods", "default", "web")


def pod(name: str, *, node: str = "", owner: str = "") -> bytes:
    references = f'[{{"uid":"{owner}"}}]' if owner else "[]"
    return (
        f'{{"metadata":{{"name":"{name}","ownerReferences":{references}}},'
        f'"spec":{{"nodeName":"{node}"}}}}'
    ).encode()


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store that remembers its last ten changes."""
    path = tmp_path / "state.db" if request.param == "file" else ":memory:"
    made = SqliteStore(path, keep_changes=10)
    yield made
    made.close()


def names(store: Store, where: dict[str, str]) -> list[str]:
    return [r.key.name for r in store.list("pods", where=where).records]


def test_an_empty_store_is_at_revision_zero(store: Store) -> None:
    """Nothing was written, so there is nothing to read and revision 0."""
    assert store.revision() == 0
    assert store.get(WEB) is None
    assert store.list("pods").records == []
    assert list(store.changes(0, "pods")) == []


def test_a_store_has_an_identity_of_its_own(store: Store, tmp_path: Path) -> None:
    """It is a UUID, no write changes it, and another store has another one."""
    identity = store.identity
    other = SqliteStore(tmp_path / "other.db")

    store.create(WEB, b"{}")

    assert str(uuid.UUID(identity)) == identity == store.identity
    assert other.identity != identity
    other.close()


def test_a_new_store_includes_what_it_wrote_and_nothing_else(store: Store) -> None:
    """Nothing of other stores, nothing that it has yet to write."""
    store.create(WEB, b"{}")

    lineage = store.lineage()

    assert lineage.includes(Origin(store.identity, lineage.session, 1))
    assert not lineage.includes(Origin(store.identity, lineage.session, 2))
    assert not lineage.includes(Origin(store.identity, "a lost session", 1))
    assert not lineage.includes(Origin("another", "session", 1))
    assert not lineage.includes(Origin("", "", 0))


def test_what_a_person_has_decided_counts_as_known(store: Store) -> None:
    """Whatever was written in those sessions; the present one goes on as it was."""
    present = store.lineage().session

    store.accept_sessions(["of another", "", present])

    lineage = store.lineage()
    assert lineage.includes(Origin("another", "of another", 10**12))
    assert lineage.includes(Origin("", "", 0))
    assert lineage.session == present
    assert not lineage.includes(Origin(store.identity, present, 1))


def test_what_was_decided_can_be_taken_back(store: Store) -> None:
    """For that session alone; what the store has written itself stays known."""
    store.create(WEB, b"{}")
    present = store.lineage().session
    store.accept_sessions(["of another", ""])

    for session in ("", present, "never heard of"):
        store.revoke_session(session)

    lineage = store.lineage()
    assert not lineage.includes(Origin("", "", 0))
    assert lineage.includes(Origin("another", "of another", 7))
    assert lineage.includes(Origin(store.identity, present, 1))


def test_the_log_is_bounded_by_bytes_too(tmp_path: Path) -> None:
    """Old changes go when their values are too many bytes, and readers are told."""
    store = SqliteStore(tmp_path / "state.db", keep_bytes=10_000)
    at = store.create(WEB, b"{}")
    value = b'{"text":"%s"}' % (b"x" * 1000)
    for _ in range(50):
        at = store.update(WEB, value, expected=at)

    with pytest.raises(Compacted):
        store.changes(1, "pods")
    kept = store.changes(at - 5, "pods")
    assert [c.revision for c in kept] == [*range(at - 4, at + 1)]
    assert all(c.previous == value for c in kept)
    store.close()


def test_a_value_larger_than_the_log_is_still_announced(tmp_path: Path) -> None:
    """The newest change is always there to be read, with what it has replaced."""
    store = SqliteStore(tmp_path / "state.db", keep_bytes=100)
    old, new = b'{"a":"%s"}' % (b"x" * 500), b'{"b":"%s"}' % (b"y" * 500)
    at = store.create(WEB, old)
    at = store.update(WEB, new, expected=at)

    (change,) = store.changes(at - 1, "pods")

    assert (change.value, change.previous) == (new, old)
    store.close()


def test_a_store_of_sound_records_reports_no_damage(store: Store) -> None:
    """Nor is there anything to be discarded."""
    store.create(WEB, b"{}")
    assert store.damaged() == [] and store.list("pods").damaged == []
    assert store.unwritable_reason() == ""
    with pytest.raises(Missing):
        store.discard(WEB)


def test_a_backup_is_a_store_with_the_same_records(
    store: Store, tmp_path: Path
) -> None:
    """It is made while the store is in use; an existing file is never overwritten."""
    store.create(WEB, b'{"a":1}')
    path = tmp_path / "copy.db"

    store.backup(path)
    store.create(Key("pods", "default", "later"), b"{}")

    copy = SqliteStore(path)
    assert [r.key.name for r in copy.list("pods").records] == ["web"]
    copy.close()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        store.backup(path)


def test_every_change_takes_the_next_revision(store: Store) -> None:
    """Revisions count through all keys and resources, deletions included."""
    first = store.create(WEB, b'{"a":1}')
    other = store.create(Key("nodes", "", "n1"), b"{}")
    second = store.update(WEB, b'{"a":2}', expected=first)
    gone = store.delete(WEB, b'{"a":3}', expected=second)

    assert [first, other, second, gone] == [1, 2, 3, 4]
    assert store.revision() == 4
    assert store.get(WEB) is None


def test_a_record_carries_its_value_and_revision(store: Store) -> None:
    """What was written is read back byte by byte."""
    value = '{"text": "grün"}'.encode()
    revision = store.create(WEB, value)

    record = store.get(WEB)

    assert record is not None
    assert (record.key, record.revision, record.value) == (WEB, revision, value)


def test_creating_twice_is_refused(store: Store) -> None:
    """A second create of one key raises Exists and changes nothing."""
    store.create(WEB, b"{}")

    with pytest.raises(Exists):
        store.create(WEB, b'{"a":1}')

    assert store.revision() == 1


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_write_names_the_revision_that_it_replaces(store: Store, verb: str) -> None:
    """A stale revision raises Stale, a missing record Missing; nothing changes."""
    write = getattr(store, verb)
    with pytest.raises(Missing):
        write(WEB, b"{}", expected=1)
    first = store.create(WEB, b"{}")
    store.update(WEB, b'{"a":1}', expected=first)

    with pytest.raises(Stale):
        write(WEB, b"{}", expected=first)

    assert store.revision() == 2


def test_a_value_that_is_not_json_is_refused(store: Store) -> None:
    """Neither broken JSON nor broken UTF-8 gets in."""
    for value in (b"{", b"", b'{"a": "\xff"}'):
        with pytest.raises(StoreError):
            store.create(WEB, value)
    assert store.revision() == 0


def test_a_list_is_ordered_and_cut_by_namespace(store: Store) -> None:
    """Records come ordered by namespace and name; a namespace selects its own."""
    for namespace, name in [("b", "x"), ("a", "y"), ("a", "x"), ("a-b", "x")]:
        store.create(Key("pods", namespace, name), b"{}")
    store.create(Key("secrets", "a", "x"), b"{}")

    every = store.list("pods")
    some = store.list("pods", "a")

    listed = [(r.key.namespace, r.key.name) for r in every.records]
    assert listed == [("a", "x"), ("a", "y"), ("a-b", "x"), ("b", "x")]
    assert [r.key.name for r in some.records] == ["x", "y"]
    assert every.revision == 5 and not every.more


def test_a_long_list_is_read_in_pieces(store: Store) -> None:
    """`limit` cuts a list, `more` says so, and `after` goes on from there."""
    for name in "abcde":
        store.create(Key("pods", "default", name), b"{}")

    first = store.list("pods", limit=2)
    rest = store.list("pods", after=("default", "b"), limit=3)

    assert [r.key.name for r in first.records] == ["a", "b"] and first.more
    assert [r.key.name for r in rest.records] == ["c", "d", "e"] and not rest.more


def test_lists_select_by_node(store: Store) -> None:
    """`spec.nodeName` selects pods of a node; empty selects the unassigned."""
    store.create(Key("pods", "default", "a"), pod("a", node="n1"))
    store.create(Key("pods", "default", "b"), pod("b", node="n2"))
    store.create(Key("pods", "default", "c"), b'{"metadata":{"name":"c"}}')

    assert names(store, {"spec.nodeName": "n1"}) == ["a"]
    assert names(store, {"spec.nodeName": ""}) == ["c"]
    assert names(store, {"metadata.name": "b"}) == ["b"]


def test_lists_select_by_owner(store: Store) -> None:
    """`owner` follows ownerReferences as they come, change and go."""
    a = store.create(Key("pods", "default", "a"), pod("a", owner="u1"))
    b = store.create(Key("pods", "default", "b"), pod("b"))
    assert names(store, {"owner": "u1"}) == ["a"]

    store.update(Key("pods", "default", "a"), pod("a"), expected=a)
    b = store.update(Key("pods", "default", "b"), pod("b", owner="u1"), expected=b)
    assert names(store, {"owner": "u1"}) == ["b"]

    store.delete(Key("pods", "default", "b"), b"{}", expected=b)
    assert names(store, {"owner": "u1"}) == []


def test_a_path_that_is_none_is_refused(store: Store) -> None:
    """What would break out of the query is refused."""
    with pytest.raises(StoreError, match="not a path"):
        store.list("pods", where={"a') OR 1=1 --": "x"})


def test_the_log_replays_changes_in_order(store: Store) -> None:
    """Changes come oldest first, with the value before and after."""
    first = store.create(WEB, b'{"a":1}')
    store.create(Key("nodes", "", "n1"), b"{}")
    second = store.update(WEB, b'{"a":2}', expected=first)
    store.delete(WEB, b'{"a":3}', expected=second)

    seen = [(c.revision, c.type, c.value, c.previous) for c in store.changes(0, "pods")]

    assert seen == [
        (1, ChangeType.ADDED, b'{"a":1}', None),
        (3, ChangeType.MODIFIED, b'{"a":2}', b'{"a":1}'),
        (4, ChangeType.DELETED, b'{"a":3}', b'{"a":2}'),
    ]
    assert [c.revision for c in store.changes(1, "pods", limit=1)] == [3]
    assert [c.revision for c in store.changes(3, "pods", "default")] == [4]
    assert list(store.changes(0, "pods", "other")) == []


def test_a_log_that_no_longer_reaches_back_says_so(store: Store) -> None:
    """After enough changes the oldest are dropped: reading from there is refused."""
    at = store.create(WEB, b"{}")
    for _ in range(24):
        at = store.update(WEB, b"{}", expected=at)

    with pytest.raises(Compacted):
        store.changes(0, "pods")

    assert [c.revision for c in store.changes(at - 10, "pods")][-1] == at
    assert store.revision() == 25


def test_a_revision_of_the_future_is_refused(store: Store) -> None:
    """It comes from another log; waiting for it would miss changes."""
    with pytest.raises(Compacted):
        store.changes(7, "pods")


def test_subscribers_are_woken_after_changes_of_their_resource(store: Store) -> None:
    """Each change wakes once, when it is readable; an ended subscription never."""
    seen: list[int] = []
    end = store.subscribe("pods", lambda: seen.append(store.revision()))
    store.create(WEB, b"{}")
    store.create(Key("nodes", "", "n1"), b"{}")
    store.update(WEB, b'{"a":1}', expected=1)
    end()
    store.delete(WEB, b"{}", expected=3)

    assert seen == [1, 3]


def test_a_refused_write_wakes_nobody(store: Store) -> None:
    """Only what has changed wakes."""
    store.create(WEB, b"{}")
    woken: list[int] = []
    store.subscribe("pods", lambda: woken.append(1))

    with pytest.raises(Exists):
        store.create(WEB, b"{}")

    assert woken == []


def test_writers_on_many_threads_never_lose_an_update(store: Store) -> None:
    """Increments by compare-and-swap from four threads all count."""
    store.create(WEB, b'{"n":0}')

    def increment() -> None:
        done = 0
        while done < 20:
            record = store.get(WEB)
            assert record is not None
            value = int(record.value[5:-1]) + 1
            try:
                store.update(WEB, b'{"n":%d}' % value, expected=record.revision)
            except Stale:
                continue
            done += 1

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    record = store.get(WEB)
    assert record is not None and record.value == b'{"n":80}'


def test_a_closed_store_refuses_politely(tmp_path: Path) -> None:
    """After `close` every call raises StoreError."""
    store = SqliteStore(tmp_path / "state.db")
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.get(WEB)
    with pytest.raises(StoreError, match="closed"):
        store.create(WEB, b"{}")
