"""The real engine for tests: where it is, what it needs, and leaving nothing on it.

Rules
- Everything a test makes carries a cluster label of its own, and goes by that label.
- What a crashed run has left is removed by a later one, when it is over an hour old, so
  that runs side by side on one engine leave each other alone.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import docker
import docker.errors

from supervisor.machinery.clock import SystemClock
from supervisor.model.times import to_seconds
from supervisor.runtime.base import CLUSTER

ENDPOINT = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
SHELL = "supervisor/busybox:latest"
"""An image with a shell and the usual small programs."""
_PREFIX = "test-"
_OLD_SECONDS = 3600
_PROJECT = Path(__file__).parent.parent


def new_cluster() -> str:
    """A cluster label that nobody else has."""
    return f"{_PREFIX}{uuid.uuid4().hex[:12]}"


def client() -> Any:
    """docker-py, for looking at the engine past the runtime."""
    return docker.APIClient(base_url=ENDPOINT, version="auto", timeout=30)


def bring_shell() -> str:
    """Make sure that the engine has the image for tests."""
    command = [sys.executable, "-m", "scripts.build_images", "busybox"]
    subprocess.run(command, check=True, cwd=_PROJECT, capture_output=True)
    return SHELL


def remove_cluster(api: Any, cluster: str) -> None:
    """Remove all containers and volumes with a cluster label."""
    wanted = {"label": f"{CLUSTER}={cluster}"}
    for entry in api.containers(all=True, filters=wanted):
        _ignoring_absence(api.remove_container, entry["Id"], force=True, v=True)
    for volume in api.volumes(filters=wanted)["Volumes"] or ():
        _ignoring_absence(api.remove_volume, volume["Name"])


def sweep(api: Any) -> None:
    """Remove what crashed runs of tests have left long ago."""
    clock = SystemClock()
    old = clock.now() - _OLD_SECONDS
    clock.close()
    listed = api.containers(all=True, filters={"label": CLUSTER})
    made = [(e["Labels"][CLUSTER], e["Created"]) for e in listed]
    for volume in api.volumes(filters={"label": CLUSTER})["Volumes"] or ():
        made.append((volume["Labels"][CLUSTER], to_seconds(volume["CreatedAt"])))
    newest: dict[str, float] = {}
    for cluster, at in made:
        newest[cluster] = max(at, newest.get(cluster, 0))
    for cluster, at in newest.items():
        if cluster.startswith(_PREFIX) and at < old:
            remove_cluster(api, cluster)


def _ignoring_absence(remove: Any, name: str, **options: bool) -> None:
    try:
        remove(name, **options)
    except docker.errors.NotFound:
        return
