"""Evictions: the body, and the condition of the pod."""

from typing import Any

import pytest

from supervisor.api.registry.eviction import delete_options, with_disruption_condition
from supervisor.model.errors import ApiError

NOW = 1_767_323_045.0


@pytest.mark.parametrize(
    "head",
    [
        {},
        {"kind": "Eviction", "apiVersion": "policy/v1"},
        {"kind": "Eviction", "apiVersion": "policy/v1beta1"},
    ],
)
def test_evictions_of_all_clients_are_accepted(head: dict[str, Any]) -> None:
    """In both versions, and without a version."""
    body = head | {"metadata": {"name": "web"}}
    options = {"gracePeriodSeconds": 3}

    assert delete_options(body, "web") == {}
    assert delete_options(body | {"deleteOptions": options}, "web") == options


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"kind": "Pod"}, "must be an Eviction, not a Pod"),
        ({"apiVersion": "v1"}, 'apiVersion: Unsupported value: "v1"'),
        ({"deleteOptions": [1]}, "array into Go struct field Eviction.deleteOptions"),
        ({"metadata": {"name": "other"}}, "name in URL does not match"),
    ],
)
def test_other_bodies_are_refused(body: dict[str, Any], text: str) -> None:
    """With 400 and the field."""
    with pytest.raises(ApiError) as refused:
        delete_options(body, "web")

    assert refused.value.code == 400
    assert text in refused.value.message


def test_an_evicted_pod_has_a_condition() -> None:
    """A single one, with the time of the first eviction."""
    once = with_disruption_condition({"metadata": {"name": "web"}}, NOW)
    twice = with_disruption_condition(once, NOW + 60)

    assert once == twice
    assert once["status"]["conditions"] == [
        {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting",
            "lastTransitionTime": "2026-01-02T03:04:05Z",
        }
    ]
