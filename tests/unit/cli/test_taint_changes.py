"""Changes to the taints of a node."""

import pytest

from supervisor.cli.failure import Failure
from supervisor.cli.taint_changes import apply_changes, parse
from supervisor.model.meta import Object


def node(*taints: str) -> Object:
    return {
        "metadata": {"name": "n"},
        "spec": {"taints": parse(taints).added if taints else []},
    }


def texts(taints: list[Object]) -> list[str]:
    return [f"{t['key']}={t.get('value', '')}:{t['effect']}" for t in taints]


@pytest.mark.parametrize(
    ("before", "specs", "done", "after"),
    [
        ([], ["a=b:NoSchedule"], "tainted", ["a=b:NoSchedule"]),
        ([], ["a:NoExecute"], "tainted", ["a=:NoExecute"]),
        (["a:NoExecute"], ["a:NoExecute-"], "untainted", []),
        (["a:NoExecute", "a:NoSchedule"], ["a-"], "untainted", []),
        (
            ["a:NoExecute", "a:NoSchedule"],
            ["a:NoSchedule-"],
            "untainted",
            ["a=:NoExecute"],
        ),
        (["a:NoExecute"], ["b:NoExecute", "a-"], "modified", ["b=:NoExecute"]),
    ],
)
def test_taints_are_added_and_removed(
    before: list[str], specs: list[str], done: str, after: list[str]
) -> None:
    """A taint is a key with an effect; a key alone selects all its effects."""
    said, taints, missing = apply_changes(node(*before), parse(specs), False)

    assert (said, texts(taints), missing) == (done, after, [])


def test_an_existing_taint_needs_overwrite() -> None:
    """With --overwrite, its value is replaced."""
    there, change = node("a=b:NoSchedule"), parse(["a=c:NoSchedule"])

    with pytest.raises(Failure, match="node n already has a taint"):
        apply_changes(there, change, False)
    assert apply_changes(there, change, True) == (
        "modified",
        [{"key": "a", "value": "c", "effect": "NoSchedule"}],
        [],
    )


def test_a_missing_taint_cannot_be_removed() -> None:
    """It is reported as requested."""
    changes = parse(["a-", "b:NoExecute-"])

    assert apply_changes(node(), changes, False)[2] == ["a", "b:NoExecute"]


@pytest.mark.parametrize(
    ("specs", "text"),
    [
        ([], "at least one taint update is required"),
        (["a=b"], "invalid taint spec: a=b"),
        (["a=b:Never"], "invalid taint effect: Never"),
        (["=b:NoSchedule"], "invalid taint spec"),
        (["a=b c:NoSchedule"], "invalid taint spec"),
        (["a:b:NoSchedule"], "invalid taint spec"),
        (["a:NoSchedule", "a=b:NoSchedule"], "duplicated taints"),
        (["a:NoSchedule", "a-"], "can not both modify and remove"),
    ],
)
def test_invalid_changes_are_refused(specs: list[str], text: str) -> None:
    """The message contains the argument."""
    with pytest.raises(Failure) as refused:
        parse(specs)

    assert text in refused.value.message
