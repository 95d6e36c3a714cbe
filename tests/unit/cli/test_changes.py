"""Parsing changes of labels and annotations."""

import pytest

from supervisor.cli.editing_metadata import (
    ANNOTATIONS,
    LABELS,
    Changes,
    refuse_overwriting,
    split,
)
from supervisor.cli.failure import Failure


def test_names_precede_changes() -> None:
    """`KEY=VALUE` sets, `KEY-` removes."""
    names, changes = split(["pod", "a", "x=1", "y="], LABELS)

    assert names == ["pod", "a"]
    assert changes == Changes({"x": "1", "y": ""}, [])
    assert split(["pod/a", "x-"], LABELS)[1] == Changes({}, ["x"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["pod", "a=b", "c"],
            "all resources must be specified before label changes: c",
        ),
        (["pod", "a", "=b"], "invalid label spec: =b"),
        (["pod", "a", "b=c d"], 'invalid label value: "b=c d"'),
        (["pod", "a", "b=c", "b-"], "can not both modify and remove a label"),
    ],
)
def test_invalid_changes_are_refused(words: list[str], message: str) -> None:
    """Before a request is sent."""
    with pytest.raises(Failure) as caught:
        split(words, LABELS)

    assert caught.value.message.startswith(message)


def test_annotations_may_contain_any_text() -> None:
    """Only labels are restricted."""
    _, changes = split(["pod", "a", "note=hello, world = ünïcode"], ANNOTATIONS)

    assert changes.values == {"note": "hello, world = ünïcode"}


def test_a_different_value_is_not_overwritten() -> None:
    """Setting the same value again is allowed."""
    obj = {"metadata": {"labels": {"app": "kubia"}}}
    refuse_overwriting(obj, LABELS, Changes({"app": "kubia"}))

    with pytest.raises(Failure) as caught:
        refuse_overwriting(obj, LABELS, Changes({"app": "x"}))

    assert caught.value.message == (
        "'app' already has a value (kubia), and --overwrite is false"
    )
