"""A damaged object in the store of a real daemon: its pod runs on, and is repaired."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.model.errors import ApiError
from tests.checks import always, eventually, shell
from tests.daemon import Daemon
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A daemon that the test may stop."""
    daemon = Daemon(tmp_path / "daemon")
    try:
        yield Lab(daemon.start(), "default")
    finally:
        daemon.close()


def test_a_pod_with_a_damaged_object_runs_on_and_is_repaired(lab: Lab) -> None:
    """Others are listed, /readyz tells the truth, and adopting it repairs it."""
    for name in ("damaged", "sound"):
        lab.run(name, shell("main", "exec sleep 600"))
    for name in ("damaged", "sound"):
        lab.ready(name)
    before, container = lab.pod("damaged"), lab.running("damaged", "main").id
    lab.daemon.stop()
    db = sqlite3.connect(lab.daemon.state / "store.db")
    with db:
        where = "resource = 'pods' AND name = 'damaged'"
        db.execute(f"UPDATE objects SET checksum = checksum + 1 WHERE {where}")
    db.close()

    lab.daemon.start()

    listed = lab.client.list("pods", "default").items
    assert [p["metadata"]["name"] for p in listed] == ["sound"]
    with pytest.raises(ApiError, match="damaged in the store"):
        lab.pod("damaged")
    with pytest.raises(ApiError, match=r"1 object\(s\) are damaged"):
        lab.client.connection.text("/readyz/stored-objects")
    assert lab.client.connection.text("/livez?verbose").endswith("check passed\n")

    def is_held() -> bool:
        return "pod/damaged" in lab.daemon.supervisor("adopt", "--dry-run").stdout

    eventually(is_held, what="the damaged pod is held")
    always(lambda: lab.running("damaged", "main").id == container, during=1)
    lab.daemon.supervisor("adopt")
    after = lab.ready("damaged")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert lab.running("damaged", "main").id == container
    assert lab.client.connection.text("/readyz") == "ok"
