"""A folder of manifests, step by step."""

from pathlib import Path

import pytest

from supervisor.api.registry import Registry
from supervisor.app.manifests import ManifestFolder
from supervisor.model.errors import ApiError
from supervisor.store.sqlite.store import SqliteStore
from tests.fakes.clock import FakeClock

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  serviceAccountName: robot
  containers: [{name: c, image: kubia}]
"""
ACCOUNT = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
"""
RETRY_SECONDS = 10


def test_an_object_may_refer_to_a_later_file(tmp_path: Path) -> None:
    """It is refused first, and applied when the folder is tried again."""
    (tmp_path / "a.yaml").write_text(POD)
    (tmp_path / "b.yaml").write_text(ACCOUNT)
    clock = FakeClock()
    registry = Registry(SqliteStore(":memory:"), clock)
    folder = ManifestFolder(tmp_path, registry, clock)
    folder._loop.wake(".")
    folder._loop.step()
    with pytest.raises(ApiError, match="not found"):
        registry.get("pods", "web", "default")

    clock.advance(RETRY_SECONDS)
    folder._loop.step()

    assert registry.get("pods", "web", "default")["spec"]["serviceAccount"] == "robot"
