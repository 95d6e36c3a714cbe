"""The files of configs/compose agree with each other."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from supervisor.app.settings import NodeSettings, load

FOLDER = Path(__file__).parent.parent.parent / "configs" / "compose"


@pytest.fixture(scope="module")
def compose() -> Any:
    """The compose file."""
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def nodes() -> list[NodeSettings]:
    """The nodes of the supervisor in it."""
    return load(FOLDER / "supervisor.yaml").nodes


def test_each_node_is_a_host_of_the_compose_file(
    compose: Any, nodes: list[NodeSettings]
) -> None:
    """The supervisor looks for each engine where its container is."""
    for node in nodes:
        address = compose["services"][node.name]["networks"]["hosts"]["ipv4_address"]
        assert urlsplit(node.engine).netloc == f"{address}:2376"


def test_each_host_gets_a_certificate_for_its_address(
    compose: Any, nodes: list[NodeSettings]
) -> None:
    """An engine whose certificate names another address would be refused."""
    wanted = compose["services"]["certificates"]["entrypoint"][2:]

    assert wanted == [
        "supervisor",
        *(f"{node.name}={urlsplit(node.engine).hostname}" for node in nodes),
    ]


def test_the_pods_of_each_host_have_a_route(
    compose: Any, nodes: list[NodeSettings]
) -> None:
    """Probes go to the address of the pod, by way of its host."""
    routes = [tuple(line.split()) for line in compose["x-routes"].splitlines()]

    assert routes == [
        (
            compose["services"][node.name]["environment"]["POD_SUBNET"],
            urlsplit(node.engine).hostname,
        )
        for node in nodes
    ]


def test_everything_made_belongs_to_the_project(compose: Any) -> None:
    """Nothing has a fixed or foreign name, so `down -v` finds all of it."""
    parts = {**compose["volumes"], **compose["networks"], **compose["services"]}

    for name, part in parts.items():
        assert not {"container_name", "external", "name"} & set(part), name
