"""`supervisor top`, against the API over HTTPS and nodes that report usage."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.cli.root import run
from supervisor.model.errors import unavailable
from supervisor.model.usage import Usage
from tests.api_server import ApiServer, serving
from tests.fakes.node import FakeNode, FakeNodes

ALLOCATABLE = {"cpu": "2", "memory": "4Gi"}


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
def server(tmp_path: Path, node: FakeNode) -> Iterator[ApiServer]:
    lost = FakeNode()
    lost.refusal = unavailable("the engine does not answer")
    with serving(tmp_path, nodes=FakeNodes(node, **{"node-2": lost})) as made:
        for name in ("node-1", "node-2"):
            body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
            stored = made.registry.create("nodes", body)
            stored["status"] = {"allocatable": ALLOCATABLE}
            made.registry.update("nodes", stored, subresource="status")
        yield made


@pytest.fixture
def pods(server: ApiServer, node: FakeNode) -> None:
    """`web` uses more CPU, and `db` more memory."""
    usage = {
        "db": {"app": Usage(0.1, 300 << 20, 1.0)},
        "web": {"app": Usage(0.2504, 60 << 20, 1.0), "log": Usage(0.05, 1 << 20, 1.0)},
    }
    for name, containers in usage.items():
        rows = [{"name": each, "image": "img"} for each in containers]
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"nodeName": "node-1", "containers": rows},
        }
        uid = server.registry.create("pods", body, "default")["metadata"]["uid"]
        node.usage[uid] = containers


def top(
    server: ApiServer, capfd: pytest.CaptureFixture[str], *words: str
) -> tuple[int, list[list[str]], str]:
    """Exit code, the words of each line, and stderr."""
    code = run(["--kubeconfig", str(server.kubeconfig), "top", *words])
    captured = capfd.readouterr()
    return code, [line.split() for line in captured.out.splitlines()], captured.err


@pytest.mark.usefixtures("pods")
def test_pods_are_shown_with_the_sum_of_their_containers(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """CPU is rounded up, memory down."""
    assert top(server, capfd, "pod") == (
        0,
        [
            ["NAME", "CPU(cores)", "MEMORY(bytes)"],
            ["db", "100m", "300Mi"],
            ["web", "301m", "61Mi"],
        ],
        "",
    )


@pytest.mark.usefixtures("pods")
@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["--sort-by=cpu"], [["web", "301m", "61Mi"], ["db", "100m", "300Mi"]]),
        (["--sort-by=memory", "-l", "app=db"], [["db", "100m", "300Mi"]]),
        (["web"], [["web", "301m", "61Mi"]]),
        (
            ["web", "--containers"],
            [["web", "app", "251m", "60Mi"], ["web", "log", "50m", "1Mi"]],
        ),
        (
            ["-A", "--sum"],
            [
                ["default", "db", "100m", "300Mi"],
                ["default", "web", "301m", "61Mi"],
                ["________", "________"],
                ["401m", "361Mi"],
            ],
        ),
    ],
)
def test_options_choose_and_order_the_lines(
    server: ApiServer,
    capfd: pytest.CaptureFixture[str],
    words: list[str],
    rows: list[list[str]],
) -> None:
    """As those of `kubectl top pod`."""
    assert top(server, capfd, "pods", "--no-headers", *words) == (0, rows, "")


def test_nodes_are_shown_with_their_share(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of what pods can use; a node that does not answer is unknown."""
    unknown = ["<unknown>"] * 4
    assert top(server, capfd, "node") == (
        0,
        [
            ["NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"],
            ["node-1", "1500m", "75%", "2048Mi", "50%"],
            ["node-2", *unknown],
        ],
        "",
    )


def test_no_pod_is_no_error(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """As in kubectl."""
    text = "No resources found in default namespace.\n"
    assert top(server, capfd, "po") == (0, [], text)


def test_a_name_and_a_selector_exclude_each_other(
    server: ApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    """The error says so."""
    code, _, error = top(server, capfd, "pod", "web", "-l", "app=web")
    assert (code, error) == (
        1,
        "error: only one of NAME or selector can be provided\n",
    )
