"""Real kubectl streams through our server, from a node of local processes.

The kubectl is the one on PATH or $KUBECTL. Old versions use SPDY, new ones WebSocket;
both must behave alike, so run this with several.
"""

import contextlib
import fcntl
import os
import pty
import shutil
import socket
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from supervisor.model.errors import bad_request
from tests.fakes.node import FakeNode
from tests.fakes.pods_api import Pods, app, kubeconfig, pod, serving

KUBECTL = os.environ.get("KUBECTL") or shutil.which("kubectl")
pytestmark = [
    pytest.mark.kubectl,
    pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl"),
]

BIG = 300_000
Kubectl = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def node() -> FakeNode:
    """The node that the pods are on."""
    return FakeNode()


@pytest.fixture
def kubectl(node: FakeNode, tmp_path: Path) -> Iterator[Kubectl]:
    """Starts kubectl against a server with the pods `web` and `two`."""
    started: list[subprocess.Popen[bytes]] = []
    pods = Pods([pod("web", "app"), pod("two", "a", "b")])
    with serving(app(pods, node), tmp_path) as server:
        environment = os.environ | {
            "KUBECONFIG": str(kubeconfig(server, tmp_path)),
            "HOME": str(tmp_path),
        }

        def start(
            *arguments: str, stdin: int = PIPE, stdout: int = PIPE
        ) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(
                [str(KUBECTL), *arguments],
                stdin=stdin,
                stdout=stdout,
                stderr=PIPE,
                env=environment,
            )
            started.append(process)
            return process

        yield start
        for process in started:
            process.kill()
            process.communicate()


def run(process: "subprocess.Popen[bytes]", text: bytes = b"") -> tuple[int, str, str]:
    """Exit code, stdout and stderr after feeding `text`."""
    out, err = process.communicate(text, timeout=30)
    return process.returncode, out.decode(), err.decode()


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something another process does becomes true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not become true"
        time.sleep(0.05)


@pytest.fixture
def echo() -> Iterator[int]:
    """A port that sends back what it is sent, to its end."""

    def serve(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    def accept(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def forwarded(process: "subprocess.Popen[bytes]") -> int:
    """The local port that a port-forward listens on."""
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert line.startswith("Forwarding from 127.0.0.1:"), line
    return int(line.split(":")[1].split()[0])


def echoed(port: int, text: bytes) -> bytes:
    """What comes back from a local port for `text`, to the end."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:

        def send() -> None:
            with contextlib.suppress(OSError):
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)

        threading.Thread(target=send, daemon=True).start()
        received = b""
        with contextlib.suppress(ConnectionError):
            while data := connection.recv(1 << 20):
                received += data
        return received


def test_exec_shows_output_errors_and_exit_code(kubectl: Kubectl) -> None:
    """stdout and stderr come apart, and the exit code is the command's."""
    script = "echo out; echo err >&2; exit 3"
    code, out, err = run(kubectl("exec", "web", "--", "sh", "-c", script))
    assert (code, out) == (3, "out\n")
    assert err.startswith("err\n")
    assert "exit code 3" in err


def test_exec_succeeds(kubectl: Kubectl) -> None:
    """A command that succeeds makes kubectl succeed, in silence."""
    assert run(kubectl("exec", "web", "--", "true")) == (0, "", "")


def test_exec_carries_much_input_and_output(kubectl: Kubectl) -> None:
    """300 kB go through a command unchanged, and its input ends."""
    text = os.urandom(BIG // 2).hex()
    process = kubectl("exec", "-i", "web", "--", "cat")
    assert run(process, text.encode()) == (0, text, "")


def test_exec_of_a_command_that_ignores_its_input(kubectl: Kubectl) -> None:
    """Input that nobody reads does not hide the outcome."""
    process = kubectl("exec", "-i", "web", "--", "sh", "-c", "echo done; exit 4")
    code, out, _ = run(process, b"x" * BIG)
    assert (code, out) == (4, "done\n")


def test_exec_in_a_terminal(kubectl: Kubectl) -> None:
    """With -t the command has a terminal, of the size of the user's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 99, 0, 0))
    wait = "until [ \"$(stty size)\" = '33 99' ]; do sleep 0.1; done"
    script = f"{wait}; echo sized; read line; echo got $line; exit 5"
    command = ("exec", "-it", "web", "--", "sh", "-c", script)
    process = kubectl(*command, stdin=theirs, stdout=theirs)
    os.close(theirs)
    shown = b""
    while b"sized" not in shown:
        shown += os.read(ours, 1024)
    os.write(ours, b"hello\r")
    while b"got hello" not in shown:
        shown += os.read(ours, 1024)
    assert process.wait(10) == 5
    os.close(ours)


def test_exec_ends_when_the_user_leaves(kubectl: Kubectl, node: FakeNode) -> None:
    """A kubectl that is killed closes its session."""
    process = kubectl("exec", "web", "--", "sh", "-c", "echo started; sleep 100")
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    process.kill()
    eventually(lambda: node.sessions[0].closed)


def test_exec_refused_by_the_node(kubectl: Kubectl, node: FakeNode) -> None:
    """The node's own words reach the user."""
    node.refusal = bad_request('container "app" is not running')
    code, _, err = run(kubectl("exec", "web", "--", "true"))
    assert code == 1
    assert 'container "app" is not running' in err


def test_attach_talks_to_the_main_process(kubectl: Kubectl, node: FakeNode) -> None:
    """attach shows the output of the main process and feeds its input."""
    node.main = ("sh", "-c", "read line; echo got $line")
    code, out, _ = run(kubectl("attach", "-i", "web", "-c", "app"), b"hello\n")
    # The fixture's container offers no stdin, which kubectl may point out by itself.
    assert code == 0
    assert "got" in out


def test_cp_copies_both_ways(kubectl: Kubectl, tmp_path: Path) -> None:
    """A file copied into and out of a pod is the same."""
    there, back = tmp_path / "there", tmp_path / "back"
    source = tmp_path / "source"
    source.write_bytes(os.urandom(BIG))
    code, _, err = run(kubectl("cp", str(source), f"web:{there}"))
    assert (code, err) == (0, "")
    assert there.read_bytes() == source.read_bytes()
    code, _, _ = run(kubectl("cp", f"web:{there}", str(back)))
    assert code == 0
    assert back.read_bytes() == source.read_bytes()


def test_logs(kubectl: Kubectl, node: FakeNode) -> None:
    """logs prints what was written, and the tail of it."""
    for number in range(5):
        node.log.write(b"line %d\n" % number)
    assert run(kubectl("logs", "web"))[1].splitlines()[0] == "line 0"
    assert run(kubectl("logs", "web", "--tail=2"))[1] == "line 3\nline 4\n"


def test_followed_logs(kubectl: Kubectl, node: FakeNode) -> None:
    """logs -f shows lines as they are written, and ends with the stream."""
    node.log.write(b"before\n")
    process = kubectl("logs", "-f", "web")
    assert process.stdout is not None
    assert process.stdout.readline() == b"before\n"
    node.log.write(b"after\n")
    assert process.stdout.readline() == b"after\n"
    node.log.end()
    assert process.wait(10) == 0


def test_interrupted_logs_close_the_stream(kubectl: Kubectl, node: FakeNode) -> None:
    """Interrupting logs -f frees the node's stream, though nothing is written."""
    process = kubectl("logs", "-f", "web")
    eventually(lambda: len(node.log.streams) == 1)
    process.terminate()
    eventually(lambda: node.log.streams[0].closed)


def test_port_forward_carries_connections_side_by_side(
    kubectl: Kubectl, echo: int
) -> None:
    """Four connections of 5 MB at the same time come back unchanged."""
    port = forwarded(kubectl("port-forward", "web", f"0:{echo}"))
    texts = [os.urandom(5_000_000) for _ in range(4)]
    results: list[bool] = []

    def exchange(text: bytes) -> None:
        results.append(echoed(port, text) == text)

    threads = [threading.Thread(target=exchange, args=(t,)) for t in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [True] * 4


def test_port_forward_to_a_closed_port(kubectl: Kubectl, echo: int) -> None:
    """A refused connection is told in upstream's words."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    process = kubectl("port-forward", "web", f"0:{closed}")
    assert echoed(forwarded(process), b"hello") == b""
    assert process.stderr is not None
    told = process.stderr.readline().decode()
    assert f"error forwarding port {closed} to pod web, uid uid-web: " in told
    assert "connection refused" in told


def test_previous_logs_that_are_not_there(kubectl: Kubectl) -> None:
    """The refusal is upstream's."""
    code, _, err = run(kubectl("logs", "-p", "web"))
    assert code == 1
    assert 'previous terminated container "app" in pod "web" not found' in err
