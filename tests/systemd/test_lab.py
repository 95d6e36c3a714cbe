"""The lab itself: it may do no harm."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks import eventually
from tests.systemd.lab import Lab, booted
from tests.systemd.machine import lab_groups, observed

pytestmark = [pytest.mark.systemd, pytest.mark.usefixtures("systemd")]

_LONG_AGO = 1_000_000_000


@pytest.fixture
def canaries() -> Iterator[list[Path]]:
    """Files so old that a systemd that tidies up would delete them."""
    folders = ("/tmp", "/var/tmp", "/var/cache")
    made = [tempfile.mkstemp(prefix="canary-", dir=folder) for folder in folders]
    paths = [Path(path) for _, path in made]
    for descriptor, path in made:
        os.close(descriptor)
        os.utime(path, (_LONG_AGO, _LONG_AGO))
    yield paths
    for each in paths:
        each.unlink(missing_ok=True)


def test_the_machine_is_as_it_was(tmp_path: Path, canaries: list[Path]) -> None:
    """A lab comes and goes, and no file, mount, group or tuning has changed."""
    before = observed()

    with booted(tmp_path / "lab") as lab:
        assert lab.systemctl("is-system-running") == "running"

    assert observed() == before
    assert not [g for g in lab_groups() if g.endswith(f"-{lab.holder.pid}")]
    assert all(canary.exists() for canary in canaries)


def test_what_is_deleted_in_the_lab_stays_on_the_machine(
    tmp_path: Path, canaries: list[Path]
) -> None:
    """The lab has a machine of its own to break."""
    with booted(tmp_path / "lab") as lab:
        for canary in canaries:
            lab.run("rm", "-f", str(canary))
            lab.write(str(canary.with_suffix(".new")), "written in the lab")
            assert not lab.path(str(canary)).exists()

    assert all(canary.exists() for canary in canaries)
    assert not any(canary.with_suffix(".new").exists() for canary in canaries)


def test_a_killed_holder_takes_the_lab_with_it(tmp_path: Path) -> None:
    """Nothing runs on, and the next lab removes the control group that was left."""
    lab = Lab(tmp_path / "killed")
    lab.holder.kill()
    lab.close()
    eventually(lambda: not lab.root.exists(), within=10, what="process 1 is gone")

    with booted(tmp_path / "next"):
        left = [g for g in lab_groups() if g.endswith(f"-{lab.holder.pid}")]

    assert left == []
