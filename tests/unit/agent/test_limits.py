"""Limits that are too small or too large for the kernel or the engine."""

import pytest

from supervisor.agent.containers.limits import Limits, limits, raised
from supervisor.model.pod import Container, ResourceRequirements
from supervisor.runtime.base import ContainerConfig
from tests.fakes.agent import Node

MIB = 1 << 20


def with_limits(**given: str | int | float) -> Container:
    return Container("app", resources=ResourceRequirements(limits=dict(given)))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({}, Limits(2, 0, 0)),
        ({"memory": "4Mi"}, Limits(2, 0, 6 * MIB)),
        ({"memory": 1}, Limits(2, 0, 6 * MIB)),
        ({"memory": "6291456"}, Limits(2, 0, 6 * MIB)),
        ({"memory": "7Mi"}, Limits(2, 0, 7 * MIB)),
        ({"memory": 0}, Limits(2, 0, 0)),
        ({"memory": "100E"}, Limits(2, 0, 2**63 - 1)),
        ({"cpu": "1m"}, Limits(2, 1, 0)),
        ({"cpu": "1G"}, Limits(262144, 10**9, 0)),
    ],
)
def test_amounts_are_what_the_engine_takes(
    given: dict[str, str | int | float], used: Limits
) -> None:
    """Raised to the least, lowered to the most; 0 is no limit."""
    assert limits(with_limits(**given)) == used


def test_only_a_raised_limit_of_memory_is_told() -> None:
    """Kubernetes raises those of the CPU in silence, too."""
    assert raised(with_limits(memory="4Mi")) == (
        "resources.limits.memory of container app is 4Mi; the least that the engine "
        "takes is 6Mi, which is used"
    )
    assert not raised(with_limits(memory="6Mi"))
    assert not raised(with_limits(memory=0))
    assert not raised(with_limits(cpu="1m"))
    assert not raised(Container("app"))


def test_a_container_with_little_memory_starts_with_a_warning(node: Node) -> None:
    """The book's downward-api manifest asks for 4Mi, and sees what it asks for."""
    env = {
        "name": "LIMIT",
        "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}},
    }
    small = {"limits": {"memory": "4Mi", "cpu": "100m"}}
    node.run("web", {"name": "app", "env": [env], "resources": small})

    assert "running" in node.status("web")["state"]
    assert len(node.events("MemoryLimitRaised")) == 1
    seen = node.seen("web")
    assert seen is not None
    (instance,) = seen.containers
    config = node.runtime.config(instance.id)
    assert isinstance(config, ContainerConfig)
    assert config.memory_bytes == 6 * MIB
    assert ("LIMIT", str(4 * MIB)) in config.env
