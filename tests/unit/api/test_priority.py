"""PriorityClasses at the creation of pods."""

from typing import Any

import pytest

from supervisor.api.registry import Registry
from supervisor.client.base import WriteOptions
from supervisor.kinds.identity import PRIORITY_CLASS
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

CLASSES = PRIORITY_CLASS.resource


def priority_class(name: str, value: int, **fields: Any) -> Object:
    return {**PRIORITY_CLASS.head, "metadata": {"name": name}, "value": value} | fields


def pod(**spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "c", "image": "kubia"}]} | spec,
    }


def created(registry: Registry, **spec: Any) -> Object:
    """The spec of a new pod."""
    found: Object = registry.create("pods", pod(**spec), "default")["spec"]
    return found


def shown(spec: Object) -> tuple[Any, ...]:
    return (spec.get("priorityClassName"), spec["priority"], spec["preemptionPolicy"])


def refused(registry: Registry, resource: str, body: Object) -> str:
    namespace = "default" if resource == "pods" else ""
    with pytest.raises(ApiError) as caught:
        registry.create(resource, body, namespace)
    assert (caught.value.code, caught.value.reason) == (403, "Forbidden")
    return caught.value.message


def test_the_class_determines_priority_and_preemption(registry: Registry) -> None:
    """Both are in the spec from the start."""
    registry.create(CLASSES, priority_class("high", 1000))
    low = priority_class("polite", -5, preemptionPolicy="Never")
    registry.create(CLASSES, low)

    first = created(registry, priorityClassName="high")
    registry.delete("pods", "web", "default")
    second = created(registry, priorityClassName="polite")

    assert shown(first) == ("high", 1000, "PreemptLowerPriority")
    assert shown(second) == ("polite", -5, "Never")


def test_without_a_class_the_priority_is_zero(registry: Registry) -> None:
    """Unless there is a global default."""
    assert shown(created(registry)) == (None, 0, "PreemptLowerPriority")
    registry.delete("pods", "web", "default")
    registry.create(CLASSES, priority_class("usual", 7, globalDefault=True))

    assert shown(created(registry)) == ("usual", 7, "PreemptLowerPriority")


def test_an_unknown_class_is_refused(registry: Registry) -> None:
    """In upstream's words."""
    assert refused(registry, "pods", pod(priorityClassName="none")) == (
        'pods "web" is forbidden: no PriorityClass with name none was found'
    )


def test_users_do_not_set_the_number(registry: Registry) -> None:
    """The one that follows from the class may stand there."""
    registry.create(CLASSES, priority_class("high", 1000))

    assert refused(registry, "pods", pod(priorityClassName="high", priority=7)) == (
        'pods "web" is forbidden: the integer value of priority (7) must not be '
        "provided in pod spec; priority admission controller computed 1000 from the "
        "given PriorityClass name"
    )
    spec = created(registry, priorityClassName="high", priority=1000)
    assert spec["priority"] == 1000


def test_users_do_not_set_another_policy(registry: Registry) -> None:
    """It follows from the class, too."""
    assert refused(registry, "pods", pod(preemptionPolicy="Never")) == (
        'pods "web" is forbidden: the string value of PreemptionPolicy (Never) must '
        "not be provided in pod spec; priority admission controller computed "
        "PreemptLowerPriority from the given PriorityClass name"
    )


def test_a_generated_name_is_shown_as_it_was_given(registry: Registry) -> None:
    """The name does not exist yet when the pod is refused."""
    body = pod(priorityClassName="none") | {"metadata": {"generateName": "web-"}}

    assert refused(registry, "pods", body).startswith('pods "web-" is forbidden: ')


def test_an_update_keeps_the_priority(registry: Registry) -> None:
    """Old clients do not send these fields back."""
    made = registry.create("pods", pod(), "default")
    made["metadata"]["labels"] = {"a": "b"}
    del made["spec"]["priority"], made["spec"]["preemptionPolicy"]

    spec = registry.update("pods", made)["spec"]

    assert shown(spec) == (None, 0, "PreemptLowerPriority")


def test_there_is_one_default(registry: Registry) -> None:
    """At creation and at update; the default itself may be updated."""
    first = registry.create(CLASSES, priority_class("one", 1, globalDefault=True))
    registry.create(CLASSES, priority_class("two", 2))
    text = (
        'priorityclasses.scheduling.k8s.io "{}" is forbidden: PriorityClass one is '
        "already marked as default. Only one default can exist"
    )

    other = priority_class("other", 3, globalDefault=True)
    assert refused(registry, CLASSES, other) == text.format("other")
    with pytest.raises(ApiError) as caught:
        registry.patch(CLASSES, "two", "", {"globalDefault": True})
    assert caught.value.message == text.format("two")
    changed = registry.update(CLASSES, first | {"description": "new"})
    assert changed["description"] == "new"


def test_a_supported_field_causes_no_warning(registry: Registry) -> None:
    """But an explicit preemptionPolicy does: no pod is removed for another."""
    registry.create(CLASSES, priority_class("high", 1000))
    options = WriteOptions()
    policy = "PreemptLowerPriority"

    body = pod(priorityClassName="high", priority=1000, preemptionPolicy=policy)
    registry.create("pods", body, "default", options)

    assert options.warnings == ["spec.preemptionPolicy: not supported, ignored"]
