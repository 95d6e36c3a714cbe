"""Finding the container and node of a stream request."""

from typing import Any, cast

import pytest

from supervisor.api.streams.target import container_of, find
from supervisor.client.base import Client
from supervisor.model.errors import ApiError
from supervisor.model.meta import decode
from supervisor.model.pod import Pod
from tests.fakes.node import FakeNode, FakeNodes
from tests.fakes.pods_api import Pods, pod

ANNOTATION = {"kubectl.kubernetes.io/default-container": "b"}


def chosen(wanted: str, *containers: str, **spec: Any) -> str:
    """The name of the chosen container, or the error message."""
    try:
        return container_of(decode(Pod, pod("x", *containers, **spec)), wanted).name
    except ApiError as error:
        return f"{error.code} {error.message}"


def test_the_only_container_needs_no_name() -> None:
    """It is the default."""
    assert chosen("", "a") == "a"


def test_one_of_several_must_be_named() -> None:
    """The error lists the containers."""
    text = "400 a container name must be specified for pod x, choose one of: [a b]"
    assert chosen("", "a", "b") == text
    more = chosen("", "a", "b", initContainers=[{"name": "i"}])
    assert more == f"{text} or one of the init containers: [i]"


def test_named_containers() -> None:
    """Init containers are allowed; others must be in the pod."""
    assert chosen("b", "a", "b") == "b"
    assert chosen("i", "a", initContainers=[{"name": "i"}]) == "i"
    assert chosen("c", "a") == "400 container c is not valid for pod x"


def test_the_annotated_default() -> None:
    """The annotation selects the default; a wrong one is reported."""
    obj = pod("x", "a", "b")
    obj["metadata"]["annotations"] = ANNOTATION
    assert container_of(decode(Pod, obj), "").name == "b"
    obj["metadata"]["annotations"] = dict.fromkeys(ANNOTATION, "c")
    with pytest.raises(ApiError, match="container c, named by the annotation"):
        container_of(decode(Pod, obj), "")


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("gone", 404, 'pods "gone" not found'),
        ("new", 400, "pod new does not have a host assigned"),
        ("far", 503, "node node-9 has no agent"),
    ],
)
def test_pods_without_a_reachable_node(name: str, code: int, text: str) -> None:
    """Missing, unbound and unreachable pods have different errors."""
    pods = Pods([pod("new", "a", node=""), pod("far", "a", node="node-9")])
    with pytest.raises(ApiError, match=text) as caught:
        find(cast(Client, pods), FakeNodes(FakeNode()), "default", name)
    assert caught.value.code == code
