"""Every field of a pod changes what is done, is refused, or is warned about.

For each field of the schema two pods are made that differ in that field alone, and led
through the API, the scheduler, the agent and the bodies for Docker. If all of that is
the same for both, the field is ignored in silence, which is what this test finds.
"""

import re
from copy import deepcopy

import pytest

from supervisor.model import schema
from supervisor.model.meta import Object
from supervisor.model.schema.types import Form
from tests.unit.fields import generating, observing, samples
from tests.unit.fields.generating import Way

_HOOKS = (
    f"{row}[].lifecycle.{hook}.tcpSocket.{field}"
    for row in ("containers", "initContainers")
    for hook in ("preStop", "postStart")
    for field in ("host", "port")
)
BY_DESIGN = {
    **dict.fromkeys(_HOOKS, "such a hook always fails, in Kubernetes as well"),
    "securityContext.fsGroupChangePolicy": "means nothing for an emptyDir",
    "schedulingGates[].name": "means something only to whoever removes the gate",
}
"""Fields that change nothing in Kubernetes either, and why."""


SAME_WORDS = {
    "dnsPolicy": "all but None are the same, since there is no DNS of the cluster"
}
"""Fields of which several words mean what absence means, and why."""


def pod_spec() -> schema.TypeSchema:
    pod = schema.lookup("v1", "Pod")
    assert pod is not None
    target = generating.target_of(pod.fields["spec"].shape)
    assert target is not None
    return target


WAYS = {generating.title(way): way for way in generating.ways(pod_spec())}


def fate(way: Way) -> str:
    """What becomes of a field: warned, refused, runs or schedules otherwise, or ''."""
    before, after = (completed(spec, way) for spec in generating.pair(way))
    return difference(way, before, after)


def difference(way: Way, before: Object, after: Object) -> str:
    """What `after`, which differs from `before` in one field, is answered with."""
    warnings, refusal = observing.admitted(after)
    if any(names(text.partition(":")[0], way) for text in warnings):
        return "is warned about"
    if any(names(word.strip("[,:"), way) for word in refusal.split()):
        return "is refused"
    if refusal:
        assert not observing.admitted(before)[1], f"the sample is no good: {refusal}"
        return "is refused"
    if observing.on_a_node(before) != observing.on_a_node(after):
        return "runs otherwise"
    if observing.scheduled(before) != observing.scheduled(after):
        return "is scheduled otherwise"
    if observing.evicted(before) != observing.evicted(after):
        return "is evicted otherwise"
    return ""


def names(path: str, way: Way) -> bool:
    """Whether a path in a text names a field, or one that it is in."""
    plain = re.sub(r"\[\d+\]", "", path).removeprefix("spec.")
    here = ".".join(step.field.name for step in way)
    return bool(plain) and f"{here}.".startswith(f"{plain}.")


def completed(spec: Object, way: Way) -> Object:
    """With the first volume mounted in the first container, and what else it needs."""
    made: Object = deepcopy(spec) | samples.IN_POD.get(generating.title(way), {})
    mount = {"name": made["volumes"][0]["name"], "mountPath": "/first"}
    made["containers"][0].setdefault("volumeMounts", [mount])
    return made


@pytest.mark.parametrize("name", WAYS)
def test_no_field_is_ignored_in_silence(name: str) -> None:
    """It is honoured, refused or warned about."""
    found = fate(WAYS[name])
    if name in BY_DESIGN:
        assert not found, f"{name} is listed as without effect"
        return
    assert found, f"{name} is ignored in silence"


def choices(way: Way) -> tuple[str, ...]:
    """The words that the field may be, if they matter."""
    if generating.title(way) in {*BY_DESIGN, *SAME_WORDS}:
        return ()
    shape = way[-1].field.shape
    return shape.choices if shape.form is Form.STRING else ()


@pytest.mark.parametrize("name", [n for n in WAYS if choices(WAYS[n])])
def test_no_choice_is_ignored_in_silence(name: str) -> None:
    """Of the words that a field may be, one may mean what its absence means."""
    way = WAYS[name]
    absent = completed(generating.with_value(way, samples.ABSENT), way)
    if observing.admitted(absent)[1]:
        return  # it must be there, and is compared with another word above
    same = [
        word
        for word in choices(way)
        if not difference(way, absent, completed(generating.with_value(way, word), way))
    ]
    assert len(same) <= 1, f"{name}: {same} all mean the same"


@pytest.mark.parametrize("kind", ["limits", "requests"])
@pytest.mark.parametrize(
    "resource", ["cpu", "memory", "ephemeral-storage", "hugepages-2Mi", "a.b/c"]
)
def test_no_resource_is_ignored_in_silence(kind: str, resource: str) -> None:
    """Whatever can be requested and limited is honoured, refused or warned about."""
    way = WAYS[f"containers[].resources.{kind}"]
    amount = "640Gi" if resource == "memory" else "2"
    amounts: Object = {kind: {"cpu": "1", resource: amount}}
    if resource not in ("cpu", "memory", "ephemeral-storage"):
        amounts = {"limits": {resource: "2", "cpu": "1"}} | amounts
    plain: Object = {kind: {"cpu": "1"}}
    before, after = (
        completed(generating.with_value(way[:-1], given), way)
        for given in (plain, amounts)
    )
    warnings, _ = observing.admitted(after)
    told = f"spec.containers[0].resources.{kind}[{resource}]"
    is_told = any(text.startswith(told) for text in warnings)
    assert is_told or difference(way, before, after)
