"""Asking a script what it does must not begin with it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPTS = Path(__file__).parents[2] / "scripts"
_SHELL = sorted(
    path.name
    for path in _SCRIPTS.iterdir()
    if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")
)
_NEEDED = ("sh", "sed", "dirname", "readlink")
_DANGEROUS = (
    "apt-get",
    "curl",
    "dockerd",
    "gcc",
    "ip",
    "pip",
    "python3",
    "rm",
    "setsid",
    "systemctl",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout's scripts, on a machine on which nothing is installed."""
    shutil.copytree(_SCRIPTS, tmp_path / "project" / "scripts")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in _NEEDED:
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    for name in _DANGEROUS:
        program = programs / name
        program.write_text(f"#!/bin/sh\necho {name} >>{tmp_path}/ran\n")
        program.chmod(0o755)
    return tmp_path


def _ask(checkout: Path, name: str, *argv: str) -> "subprocess.CompletedProcess[str]":
    # From below the project: a script finds itself whatever the folder is.
    return subprocess.run(
        [f"../scripts/{name}", *argv],
        cwd=_below(checkout),
        env={"PATH": str(checkout / "bin"), "HOME": str(checkout)},
        capture_output=True,
        text=True,
    )


def _below(checkout: Path) -> Path:
    folder = checkout / "project" / "tests"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("name", _SHELL)
def test_help_installs_nothing(checkout: Path, name: str, option: str) -> None:
    """Each says how it is called, and runs no program that changes anything."""
    done = _ask(checkout, name, option)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"scripts/{name}" in done.stdout
    assert not (checkout / "ran").exists()


@pytest.mark.parametrize(
    "argv", [["up", "--help"], ["load", "-h"], []], ids=lambda a: " ".join(a)
)
def test_help_of_the_labs_commands_installs_nothing(
    checkout: Path, argv: list[str]
) -> None:
    """Nor does calling it without a command, which shows the same."""
    done = _ask(checkout, "lab", *argv)

    assert done.returncode == 0
    assert not (checkout / "ran").exists()


@pytest.mark.parametrize(
    "name", ["engine", "install", "kubectl", "pause", "setup", "systemd"]
)
def test_an_argument_that_is_not_known_is_refused(checkout: Path, name: str) -> None:
    """Instead of being passed over."""
    done = _ask(checkout, name, "--dry-run")

    assert done.returncode == 2
    assert "found: --dry-run" in done.stderr
    assert not (checkout / "ran").exists()


@pytest.mark.parametrize("module", ["demo", "demo_nodes"])
def test_help_starts_no_demo(module: str) -> None:
    """They take one word, or none."""
    asked = subprocess.run(
        [sys.executable, "-m", f"scripts.{module}", "--help"],
        cwd=_SCRIPTS.parent,
        env=os.environ | {"DOCKER_HOST": "tcp://127.0.0.1:1"},
        capture_output=True,
        text=True,
    )
    assert "usage: python -m scripts." in asked.stderr
