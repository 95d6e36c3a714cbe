"""Quantities are read exactly and written in their one canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.model import quantities

AMOUNTS = [
    # written, canonical, millis, whole
    ("100m", "100m", 100, 1),
    ("1", "1", 1000, 1),
    (1, "1", 1000, 1),
    (0.5, "500m", 500, 1),
    ("0.5", "500m", 500, 1),
    (".5", "500m", 500, 1),
    ("1500m", "1500m", 1500, 2),
    ("1000m", "1", 1000, 1),
    ("1e3", "1e3", 1_000_000, 1000),
    ("12e4", "120e3", 120_000_000, 120_000),
    ("1E", "1E", 10**21, 10**18),
    ("1Gi", "1Gi", 2**30 * 1000, 2**30),
    ("1024Mi", "1Gi", 2**30 * 1000, 2**30),
    ("1.5Gi", "1536Mi", 1536 * 2**20 * 1000, 1536 * 2**20),
    ("0.5Ki", "512", 512_000, 512),
    ("200k", "200k", 200_000_000, 200_000),
    ("0", "0", 0, 0),
    ("-1", "-1", -1000, -1),
    ("1n", "1n", 1, 1),
    ("0.1n", "1n", 1, 1),
    ("1e30", "9223372036854775807", (2**63 - 1) * 1000, 2**63 - 1),
]


@pytest.mark.parametrize(("text", "canonical", "millis", "whole"), AMOUNTS)
def test_quantity_has_one_canonical_form_and_rounds_up(
    text: quantities.Text, canonical: str, millis: int, whole: int
) -> None:
    """Every way to write an amount leads to one text; integers are rounded up."""
    assert quantities.canonical(text) == canonical
    assert quantities.millis(text) == millis
    assert quantities.whole(text) == whole


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "quantities must match the regular expression"),
        ("abc", "quantities must match the regular expression"),
        ("1 Gi", "quantities must match the regular expression"),
        ("1Gib", "quantities must match the regular expression"),
        (True, "quantities must match the regular expression"),
        ("1.2.3", "unable to parse numeric part of quantity"),
        ("1e", "unable to parse quantity's suffix"),
        ("1KiM", "unable to parse quantity's suffix"),
    ],
)
def test_what_is_no_quantity_is_refused_in_upstreams_words(
    text: quantities.Text, complaint: str
) -> None:
    """A text that is no quantity raises ValueError, saying why."""
    with pytest.raises(ValueError) as refused:
        quantities.parse(text)

    assert complaint in str(refused.value)


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["n", "u", "m", "", "k", "M", "Ki", "Mi", "e2", "e-3"]),
)
def test_canonical_text_means_the_same_amount(number: int, suffix: str) -> None:
    """Writing an amount canonically and reading it again changes nothing."""
    text = f"{number}{suffix}"

    once = quantities.canonical(text)

    assert quantities.parse(once).amount == quantities.parse(text).amount
    assert quantities.canonical(once) == once


def test_amounts_add_up_across_their_families() -> None:
    """A sum is exact, and written like the first amount."""
    assert quantities.add("100m", "0.9") == "1"
    assert quantities.add("1Gi", "512Mi", "0") == "1536Mi"
    assert quantities.add() == "0"


def test_resource_lists_are_rounded_up_to_thousandths() -> None:
    """Digits below a thousandth become a thousandth."""
    assert quantities.rounded_to_millis("1u") == "1m"
