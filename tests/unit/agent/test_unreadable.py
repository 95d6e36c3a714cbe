"""Pods and Nodes that an agent cannot read, written straight into the store."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from supervisor.client.base import DeleteOptions
from supervisor.client.events import EventRecorder
from supervisor.model.meta import Object
from supervisor.runtime.base import State
from supervisor.store.base import Key
from tests.fakes.agent import NODE, Node
from tests.odd_objects import STORED, Odd, odd_objects, put

_BY_KIND = {resource.identity.kind: resource for resource in STORED}
ODD_EACH = 20


def damage(node: Node, key: Key, **parts: Any) -> None:
    """Overwrite parts of a stored object, behind the API's back."""
    record = node.store.get(key)
    assert record is not None
    obj: Object = msgspec.json.decode(record.value)
    value = msgspec.json.encode(obj | parts)
    node.store.update(key, value, expected=record.revision)


def pod_key(name: str) -> Key:
    return Key("pods", "default", name)


def running(node: Node, uid: str) -> list[str]:
    """The names of the containers of a pod that run."""
    seen = node.runtime.pods().get(uid)
    found = seen.containers if seen is not None else ()
    return [c.name for c in found if c.state is State.RUNNING]


@pytest.mark.parametrize(
    "spec", [{"containers": "none"}, {"containers": [7]}, {"volumes": [{}, 7]}]
)
def test_a_running_pod_that_becomes_unreadable_runs_on(
    node: Node, spec: Object
) -> None:
    """As it was last understood, also after a restart of the agent."""
    node.run("web")
    uid = node.typed("web").metadata.uid

    damage(node, pod_key("web"), spec={"nodeName": NODE} | spec)
    node.settle()
    assert running(node, uid)
    node.restart()
    node.settle()

    assert running(node, uid)


def test_a_pod_whose_deletion_has_no_time_runs_on(node: Node) -> None:
    """As it was last understood; the event says what is wrong."""
    node.run("web")
    pod = node.pod("web")
    odd = pod["metadata"] | {"deletionTimestamp": "x", "deletionGracePeriodSeconds": 1}
    damage(node, pod_key("web"), metadata=odd)
    node.settle()
    node.run("other")

    for name in ("web", "other"):
        assert running(node, node.pod(name)["metadata"]["uid"])
    [event] = node.api.list("events", fields="reason=Unreadable").items
    assert "deletionTimestamp" in event["message"]


def test_a_start_time_that_is_none_is_written_anew(node: Node) -> None:
    """It is part of the status, which the agent answers for."""
    node.run("web")
    pod = node.pod("web")
    damage(node, pod_key("web"), status=pod["status"] | {"startTime": "x"})
    node.settle()
    node.advance(10)

    assert running(node, pod["metadata"]["uid"])
    assert node.pod("web")["status"]["startTime"] != "x"


def test_an_unreadable_pod_holds_up_no_other(node: Node) -> None:
    """Others are started, and the event says which one is left alone."""
    odd = Odd(_BY_KIND["Pod"], ("spec",), {"nodeName": NODE, "containers": "none"})
    assert odd.write(node.store, "odd")

    node.run("web")

    assert running(node, node.typed("web").metadata.uid)
    [event] = node.api.list("events", fields="reason=Unreadable").items
    assert event["involvedObject"]["name"] == "odd"
    assert event["source"]["component"] == f"agent-{NODE}"


def test_an_unreadable_pod_that_is_deleted_is_cleared_away(node: Node) -> None:
    """By what was understood of it before."""
    node.run("web")
    uid = node.typed("web").metadata.uid
    damage(node, pod_key("web"), status={"phase": 7})
    damage(node, pod_key("web"), spec={"nodeName": NODE, "containers": 7})
    node.settle()

    options = DeleteOptions(grace_period_seconds=0)
    node.api.delete("pods", "web", "default", options)
    node.settle()

    assert running(node, uid) == []


def test_a_node_with_a_broken_status_is_reported_anew(node: Node) -> None:
    """The agent mends what it writes anyway."""
    node.agent.node.report()
    damage(node, Key("nodes", "", NODE), status={"conditions": [None, 7]})

    node.agent.node.wake()
    while node.agent.node.controller.step():
        pass

    rows = node.api.get("nodes", NODE)["status"]["conditions"]
    assert {"Ready": "True"}.items() <= {r["type"]: r["status"] for r in rows}.items()


def test_odd_events_stop_no_recorder(node: Node) -> None:
    """Those of an earlier run are read at the start."""
    source = {"component": "x"}
    values: tuple[object, ...] = ("yesterday", 7, [], None)
    for number, odd in enumerate(values):
        body = {"source": source, "lastTimestamp": odd, "involvedObject": odd}
        resource = _BY_KIND["Event"]
        for name, value in body.items():
            Odd(resource, (name,), value).write(node.store, f"odd-{name}-{number}")
    recorder = EventRecorder(node.api, node.clock, "x", threaded=False)

    node.run("web")
    node.clock.advance(1)
    recorder.record(node.pod("web"), "Normal", "Tested", "it was")
    recorder.flush()

    assert len(node.api.list("events", fields="reason=Tested").items) == 1


@given(st.lists(odd_objects("pods"), min_size=ODD_EACH, max_size=ODD_EACH))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_no_odd_pod_stops_an_agent(odd: list[Odd]) -> None:
    """Twenty at once, bound to its node where they can be; another one is started."""
    node = Node()
    for number, each in enumerate(odd):
        each.write(node.store, f"odd-{number}")
        record = node.store.get(pod_key(f"odd-{number}"))
        if record is not None:
            obj: Object = msgspec.json.decode(record.value)
            if isinstance(obj.get("spec"), dict):
                bound = put(obj, ("spec", "nodeName"), NODE)
                damage(node, pod_key(f"odd-{number}"), spec=bound["spec"])

    node.run("web")

    assert running(node, node.typed("web").metadata.uid)
