"""Copy images of this machine's engine onto nodes, with no registry."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests

from tests.lab.commands import LabError
from tests.lab.endpoint import Endpoint

_SECONDS = 300
_AT_ONCE = 4


def load(names: Sequence[str], onto: Sequence[Endpoint], folder: Path) -> None:
    """Nodes that have the image already are left alone."""
    source = _source()
    with _refusals(f"{source} does not answer"):
        here = docker.from_env(timeout=_SECONDS)
    with closing(here):
        for name in names:
            try:
                with _refusals(f"{source} does not answer"):
                    identity = str(here.images.get(name).id)
            except docker.errors.ImageNotFound:
                raise LabError(
                    f"image {name}: {source} has none; "
                    "scripts/images makes those of the project"
                ) from None
            missing = [node for node in onto if not _has(node, name, identity)]
            if missing:
                with _refusals(f"image {name} cannot be copied"):
                    _copy(here.api, name, missing, folder)


def _source() -> str:
    """The engine whose images are copied: the one that scripts/images builds on."""
    if url := os.environ.get("DOCKER_HOST"):
        return f"the engine at {url}, which DOCKER_HOST names,"
    return "this machine's engine"


@contextmanager
def _refusals(what: str) -> Iterator[None]:
    """Whatever goes wrong with an engine, except that it lacks an image, in a line."""
    try:
        yield
    except docker.errors.ImageNotFound:
        raise
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise LabError(f"{what}: {_why(error)}") from error


def _why(error: BaseException) -> str:
    """The system's own word at the bottom of what libraries have wrapped around it."""
    found, inner = str(error), error.__context__
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            found = inner.strerror
        inner = inner.__context__
    return found


def _has(node: Endpoint, name: str, identity: str) -> bool:
    try:
        with _refusals(f"{node.name} does not answer"):
            with closing(node.client()) as client:
                return bool(client.inspect_image(name)["Id"] == identity)
    except docker.errors.ImageNotFound:
        return False


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
