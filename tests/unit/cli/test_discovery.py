"""Names of kinds, and parsing of resource arguments."""

import pytest

from supervisor.cli import targets
from supervisor.cli.discovery import Catalog, Resource
from supervisor.cli.failure import Failure

CATALOG = Catalog(
    [
        Resource("", "v1", "pods", "pod", "Pod", True, ("po",), ("all",)),
        Resource(
            "",
            "v1",
            "replicationcontrollers",
            "replicationcontroller",
            "ReplicationController",
            True,
            ("rc",),
            ("all",),
        ),
        Resource("coordination.k8s.io", "v1", "leases", "lease", "Lease", True),
    ]
)


@pytest.mark.parametrize("name", ["pods", "pod", "po", "Pod", "pods.v1.", "PODS"])
def test_a_kind_is_found_by_all_its_names(name: str) -> None:
    """Plural, singular and short names, ignoring case."""
    assert CATALOG.find(name).plural == "pods"


@pytest.mark.parametrize(
    "name", ["leases", "leases.coordination.k8s.io", "lease.v1.coordination.k8s.io"]
)
def test_names_may_include_the_group(name: str) -> None:
    """With or without the version."""
    assert CATALOG.find(name).full_name == "leases.coordination.k8s.io"


def test_unknown_kinds_are_refused_with_a_hint() -> None:
    """The hint is the most similar name."""
    with pytest.raises(Failure) as caught:
        CATALOG.find("podz")

    assert caught.value.message == 'the server doesn\'t have a resource type "podz"'
    assert caught.value.hint == "did you mean pod?"


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["pods"], ["pod/"]),
        (["po,rc"], ["pod/", "replicationcontroller/"]),
        (["all"], ["pod/", "replicationcontroller/"]),
        (["pod", "a", "b"], ["pod/a", "pod/b"]),
        (["po/a", "rc/b"], ["pod/a", "replicationcontroller/b"]),
        (["po,rc", "a"], ["pod/a", "replicationcontroller/a"]),
        (["lease/x"], ["lease.coordination.k8s.io/x"]),
    ],
)
def test_arguments_are_parsed_like_kubectl(args: list[str], found: list[str]) -> None:
    """Kind and names, kind/name, several kinds, categories."""
    assert [str(t) for t in targets.parse(CATALOG, args, "get")] == found


@pytest.mark.parametrize("args", [[], ["pod", "po/a"], ["po/"], ["po/a/b"], ["/a"]])
def test_invalid_arguments_are_refused(args: list[str]) -> None:
    """Instead of guessing."""
    with pytest.raises(Failure):
        targets.parse(CATALOG, args, "get")
