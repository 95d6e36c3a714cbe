"""A whole agent works with either client: the API in its process, or over HTTPS.

The agent runs in threads of its own, on a fake engine. Users of the API always come
over HTTPS. What an agent in a process of its own would lack today is handed to it here:
the view of the store (client.store_view), and the directory by which the API finds it
(client.node).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from supervisor.agent.agent import Agent
from supervisor.agent.node.status import NodeFacts
from supervisor.client.base import Client, DeleteOptions
from supervisor.client.events import EventRecorder
from supervisor.client.node import NodeConnection
from supervisor.client.rest import RestClient
from supervisor.client.store_view import UnmarkedStore
from supervisor.machinery.clock import SystemClock
from supervisor.model.errors import ApiError, unavailable
from supervisor.model.failover import Failover
from supervisor.model.meta import Object
from supervisor.probing.base import Attempt, Outcome
from supervisor.probing.prober import NodeProber
from tests.api_server import ApiServer, serving
from tests.contract.runtime.lab import eventually
from tests.fakes.asker import FakeAsker
from tests.fakes.runtime import FakeRuntime, Program

IMAGE = "img:1"
FAST = Failover(heartbeat_seconds=0.2, grace_seconds=1.0)


@dataclass
class Directory:
    """Satisfies NodeDirectory."""

    agents: dict[str, Agent] = field(default_factory=dict)

    def connect(self, node_name: str) -> NodeConnection:
        if node_name not in self.agents:
            raise unavailable(f"node {node_name} has no agent")
        return self.agents[node_name].connection


class Node:
    """An agent that runs, its engine, and a user of the API."""

    def __init__(
        self, name: str, client: Client, user: RestClient, clock: SystemClock
    ) -> None:
        self.name = name
        self.user = user
        self.engine = FakeRuntime(clock, node=name)
        self.engine.add_image(IMAGE)
        self.asker = FakeAsker(clock.now)
        self._recorder = EventRecorder(client, clock, "kubelet", name)
        self.agent = Agent(
            NodeFacts(name, "192.0.2.7"),
            self.engine,
            client,
            clock,
            NodeProber(self.asker, clock, lambda uid: self.agent.wake(uid), self._note),
            self._recorder,
            failover=FAST,
            store=UnmarkedStore(),
        )

    def _note(self, obj: Object, type_: str, reason: str, text: str, at: str) -> None:
        self._recorder.record(obj, type_, reason, text, field_path=at)

    def start(self) -> None:
        self.agent.start()

    def stop(self) -> None:
        self.agent.stop()
        self._recorder.stop()
        self.engine.close()

    def run(self, pod: str, **container: Any) -> str:
        """Create a pod and bind it to this node; return its name."""
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{pod}-{self.name}"},
            "spec": {"containers": [{"name": "app", "image": IMAGE, **container}]},
        }
        made: str = self.user.create("pods", body, "default")["metadata"]["name"]
        self.user.bind(made, "default", self.name)
        return made

    def pod(self, name: str) -> Object:
        return self.user.get("pods", name, "default")

    def ready(self, name: str) -> bool:
        status = self.pod(name)["status"]
        rows = status.get("conditions", [])
        return status.get("phase") == "Running" and any(
            c["type"] == "Ready" and c["status"] == "True" for c in rows
        )

    def await_ready(self, name: str) -> None:
        eventually(lambda: self.ready(name) or None)

    def container(self, name: str) -> Object:
        found: Object = self.pod(name)["status"]["containerStatuses"][0]
        return found


@pytest.fixture(scope="module")
def clock() -> Iterator[SystemClock]:
    made = SystemClock()
    yield made
    made.close()


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory()


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, clock: SystemClock, directory: Directory
) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("state")
    with serving(folder, clock=clock, nodes=directory) as made:
        yield made


@pytest.fixture(scope="module", params=["registry", "rest"])
def node(
    request: pytest.FixtureRequest,
    server: ApiServer,
    clock: SystemClock,
    directory: Directory,
) -> Iterator[Node]:
    """A node for all tests of the file, whose agent has the client of that name."""
    user, remote = server.client(), server.client()
    client: Client = server.registry if request.param == "registry" else remote
    made = Node(f"node-{request.param}", client, user, clock)
    directory.agents[made.name] = made.agent
    made.start()
    yield made
    made.stop()
    del directory.agents[made.name]
    user.close()
    remote.close()


def gone(look: Callable[[], object]) -> bool:
    try:
        look()
    except ApiError as error:
        return error.code == 404
    return False


def test_the_node_is_registered_and_its_lease_renewed(node: Node) -> None:
    """It is Ready, and every heartbeat shows in its Lease."""

    def is_ready() -> bool | None:
        if gone(lambda: node.user.get("nodes", node.name)):
            return None
        status = node.user.get("nodes", node.name).get("status", {})
        rows = status.get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in rows) or None

    def renewed() -> str:
        resource, namespace = "leases.coordination.k8s.io", "kube-node-lease"
        lease = node.user.get(resource, node.name, namespace)
        return str(lease["spec"]["renewTime"])

    eventually(is_ready)
    eventually(lambda: not gone(renewed) or None)
    before = renewed()

    assert eventually(lambda: renewed() > before or None)


def test_a_bound_pod_becomes_running_and_ready(node: Node) -> None:
    """Its status has the address and the container, and events tell of the start."""
    name = node.run("web")

    node.await_ready(name)

    status = node.pod(name)["status"]
    assert status["podIP"].startswith("10.88.")
    assert status["hostIP"] == "192.0.2.7"
    assert node.container(name)["restartCount"] == 0
    fields = f"involvedObject.name={name},reason=Started"
    assert eventually(lambda: node.user.list("events", fields=fields).items or None)


def test_readiness_follows_the_probe(node: Node) -> None:
    """A probe that fails takes the pod out of service, one that succeeds lets it in."""
    probe = {"httpGet": {"port": 80}, "periodSeconds": 1, "failureThreshold": 1}
    name = node.run("probed", name="probed", readinessProbe=probe)
    node.await_ready(name)

    node.asker.script["probed"].append(Attempt(Outcome.FAILURE, "no"))

    eventually(lambda: not node.ready(name) or None)
    node.await_ready(name)


def test_a_container_that_ends_is_started_again(node: Node) -> None:
    """Its status tells of the run before."""
    name = node.run("crash")
    node.await_ready(name)

    node.engine.exit(name, "app", 3)

    eventually(lambda: node.container(name)["restartCount"] == 1 or None)
    node.await_ready(name)
    last = node.container(name)["lastState"]["terminated"]
    assert last["exitCode"] == 3


def test_a_deleted_pod_ends(node: Node) -> None:
    """Nothing of it is left on the engine, and then its object goes."""
    name = node.run("short")
    node.await_ready(name)
    uid = node.pod(name)["metadata"]["uid"]

    node.user.delete("pods", name, "default", DeleteOptions(grace_period_seconds=5))

    eventually(lambda: gone(lambda: node.pod(name)) or None)
    assert node.engine.pod(uid) is None
    stops = [call for call in node.engine.calls if call[0] == "stop_container"]
    assert stops[-1][2] <= 5


def test_logs_come_through_the_api(node: Node) -> None:
    """From the container's output to the user."""
    name = node.run("talks")
    node.await_ready(name)
    node.engine.write_log(name, "app", b"hello\n")

    logs = node.user.logs(name, "default", [("container", "app")])

    assert b"".join(logs) == b"hello\n"


def test_commands_run_through_the_api(node: Node) -> None:
    """With both streams and the exit code."""
    name = node.run("obeys")
    node.await_ready(name)
    node.engine.add_program(("check",), Program(b"out\n", b"err\n", 3))

    session = node.user.exec(name, "default", "app", ("check",), stdin=False, tty=False)
    heard = dict(iter(session.read, None))
    code = session.exit_code()
    session.close()

    assert heard == {1: b"out\n", 2: b"err\n"}
    assert code == 3


def test_what_cannot_be_run_is_refused(node: Node) -> None:
    """The refusal of the engine reaches the user."""
    name = node.run("lacks")
    node.await_ready(name)

    with pytest.raises(ApiError, match="executable file not found"):
        node.user.exec(name, "default", "app", ("none",), stdin=False, tty=False)
