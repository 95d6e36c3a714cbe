"""Indexes of a Job's pods are read as text."""

import pytest

from supervisor.model import indexes


def test_intervals_are_read_and_counted() -> None:
    """Single indexes, and whole ranges."""
    found = indexes.parse("1,3-5,7", 8)

    assert found == ((1, 1), (3, 5), (7, 7))
    assert indexes.count(found) == 5
    assert indexes.parse("", 8) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a", 'cannot convert string to integer for index: "a"'),
        ("8", 'too large index: "8"'),
        ("1-8", 'too large index: "8"'),
        ("3-3", "non-increasing order, previous: 3, current: 3"),
        ("3,3", "non-increasing order, previous: 3, current: 3"),
        (
            "1-2-3",
            'the fragment "1-2-3" violates the requirement that an index interval can '
            "have at most two parts separated by '-'",
        ),
        ("1,", 'cannot convert string to integer for index: ""'),
    ],
)
def test_what_is_no_list_of_indexes_is_refused(text: str, told: str) -> None:
    """In upstream's words."""
    with pytest.raises(ValueError) as caught:
        indexes.parse(text, 8)

    assert str(caught.value) == told


def test_the_first_index_that_two_lists_share_is_found() -> None:
    """If there is one."""
    assert indexes.first_overlap([(0, 2), (5, 9)], ((3, 4), (8, 8))) == 8
    assert indexes.first_overlap([(0, 2)], ((3, 4),)) is None
