"""Where a node's processes are, with both versions of control groups."""

from pathlib import Path

import pytest

from tests.lab.cgroups import Groups, remove_lab, tags


@pytest.fixture
def v1(tmp_path: Path) -> Path:
    for controller in ("cpu", "cpuset", "freezer", "memory"):
        (tmp_path / controller).mkdir()
        (tmp_path / controller / "cgroup.procs").touch()
    (tmp_path / "perf_event").mkdir()  # nothing is mounted there
    (tmp_path / "cpuacct").symlink_to("cpu")
    return tmp_path


@pytest.fixture
def v2(tmp_path: Path) -> Path:
    for name in ("cgroup.controllers", "cgroup.procs", "cgroup.subtree_control"):
        (tmp_path / name).touch()
    return tmp_path


def joined(command: list[str], root: Path) -> list[str]:
    """The groups that the command joins, below the root."""
    assert command[:2] == ["sh", "-ec"]
    words = command[2].split()
    paths = [w.removeprefix(">") for w in words if w.startswith(f">{root}")]
    return [str(Path(p.rstrip(";")).parent.relative_to(root)) for p in paths]


def test_version_1_has_a_group_in_every_tree(v1: Path) -> None:
    """Except where it would have no processors, and once where there are two names."""
    command = Groups("lab", "node1", v1).entering(["true"])

    expected = [f"{c}/lab/node1/daemon" for c in ("cpu", "freezer", "memory")]
    assert joined(command, v1) == expected
    assert command[-1] == "true"


def test_version_2_has_one_group_with_controllers(v2: Path) -> None:
    """All above it delegate what there is."""
    command = Groups("lab", "node1", v2).entering(["true"])

    assert joined(command, v2) == ["lab/node1/daemon"]
    assert (v2 / "lab/node1/cgroup.subtree_control").exists()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_freezing_is_written_and_read_back(
    version: str, request: pytest.FixtureRequest
) -> None:
    """In the words of each version; a node that never was is not frozen."""
    root: Path = request.getfixturevalue(version)
    groups = Groups("lab", "node1", root)
    assert not groups.is_frozen()
    groups.thaw()
    top = root / "freezer" if version == "v1" else root
    (top / "lab" / "node1").mkdir(parents=True)
    (top / "lab" / "node1" / "cgroup.events").write_text("populated 1\nfrozen 1\n")

    groups.freeze()
    assert groups.is_frozen()
    groups.thaw()
    assert not groups.is_frozen()


def test_what_is_left_of_a_lab_is_found_and_removed(v1: Path) -> None:
    """In every tree, and nothing else is."""
    for group in ("lab-10-97/node1/daemon", "lab-10-98", "docker"):
        (v1 / "memory" / group).mkdir(parents=True)
    (v1 / "cpu" / "lab-10-97").mkdir()
    assert tags(v1) == {"lab-10-97", "lab-10-98"}

    remove_lab("lab-10-97", v1)

    assert tags(v1) == {"lab-10-98"}
    assert (v1 / "memory" / "docker").is_dir()
