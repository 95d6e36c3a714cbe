"""Where images are, and where they cannot be pulled."""

from typing import Any

import pytest

from supervisor.model.images import MAX_IMAGES
from supervisor.model.pod import Pod
from tests.unit.controllers.build import waiting
from tests.unit.controllers.scheduling.judging import fitting, judged, node, placed

MB = 1024 * 1024


def of(image: str, policy: str = "IfNotPresent", **what: Any) -> Pod:
    container = {"name": "app", "image": image, "imagePullPolicy": policy}
    return waiting("a", containers=[container], owned_by=None, **what)


@pytest.mark.parametrize(
    "name",
    [
        "luksa/kubia",
        "luksa/kubia:latest",
        "docker.io/luksa/kubia",
        "index.docker.io/luksa/kubia:latest",
    ],
)
def test_an_image_that_is_never_pulled_must_be_there(name: str) -> None:
    """By whichever of its names."""
    nodes = [node("one", images={"luksa/kubia:latest": 1}), node("two")]

    assert judged(of(name, "Never"), nodes) == {
        "two": (f'node(s) didn\'t have image "{name}", never to be pulled',)
    }


def test_a_single_node_takes_the_pod_with_or_without_the_image() -> None:
    """There is nothing to choose, and the pod's status tells more than a refusal."""
    assert fitting(of("kubia:1", "Never"), [node("one")]) == ["one"]


def test_an_image_of_an_init_container_must_be_there_too() -> None:
    """All images are needed before the pod can run."""
    init = [{"name": "i", "image": "init:1", "imagePullPolicy": "Never"}]
    pod = of("app:1", initContainers=init)

    assert fitting(pod, [node("one"), node("two", images={"init:1": 1})]) == ["two"]


def test_an_image_that_can_be_pulled_may_be_anywhere() -> None:
    """As long as nobody says that its registry is silent."""
    nodes = [node("one", images={"kubia:1": 1}), node("two")]

    assert fitting(of("kubia:1"), nodes) == ["one", "two"]


@pytest.mark.parametrize("policy", ["IfNotPresent", "Always"])
def test_a_node_that_cannot_pull_is_passed_over_for_one_that_has_the_image(
    policy: str,
) -> None:
    """The node says itself which registry does not answer it."""
    nodes = [
        node("has", images={"kubia:1": 1}, silent="docker.io"),
        node("cut-off", silent="docker.io,quay.io"),
        node("online"),
        node("elsewhere", silent="quay.io"),
    ]

    assert judged(of("kubia:1", policy), nodes) == {
        "cut-off": ('node(s) could not pull image "kubia:1" from silent docker.io',)
    }


def test_an_image_that_no_node_has_is_asked_for_all_the_same() -> None:
    """The silent registry is the only hope, and the pod will show the error."""
    nodes = [node("one", silent="docker.io"), node("two", silent="docker.io")]

    assert fitting(of("kubia:1"), nodes) == ["one", "two"]


def test_registries_are_told_apart_by_the_name_of_the_image() -> None:
    """One that is silent says nothing about another."""
    mine = "registry.example:5000/kubia:1"
    nodes = [node("one", images={mine: 1}), node("two", silent="registry.example:5000")]

    assert fitting(of(mine), nodes) == ["one"]
    assert fitting(of("kubia:1"), nodes) == ["one", "two"]


def test_a_list_that_may_be_cut_short_proves_nothing() -> None:
    """The node may have the image all the same; so it may by an image's id."""
    many = {f"i{n}:1": 1 for n in range(MAX_IMAGES)}

    nodes = [node("many", images=many), node("few", images={"i:1": 1})]

    assert fitting(of("kubia:1", "Never"), nodes) == ["many"]
    assert fitting(of("0123456789ab", "Never"), nodes) == ["many", "few"]


def test_a_node_that_has_a_large_image_is_preferred() -> None:
    """A small one makes no difference."""
    large = [node("a-without"), node("has", images={"kubia:1": 900 * MB})]
    small = [node("a-without"), node("has", images={"kubia:1": 9 * MB})]

    assert placed([of("kubia:1")], large) == {"a": "has"}
    assert placed([of("kubia:1")], small) == {"a": "a-without"}
