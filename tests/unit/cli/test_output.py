"""Output formats, sorting and durations."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.output import as_list, printer, to_yaml
from supervisor.cli.sorting import sorted_objects
from supervisor.model.yaml_reader import documents

A = {"kind": "Pod", "metadata": {"name": "a", "labels": {"x": "1"}}, "n": 10}
B = {"kind": "Pod", "metadata": {"name": "b"}, "n": 9}


def test_yaml_has_the_format_of_kubectl() -> None:
    """Sorted keys, unindented lists, ambiguous strings quoted."""
    obj = {
        "b": ["x", {"c": 1}],
        "a": "true",
        "t": "2026-01-02T03:04:05Z",
        "m": "x\ny\n",
    }

    assert to_yaml(obj) == (
        'a: "true"\nb:\n- x\n- c: 1\nm: |\n  x\n  y\nt: "2026-01-02T03:04:05Z"\n'
    )


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXTS, TEXTS))
def test_output_can_be_applied(data: dict[str, str]) -> None:
    """Our parser and others read the same data."""
    text = to_yaml(data)

    assert yaml.safe_load(text) == data
    assert [value for _, value in documents(text)] == [data]


def test_names_are_one_per_line() -> None:
    """For a list, the name of each item."""
    show = printer("name", lambda obj: f"pod/{obj['metadata']['name']}")

    assert show(as_list([A, B])) == "pod/a\npod/b\n"


def test_custom_columns() -> None:
    """Missing values are `<none>`."""
    show = printer("custom-columns=NAME:.metadata.name,X:.metadata.labels.x", str)

    assert show(as_list([A, B])) == "NAME   X\na      1\nb      <none>\n"


@pytest.mark.parametrize(
    "output", ["foo", "jsonpath", "jsonpath={.a", "custom-columns=A"]
)
def test_unknown_formats_are_refused(output: str) -> None:
    """Instead of printing another format."""
    with pytest.raises(Failure):
        printer(output, str)


def test_objects_are_sorted_by_a_field() -> None:
    """Numerically; missing fields first; an unknown field is an error."""
    assert sorted_objects([A, B], ".n") == [B, A]
    assert sorted_objects([A, B], "{.metadata.labels.x}") == [B, A]
    with pytest.raises(Failure):
        sorted_objects([A, B], ".nope")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("5s", 5), ("1m30s", 90), ("1h", 3600), ("1.5h", 5400), ("500ms", 0.5)],
)
def test_durations_have_the_format_of_go(text: str, seconds: float) -> None:
    """One or more numbers with units."""
    assert parse_duration(text, "--since") == seconds


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "5x", "-5s"])
def test_invalid_durations_name_their_option(text: str) -> None:
    """With an example."""
    with pytest.raises(Failure) as caught:
        parse_duration(text, "--since")

    assert '"--since"' in caught.value.message
