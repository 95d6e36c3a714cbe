"""Operations on nodes and images, run as a user runs them, against the API."""

import threading
from collections.abc import Callable, Iterator

import pytest

from supervisor.cli.root import run
from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import POD_DISRUPTION_BUDGET
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from tests.api_server import ApiServer, serving
from tests.fakes import manifests

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API with one node, node-1."""
    with serving(tmp_path_factory.mktemp("state")) as made:
        node: Object = {"apiVersion": "v1", "kind": "Node"}
        made.registry.create("nodes", node | {"metadata": {"name": "node-1"}})
        yield made


@pytest.fixture
def say(
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Say:
    """Runs the command: (exit code, stdout, stderr)."""
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))

    def command(*words: str) -> tuple[int, str, str]:
        code = run(words)
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return command


def bound(server: ApiServer, name: str) -> None:
    """A pod of a controller on the node."""
    body = manifests.pod(name)
    owner = {"apiVersion": "v1", "kind": "ReplicationController", "name": "rc"}
    owner |= {"uid": "1", "controller": True}  # type: ignore[dict-item]
    body["metadata"]["ownerReferences"] = [owner]
    server.registry.create("pods", body, "default")
    server.registry.bind(name, "default", "node-1")


def finishing(server: ApiServer) -> threading.Thread:
    """An agent that lets the pods that are told to end do so."""
    watch = server.registry.watch(
        "pods", since=server.registry.list("pods").resource_version
    )

    def work() -> None:
        for event in watch:
            meta = event.object["metadata"]
            if event.type == "MODIFIED" and "deletionTimestamp" in meta:
                now = DeleteOptions(grace_period_seconds=0)
                server.registry.delete("pods", meta["name"], meta["namespace"], now)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_node_is_cordoned_and_uncordoned(say: Say) -> None:
    """And said to be so already, the second time."""
    assert say("cordon", "node-1") == (0, "node/node-1 cordoned\n", "")
    assert say("cordon", "node/node-1")[1] == "node/node-1 already cordoned\n"
    assert "SchedulingDisabled" in say("get", "nodes")[1]
    assert say("uncordon", "node-1")[1] == "node/node-1 uncordoned\n"
    assert say("uncordon", "node-1")[1] == "node/node-1 already uncordoned\n"


def test_cordon_needs_a_node(say: Say) -> None:
    """Nothing is guessed, and an unknown one is an error."""
    assert say("cordon")[2].startswith("error: USAGE: cordon NODE")
    assert (
        say("cordon", "x")[2] == 'Error from server (NotFound): nodes "x" not found\n'
    )
    assert "both a node name and" in say("cordon", "x", "-l", "a=b")[2]
    assert say("cordon", "-l", "a=b") == (0, "", "No resources found\n")


def test_a_node_is_tainted(say: Say) -> None:
    """A dry run changes nothing; removing leaves none."""
    taint = ("taint", "nodes", "node-1", "a=b:NoSchedule")
    assert say(*taint, "--dry-run=client")[1] == "node/node-1 tainted (dry run)\n"
    assert say(*taint) == (0, "node/node-1 tainted\n", "")
    assert say(*taint)[0] == 1
    assert say(*taint, "--overwrite")[1] == "node/node-1 modified\n"
    assert say("taint", "node", "node-1", "a-")[1] == "node/node-1 untainted\n"
    assert "only node types" in say("taint", "pods", "p", "a-")[2]


def test_a_drain_evicts_and_waits(say: Say, server: ApiServer) -> None:
    """Each pod is told when it is asked to go, and when it is gone."""
    for name in ("web-1", "web-2"):
        bound(server, name)
    finishing(server)

    code, out, err = say("drain", "node-1", "--timeout=20s")

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:3] == [
        "node/node-1 cordoned",
        "evicting pod default/web-1",
        "evicting pod default/web-2",
    ]
    assert sorted(lines[3:-1]) == ["pod/web-1 evicted", "pod/web-2 evicted"]
    assert lines[-1] == "node/node-1 drained"


def test_a_drain_gives_up_when_its_time_is_over(say: Say, server: ApiServer) -> None:
    """It names what is still there; the pods are on their way."""
    bound(server, "web")

    code, _, err = say("drain", "node-1", "--timeout=300ms")

    assert code == 1
    assert "did not complete within 0.3s; pods that remain: default/web" in err
    assert err.endswith("There are pending nodes to be drained:\n node-1\n")
    conditions = server.registry.get("pods", "web", "default")["status"]["conditions"]
    reasons = [c.get("reason") for c in conditions if c["type"] == "DisruptionTarget"]
    assert reasons == ["EvictionByEvictionAPI"]


def test_a_drain_refuses_lone_pods(say: Say, server: ApiServer) -> None:
    """Nothing is evicted then; a dry run shows what --force would do."""
    server.registry.create("pods", manifests.pod("web"), "default")
    server.registry.bind("web", "default", "node-1")

    code, out, err = say("drain", "node-1")
    dry = say("drain", "node-1", "--force", "--dry-run=server")

    assert (code, out) == (1, "node/node-1 cordoned\n")
    assert "declare no controller (use --force to override): default/web" in err
    assert "evicting pod default/web (server dry run)\n" in dry[1]
    pod = server.registry.get("pods", "web", "default")
    assert "deletionTimestamp" not in pod["metadata"]


def test_images_are_listed(say: Say, server: ApiServer) -> None:
    """With node, name, id and size."""
    server.node.engine.add_image("kubia", size_bytes=107_000_000)

    _, out, _ = say("image", "list")

    header, row = (line.split() for line in out.splitlines())
    assert header == ["NODE", "IMAGE", "IMAGE", "ID", "AGE", "SIZE"]
    assert row[:2] == ["node-1", "kubia:latest"]
    assert row[-1] == "107MB"


def test_an_image_is_pushed(say: Say, server: ApiServer) -> None:
    """Nodes that fail are told of one by one, and make the exit code 1."""
    server.node.engine.add_image("kubia")
    node: Object = {"apiVersion": "v1", "kind": "Node"}
    server.registry.create("nodes", node | {"metadata": {"name": "node-2"}})

    code, out, err = say("image", "push", "kubia")

    assert (code, out) == (1, "")
    assert err == "error: node/node-2: node node-2 has no agent that is connected\n"
    assert "not found on node-1" in say("image", "push", "nope", "--from", "node-1")[2]
    assert (
        "cannot be given together" in say("image", "push", "x", "--all", "--node=a")[2]
    )


def guarded(server: ApiServer, *names: str) -> None:
    """Ready pods, whose budget allows the eviction of one."""
    for name in names:
        bound(server, name)
        ready = {"type": "Ready", "status": "True"}
        status: Object = {"status": {"phase": "Running", "conditions": [ready]}}
        server.registry.patch("pods", name, "default", status, subresource="status")
    body: Object = {
        **POD_DISRUPTION_BUDGET.head,
        "metadata": {"name": "web"},
        "spec": {"maxUnavailable": 1, "selector": {}},
    }
    server.registry.create(POD_DISRUPTION_BUDGET.resource, body, "default")
    allow(server)


def allow(server: ApiServer) -> None:
    """One more eviction."""
    numbers = {"disruptionsAllowed": 1, "currentHealthy": 1, "desiredHealthy": 0}
    server.registry.patch(
        POD_DISRUPTION_BUDGET.resource,
        "web",
        "default",
        {"status": {"observedGeneration": 1} | numbers},
        subresource="status",
    )


def test_a_drain_waits_for_disruption_budgets(
    say: Say, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused eviction is retried; each pod is reported once."""
    guarded(server, "web-1", "web-2", "web-3")
    finishing(server)
    evict = server.registry.evict

    def refused_once(pod: str, namespace: str, options: DeleteOptions) -> None:
        try:
            evict(pod, namespace, options)
        except ApiError:
            allow(server)
            raise

    monkeypatch.setattr("supervisor.cli.evicting._RETRY_SECONDS", 0.5)
    monkeypatch.setattr(server.registry, "evict", refused_once)
    code, out, err = say("drain", "node-1", "--timeout=20s")

    assert code == 0
    evicted = sorted(line for line in out.splitlines() if line.endswith(" evicted"))
    assert evicted == [f"pod/web-{number} evicted" for number in (1, 2, 3)]
    assert err.count("violate the pod's disruption budget.") == 2
