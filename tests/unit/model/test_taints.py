"""What pods tolerate, and for how long."""

import pytest

from supervisor.model.defaults import add_default_tolerations
from supervisor.model.kinds import Taint
from supervisor.model.meta import Object
from supervisor.model.pod import Toleration
from supervisor.model.taints import tolerated_seconds, tolerates

TAINT = Taint("disk", "NoExecute", "slow")


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        (Toleration("disk", "Equal", "slow", "NoExecute"), True),
        (Toleration("disk", "Equal", "slow"), True),
        (Toleration("disk", "Exists"), True),
        (Toleration("", "Exists"), True),
        (Toleration("disk", "Equal", "full"), False),
        (Toleration("cpu", "Exists"), False),
        (Toleration("disk", "Exists", effect="NoSchedule"), False),
    ],
)
def test_key_value_and_effect_have_to_match(
    toleration: Toleration, expected: bool
) -> None:
    """Where a toleration leaves one out, any will do."""
    assert tolerates(toleration, TAINT) is expected


def test_the_shortest_of_all_that_match_counts() -> None:
    """Nothing that matches is no time at all; nothing that ends is for ever."""

    def seconds(*given: int | None) -> float | None:
        rows = [Toleration("disk", "Exists", toleration_seconds=s) for s in given]
        return tolerated_seconds(rows, TAINT)

    assert seconds() == 0
    assert seconds(None) is None
    assert seconds(None, 30, 20) == 20
    assert seconds(-1) == 0


def test_pods_are_given_a_toleration_of_lost_nodes() -> None:
    """Of both kinds of loss, with the seconds of the settings."""
    pod: Object = {"spec": {"tolerations": [{"key": "mine", "operator": "Exists"}]}}
    add_default_tolerations(pod, 2)
    add_default_tolerations(pod, 9)

    assert pod["spec"]["tolerations"][1:] == [
        {
            "key": f"node.kubernetes.io/{why}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 2,
        }
        for why in ("not-ready", "unreachable")
    ]


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ({"key": "node.kubernetes.io/unreachable", "operator": "Exists"}, 1),
        ({"operator": "Exists"}, 0),
        ({"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}, 0),
        ({"operator": "Exists", "effect": "NoSchedule"}, 2),
    ],
)
def test_what_a_pod_says_itself_stands(given: Object, added: int) -> None:
    """As written: longer, shorter or for ever."""
    pod: Object = {"spec": {"tolerations": [given]}}
    add_default_tolerations(pod, 2)

    assert len(pod["spec"]["tolerations"]) == 1 + added
