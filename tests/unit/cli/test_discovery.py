"""Names of kinds, and the objects that a command line names."""

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
def test_a_kind_answers_to_all_its_names(name: str) -> None:
    """Plural, singular, short, in any case."""
    assert CATALOG.find(name).plural == "pods"


@pytest.mark.parametrize(
    "name", ["leases", "leases.coordination.k8s.io", "lease.v1.coordination.k8s.io"]
)
def test_groups_may_be_named(name: str) -> None:
    """With or without the version."""
    assert CATALOG.find(name).full_name == "leases.coordination.k8s.io"


def test_unknown_kinds_are_refused_with_a_guess() -> None:
    """The nearest name is the hint."""
    with pytest.raises(Failure) as caught:
        CATALOG.find("podz")

    assert caught.value.message == 'the server doesn\'t have a resource type "podz"'
    assert caught.value.hint == "did you mean pod?"


@pytest.mark.parametrize(
    ("words", "found"),
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
def test_words_name_objects_as_with_kubectl(words: list[str], found: list[str]) -> None:
    """Kind and names, kind/name, several kinds, categories."""
    assert [str(t) for t in targets.parse(CATALOG, words, "get")] == found


@pytest.mark.parametrize("words", [[], ["pod", "po/a"], ["po/"], ["po/a/b"], ["/a"]])
def test_words_that_name_nothing_are_refused(words: list[str]) -> None:
    """Rather than guessed at."""
    with pytest.raises(Failure):
        targets.parse(CATALOG, words, "get")
