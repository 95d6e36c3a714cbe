"""What every test here needs: the right to boot a systemd, and a systemd."""

import os
import subprocess

import pytest

from tests.systemd.lab import CHECKOUT


@pytest.fixture(scope="session")
def systemd() -> None:
    """A systemd on this machine, installed (not started) where there is none."""
    if os.geteuid() != 0:
        missing = "booting a systemd needs root"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    subprocess.run([CHECKOUT / "scripts" / "systemd"], check=True)
