"""The store's file: crashes, full disks, and files that are not ours."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from supervisor.model.lineage import Origin
from supervisor.store.base import Key, StoreError
from supervisor.store.sqlite import schema
from supervisor.store.sqlite.store import SqliteStore

FORMAT_1 = Path(__file__).parent / "format-1.sql"
"""A dump of a store that format 1 wrote: a namespace, and a pod changed once."""

WRITER = """
import sys
from supervisor.store.base import Key
from supervisor.store.sqlite.store import (SqliteStore)

store = SqliteStore(sys.argv[1], keep_changes=1000)
number = store.revision()
while True:
    key = Key("pods", "default", f"p{number}")
    revision = store.create(key, b'{"n": %d}' % number)
    print(revision, key.name, flush=True)
    number += 1
"""

FILLER = """
import resource, signal, sys
from supervisor.store.sqlite import schema
from supervisor.store.base import Key, StoreError
from supervisor.store.sqlite.store import (SqliteStore)

store = SqliteStore(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
value = b'{"text": "%s"}' % (b"x" * 10_000)
for number in range(1000):
    try:
        store.create(Key("pods", "default", f"p{number}"), value)
    except StoreError as error:
        assert store.revision() == number, (store.revision(), number)
        assert len(store.list("pods").records) == number
        print("refused after", number, error)
        sys.exit(0)
sys.exit("never refused")
"""


def test_a_store_with_owned_objects_opens_again(tmp_path: Path) -> None:
    """No file of ours is taken for a damaged one, whatever stands in it."""
    path = str(tmp_path / "state.db")
    store = SqliteStore(path)
    owned = b'{"metadata": {"ownerReferences": [{"uid": "of-a-controller"}]}}'
    store.create(Key("pods", "default", "owned"), owned)
    store.close()

    again = SqliteStore(path)

    found = again.list("pods", where={"owner": "of-a-controller"}).records
    assert [record.key.name for record in found] == ["owned"]
    again.close()


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    """Killed in the middle of writing, thrice: every acknowledged record is there."""
    path = tmp_path / "state.db"
    acknowledged: list[tuple[int, str]] = []
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        assert child.stdout is not None
        with child.stdout:
            lines = [child.stdout.readline() for _ in range(40)]
            os.kill(child.pid, signal.SIGKILL)
            lines += child.stdout.readlines()
        child.wait()
        for line in lines:
            # The last line may be cut: it then was not fully acknowledged.
            if line.endswith("\n"):
                number, name = line.split()
                acknowledged.append((int(number), name))

    store = SqliteStore(path)
    for revision, name in acknowledged:
        record = store.get(Key("pods", "default", name))
        assert record is not None and record.revision == revision
    assert store.create(Key("pods", "default", "next"), b"{}") > acknowledged[-1][0]
    store.close()


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(
    tmp_path: Path,
) -> None:
    """A write that finds no room raises StoreError; what was there stays readable."""
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(tmp_path / "state.db")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert "refused after" in done.stdout


def test_a_store_reopened_goes_on_where_it_was(tmp_path: Path) -> None:
    """Records, log and revisions are there after an orderly end too."""
    path = tmp_path / "state.db"
    first = SqliteStore(path)
    first.create(Key("pods", "default", "web"), b'{"a":1}')
    first.close()

    second = SqliteStore(path)

    assert second.revision() == 1
    assert [c.value for c in second.changes(0, "pods")] == [b'{"a":1}']
    second.close()


def test_a_store_reopened_keeps_its_identity(tmp_path: Path) -> None:
    """The identity is the file's, not the process's."""
    path = tmp_path / "state.db"
    first = SqliteStore(path)
    identity = first.identity
    first.close()

    second = SqliteStore(path)

    assert second.identity == identity
    second.close()


def test_a_store_knows_its_sessions_of_before(tmp_path: Path) -> None:
    """Each opening is one; what was written in it is known, and no more than that."""
    path = tmp_path / "state.db"
    first = SqliteStore(path)
    first.create(Key("pods", "default", "web"), b"{}")
    session = first.lineage().session
    first.close()

    second = SqliteStore(path)
    second.create(Key("pods", "default", "api"), b"{}")

    lineage = second.lineage()
    assert lineage.session != session
    assert lineage.includes(Origin(second.identity, session, 1))
    assert not lineage.includes(Origin(second.identity, session, 2))
    second.close()


def test_a_store_of_format_1_is_upgraded_without_loss(tmp_path: Path) -> None:
    """A file of the version before keeps its records and log, and gets an identity."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as old:
        old.executescript(FORMAT_1.read_text())
    old.close()

    store = SqliteStore(path)

    assert store.identity and store.revision() == 3
    unmarked = Origin("", "", 0)
    assert store.lineage().includes(unmarked), "containers made before are its own"
    record = store.get(Key("pods", "default", "web"))
    assert record is not None and record.revision == 3
    owned = store.list("pods", where={"owner": "u1"}).records
    assert [r.key.name for r in owned] == ["web"]
    assert [c.revision for c in store.changes(0, "pods")] == [2, 3]
    store.close()


def test_an_upgraded_store_can_shrink(tmp_path: Path) -> None:
    """The file of an earlier format is rewritten so that it gives room back."""
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as old:
        old.executescript(FORMAT_1.read_text())
    old.close()

    SqliteStore(path).close()

    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    db.close()


def test_a_store_with_owned_objects_is_found_sound(tmp_path: Path) -> None:
    """The check at open is not misled by tables without rowid (SQLite 3.40)."""
    path = str(tmp_path / "store.db")
    store = SqliteStore(path)
    store.create(
        Key("pods", "default", "a"), b'{"metadata":{"ownerReferences":[{"uid":"u"}]}}'
    )
    store.close()

    SqliteStore(path).close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Some other file is left as it is, and the error names it."""
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database at all" * 100)

    with pytest.raises(StoreError, match="file is not a database") as caught:
        SqliteStore(path)

    assert str(path) in str(caught.value)
    assert path.read_bytes().startswith(b"not a database")


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A SQLite file with other tables is not taken over."""
    path = tmp_path / "state.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.close()

    with pytest.raises(StoreError, match="another program"):
        SqliteStore(path)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    """A file written by a later version is left alone."""
    path = tmp_path / "state.db"
    SqliteStore(path).close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 99")
    later.close()

    with pytest.raises(StoreError, match="format 99"):
        SqliteStore(path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Overwritten pages are noticed when the store is opened, not in the middle."""
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    for number in range(50):
        store.create(Key("pods", "default", f"p{number}"), b'{"a":"%s"}' % (b"x" * 900))
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)

    with pytest.raises(StoreError, match=r"damaged|malformed"):
        SqliteStore(path)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """The error tells which path could not be opened."""
    with pytest.raises(StoreError, match="nowhere"):
        SqliteStore(tmp_path / "nowhere" / "state.db")


def test_lists_by_node_and_owner_use_an_index(tmp_path: Path) -> None:
    """Neither reads the whole table."""
    path = tmp_path / "state.db"
    SqliteStore(path).close()
    db = schema.connect(str(path))
    for where, index in [
        ({"spec.nodeName": "n"}, "objects_by_node"),
        ({"owner": "u"}, "owners"),
    ]:
        condition, arguments = schema.conditions("pods", "", where)
        sql = (
            f"EXPLAIN QUERY PLAN SELECT * FROM objects WHERE {condition}"
            " ORDER BY namespace, name LIMIT 9"
        )
        plan = b" ".join(row[3] for row in db.execute(sql, arguments)).decode()
        assert index in plan and "SCAN objects" not in plan
    db.close()
