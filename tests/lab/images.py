"""Copy images of this machine's engine onto nodes, with no registry."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import docker.errors

from tests.lab.commands import LabError
from tests.lab.endpoint import Endpoint

_SECONDS = 300
_AT_ONCE = 4


def load(names: Sequence[str], onto: Sequence[Endpoint], folder: Path) -> None:
    """Nodes that have the image already are left alone."""
    with closing(docker.from_env(timeout=_SECONDS)) as here:
        for name in names:
            try:
                identity = str(here.images.get(name).id)
            except docker.errors.ImageNotFound:
                raise LabError(
                    f"image {name}: this machine's engine has none; "
                    "scripts/images makes those of the project"
                ) from None
            missing = [node for node in onto if not _has(node, name, identity)]
            if missing:
                _copy(here.api, name, missing, folder)


def _has(node: Endpoint, name: str, identity: str) -> bool:
    client = node.client()
    try:
        return bool(client.inspect_image(name)["Id"] == identity)
    except docker.errors.ImageNotFound:
        return False
    finally:
        client.close()


def _copy(here: Any, name: str, onto: Sequence[Endpoint], folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".tar") as file:
        for piece in here.get_image(name):
            file.write(piece)
        file.flush()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda node: _put(node, file.name), onto))


def _put(node: Endpoint, tar: str) -> None:
    client = node.client(timeout=_SECONDS)
    with open(tar, "rb") as content:
        for line in client.load_image(content):
            if "error" in line:
                raise LabError(f"{node.name} does not take the image: {line['error']}")
    client.close()
