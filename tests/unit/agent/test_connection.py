"""Which container logs, exec and attach mean, and what is refused."""

import pytest

from supervisor.model.errors import ApiError
from supervisor.model.streams import LogOptions
from supervisor.runtime.reach.published import Published
from tests.fakes.agent import Node
from tests.fakes.runtime import FakeBytes, Program


def logs(node: Node, uid: str, *, previous: bool = False) -> bytes:
    options = LogOptions(previous=previous)
    return b"".join(node.agent.connection.logs(uid, "app", options))


def test_logs_are_those_of_the_running_container(node: Node) -> None:
    """And with `previous`, those of the one before."""
    uid = node.run("web")
    node.runtime.write_log("web", "app", b"first\n")
    node.exit("web")
    node.runtime.write_log("web", "app", b"second\n")

    assert logs(node, uid) == b"second\n"
    assert logs(node, uid, previous=True) == b"first\n"


def test_logs_of_a_container_in_its_backoff_are_those_of_its_last_life(
    node: Node,
) -> None:
    """With and without `previous`, since nothing newer has run."""
    uid = node.run("web")
    node.exit("web")
    node.runtime.write_log("web", "app", b"last\n")
    node.exit("web")

    assert logs(node, uid) == b"last\n"
    assert logs(node, uid, previous=True) == b"last\n"


def test_without_a_previous_container_there_is_nothing_to_show(node: Node) -> None:
    """The refusal is upstream's."""
    uid = node.run("web")
    text = 'previous terminated container "app" in pod "web" not found'

    with pytest.raises(ApiError, match=text) as refused:
        logs(node, uid, previous=True)

    assert refused.value.code == 400


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("nowhere/none:1", "trying and failing to pull image"),
        ("Not Valid", "InvalidImageName"),
    ],
)
def test_a_container_that_waits_has_no_logs(node: Node, image: str, why: str) -> None:
    """The refusal says what it waits for."""
    uid = node.run("web", {"name": "app", "image": image})
    text = f'container "app" in pod "web" is waiting to start: {why}'

    with pytest.raises(ApiError) as refused:
        logs(node, uid)

    assert str(refused.value) == text


def test_exec_needs_a_running_container(node: Node) -> None:
    """It is refused while the container waits for its restart."""
    uid = node.run("web")
    node.runtime.add_program(["id"], Program(stdout=b"root"))
    run = node.agent.connection.exec
    session = run(uid, "app", ["id"], stdin=False, tty=False)
    assert session.read() == (1, b"root")
    node.exit("web")
    node.exit("web")

    with pytest.raises(ApiError, match="is not running"):
        run(uid, "app", ["id"], stdin=False, tty=False)


def test_attach_reaches_the_running_container(node: Node) -> None:
    """What it writes from now on is seen."""
    uid = node.run("web")
    session = node.agent.connection.attach(uid, "app", stdin=False, tty=False)
    node.runtime.write_log("web", "app", b"hello")

    assert session.read() == (1, b"hello")


def test_an_engine_that_is_away_is_an_answer(node: Node) -> None:
    """503, so that the user tries again."""
    uid = node.run("web")
    node.runtime.unavailable = True

    with pytest.raises(ApiError) as refused:
        logs(node, uid)

    assert refused.value.code == 503


def test_a_port_that_refuses_is_an_answer(node: Node) -> None:
    """The address and the reason are named."""
    uid = node.run("web")

    with pytest.raises(ApiError, match="8080 cannot be reached"):
        node.agent.connection.dial(uid, 8080)


def test_a_port_on_the_pods_loopback_is_reached_from_inside(node: Node) -> None:
    """As upstream does it; what listens on the pod's address is dialled there."""
    asked: list[str] = []

    def listen(host: str, port: int) -> FakeBytes:
        asked.append(host)
        if host != "127.0.0.1":
            raise ConnectionRefusedError(111, "Connection refused")
        return FakeBytes()

    node.runtime.listening = listen
    uid = node.run("web")
    node.agent.connection.dial(uid, 8080)

    seen = node.seen("web")
    assert seen is not None
    assert asked == [seen.ip, "127.0.0.1"]
    assert ("dial_inside", seen.sandboxes[0].id, 8080) in node.runtime.calls


def test_port_forward_takes_the_way_that_the_engine_has(node: Node) -> None:
    """Here a port of the host, published for a containerPort: when the loopback, which
    never takes a connection in the pod's place, has none.
    """
    node.runtime.reach = Published("10.0.0.7")
    dialled: list[tuple[str, int]] = []

    def listen(host: str, port: int) -> FakeBytes:
        dialled.append((host, port))
        if host == "127.0.0.1":
            raise ConnectionRefusedError(111, "Connection refused")
        return FakeBytes()

    node.runtime.listening = listen
    uid = node.run("web", {"name": "app", "ports": [{"containerPort": 8080}]})

    node.agent.connection.dial(uid, 8080)

    assert dialled == [("127.0.0.1", 8080), ("10.0.0.7", 32768)]


def test_a_port_without_a_way_names_the_ways_out(node: Node) -> None:
    """The user's request cannot be met as things are: 400, and what to change."""
    node.runtime.reach = Published("10.0.0.7")
    uid = node.run("web")

    with pytest.raises(ApiError, match="containerPort") as refused:
        node.agent.connection.dial(uid, 8080)

    assert refused.value.code == 400
