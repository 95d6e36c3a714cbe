"""The real engine for tests: where it is, what it needs, and leaving nothing on it.

Rules
- Everything a test makes carries a cluster label of its own, and goes by that label.
- The label names the process of the test run. What a run has left that is no more is
  removed by a later one; runs side by side on one engine leave each other alone.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import docker
import docker.errors

from supervisor.runtime.base import CLAIM, CLUSTER, VOLUME_CLUSTER

ENDPOINT = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
SHELL = "supervisor/busybox:latest"
"""An image with a shell and the usual small programs."""
_PREFIX = "test-"
_PROJECT = Path(__file__).parent.parent


def new_cluster() -> str:
    """A cluster label that nobody else has."""
    return f"{_PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}"


def client() -> Any:
    """docker-py, for looking at the engine past the runtime."""
    return docker.APIClient(base_url=ENDPOINT, version="auto", timeout=30)


def bring_shell() -> str:
    """Make sure that the engine has the image for tests."""
    command = [sys.executable, "-m", "scripts.build_images", "busybox"]
    subprocess.run(command, check=True, cwd=_PROJECT, capture_output=True)
    return SHELL


def remove_cluster(api: Any, cluster: str) -> None:
    """Remove all containers, volumes and networks with a cluster label."""
    wanted = {"label": f"{CLUSTER}={cluster}"}
    for entry in api.containers(all=True, filters=wanted):
        _unless_gone(api.remove_container, entry["Id"], force=True, v=True)
    for volume in api.volumes(filters=wanted)["Volumes"] or ():
        _unless_gone(api.remove_volume, volume["Name"])
    made = {"label": f"{VOLUME_CLUSTER}={cluster}"}
    for volume in api.volumes(filters=made)["Volumes"] or ():
        _unless_gone(api.remove_volume, volume["Name"])
    for network in api.networks(filters=wanted):
        _unless_gone(api.remove_network, network["Id"])


def remove_claim(api: Any, cluster: str) -> None:
    """Remove what says whose the engine is in that cluster."""
    wanted = {"label": [f"{CLUSTER}={cluster}", CLAIM]}
    for entry in api.containers(all=True, filters=wanted):
        _unless_gone(api.remove_container, entry["Id"], force=True)


def sweep(api: Any) -> None:
    """Remove what runs of tests have left that are no more."""
    listed = [
        *api.containers(all=True, filters={"label": CLUSTER}),
        *(api.volumes(filters={"label": CLUSTER})["Volumes"] or ()),
        *api.networks(filters={"label": CLUSTER}),
    ]
    made = api.volumes(filters={"label": VOLUME_CLUSTER})["Volumes"] or ()
    clusters = {entry["Labels"][CLUSTER] for entry in listed}
    clusters |= {entry["Labels"][VOLUME_CLUSTER] for entry in made}
    for cluster in clusters:
        run = cluster.removeprefix(_PREFIX).partition("-")[0]
        if cluster.startswith(_PREFIX) and not Path(f"/proc/{run}").exists():
            remove_cluster(api, cluster)


def _unless_gone(remove: Any, name: str, **options: bool) -> None:
    try:
        remove(name, **options)
    except docker.errors.APIError as error:
        # 404: gone; 409: somebody else is removing it.
        if error.status_code not in (404, 409):
            raise
