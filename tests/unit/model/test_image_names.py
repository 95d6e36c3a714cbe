"""Names of images, and the list of them that a node shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.model.images import (
    MAX_IMAGES,
    MAX_NAME_BYTES,
    is_id,
    listed,
    may_be_truncated,
    normalized_name,
    registry,
)
from supervisor.model.kinds import ContainerImage

DIGEST = f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("busybox", "busybox:latest"),
        ("docker.io/library/busybox", "busybox:latest"),
        ("index.docker.io/luksa/kubia:2", "luksa/kubia:2"),
        ("registry.example:5000/kubia", "registry.example:5000/kubia:latest"),
        ("registry.example/library/x:1", "registry.example/library/x:1"),
        ("localhost/kubia:1", "localhost/kubia:1"),
        (f"luksa/kubia@{DIGEST}", f"luksa/kubia@{DIGEST}"),
        (f"docker.io/luksa/kubia:2@{DIGEST}", f"luksa/kubia@{DIGEST}"),
        (f"r.example:5000/kubia:2@{DIGEST}", f"r.example:5000/kubia@{DIGEST}"),
    ],
)
def test_names_of_one_image_have_one_normal_name(name: str, normal: str) -> None:
    """The usual registry goes, the tag comes, and a digest decides alone."""
    assert normalized_name(name) == normal
    assert normalized_name(normal) == normal


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("busybox", "docker.io"),
        ("luksa/kubia:1", "docker.io"),
        ("index.docker.io/luksa/kubia", "docker.io"),
        ("localhost/kubia", "localhost"),
        ("registry.example:5000/kubia", "registry.example:5000"),
    ],
)
def test_the_registry_stands_before_the_first_slash(name: str, host: str) -> None:
    """If that looks like a host; else it is the usual one."""
    assert registry(name) == host


@pytest.mark.parametrize(
    ("name", "looks_so"),
    [
        (DIGEST, True),
        ("0123456789ab", True),
        ("kubia", False),
        (f"kubia@{DIGEST}", False),
        ("cafe:1", False),
    ],
)
def test_ids_are_told_from_names(name: str, looks_so: bool) -> None:
    """Hexadecimal and nothing else."""
    assert is_id(name) == looks_so


def test_the_largest_images_are_listed_first_and_nameless_ones_never() -> None:
    """A list below the limits is complete."""
    given_images = [
        ContainerImage(("small:1",), 1),
        ContainerImage((), 9),
        ContainerImage(("large:1", "large:2"), 5),
    ]

    shown = listed(given_images)

    assert [image.names for image in shown] == [("large:1", "large:2"), ("small:1",)]
    assert not may_be_truncated(shown)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 400)), max_size=700),
    st.integers(1, 90),
)
def test_a_list_that_lacks_something_shows_that_it_may(
    counts: list[tuple[int, int]], length: int
) -> None:
    """By its length or by its bytes, which it exceeds by one name at most."""
    images = [
        ContainerImage(
            tuple(f"i{n}-{k}".ljust(length, "x") for k in range(names)), size
        )
        for n, (names, size) in enumerate(counts)
    ]

    shown = listed(images)

    complete = sum(len(image.names) for image in images)
    if sum(len(image.names) for image in shown) < complete:
        assert may_be_truncated(shown)
    assert len(shown) <= MAX_IMAGES
    size = sum(len(name) for image in shown for name in image.names)
    assert size < MAX_NAME_BYTES + max(length, 20)
