"""Label selectors as objects write them."""

import pytest

from supervisor.model.label_selector import LabelSelector, to_selector
from supervisor.model.meta import Object, decode


def matches(given: Object | None, **labels: str) -> bool:
    selector = None if given is None else decode(LabelSelector, given)
    return to_selector(selector).matches(labels)


def expressions(*rows: tuple[str, str, list[str]]) -> Object:
    return {
        "matchExpressions": [
            {"key": key, "operator": operator, "values": values}
            for key, operator, values in rows
        ]
    }


def test_an_absent_selector_matches_nothing_and_an_empty_one_everything() -> None:
    """Upstream's rule, which surprises everybody once."""
    assert not matches(None)
    assert not matches(None, app="kubia")
    assert matches({})
    assert matches({}, app="kubia")


@pytest.mark.parametrize(
    ("row", "with_kubia", "with_other", "without"),
    [
        (("app", "In", ["kubia", "x"]), True, False, False),
        (("app", "NotIn", ["kubia"]), False, True, True),
        (("app", "Exists", []), True, True, False),
        (("app", "DoesNotExist", []), False, False, True),
    ],
)
def test_expressions_are_read_as_upstream_reads_them(
    row: tuple[str, str, list[str]], with_kubia: bool, with_other: bool, without: bool
) -> None:
    """NotIn and DoesNotExist also match where the label is absent."""
    given = expressions(row)

    assert matches(given, app="kubia") == with_kubia
    assert matches(given, app="other") == with_other
    assert matches(given) == without


def test_labels_and_expressions_must_all_match() -> None:
    """One that does not is enough."""
    given = {"matchLabels": {"app": "kubia"}} | expressions(("tier", "Exists", []))

    assert matches(given, app="kubia", tier="web")
    assert not matches(given, app="kubia")
    assert not matches(given, tier="web")
