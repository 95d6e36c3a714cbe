"""The project's images on a real engine: built when something has changed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import docker
import docker.errors
import pytest

from scripts.build_images import TARGETS, Builder, Target
from tests import docker_engine

pytestmark = pytest.mark.docker

_NAME = f"supervisor-test-{os.getpid()}"


@pytest.fixture
def api() -> Iterator[Any]:
    made: Any = docker_engine.client()
    yield made
    for tag in (f"{_NAME}/busybox:latest", f"{_NAME}/base:latest"):
        with suppress(docker.errors.ImageNotFound):
            made.remove_image(tag, force=True)
    made.close()


@pytest.fixture
def target(api: Any) -> Target:
    """The smallest image, on a base of the test's own."""
    docker_engine.bring_shell()
    api.tag("supervisor/busybox:latest", f"{_NAME}/base", "latest")
    usual = TARGETS["busybox"]
    base = replace(usual.base, public=f"{_NAME}/base:latest")
    return replace(usual, tag=f"{_NAME}/busybox:latest", base=base)


def test_an_image_is_built_anew_on_a_changed_base(api: Any, target: Target) -> None:
    """And left alone as long as it is the same, whoever looks."""

    def build() -> str:
        Builder(api, local=False, force=False).build(target)
        return str(api.inspect_image(target.tag)["Id"])

    first = build()
    assert build() == first
    holder = api.create_container(target.base.public, "true")
    try:
        changes = "LABEL newer=yes"
        api.commit(holder, f"{_NAME}/base", "latest", changes=changes)
    finally:
        api.remove_container(holder)

    second = build()

    assert second != first
    assert api.inspect_image(target.tag)["Config"]["Labels"]["newer"] == "yes"
    assert build() == second
