"""logs and exec, run as a user runs them; containers are processes of this machine."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.cli.root import run
from supervisor.client.rest import RestClient
from supervisor.model.errors import ApiError
from tests.api_server import ApiServer, serving
from tests.fakes import manifests

Say = Callable[..., tuple[int, bytes, bytes]]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API with one running pod, `web`, on the node."""
    with serving(tmp_path_factory.mktemp("state")) as made:
        made.registry.create("pods", manifests.pod("web"), "default")
        made.registry.bind("web", "default", "node-1")
        for number in range(3):
            made.node.log.write(f"line {number}\n".encode())
        yield made


@pytest.fixture
def client(server: ApiServer) -> Iterator[RestClient]:
    """A client of that API."""
    made = server.client()
    yield made
    made.close()


@pytest.fixture
def say(
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Say:
    """Runs the command: (exit code, stdout, stderr)."""
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))

    def command(*words: str) -> tuple[int, bytes, bytes]:
        code = run(words)
        captured = capfdbinary.readouterr()
        return code, captured.out, captured.err

    return command


def test_logs_are_printed(say: Say) -> None:
    """All, the last lines, or with the pod in front."""
    assert say("logs", "web") == (0, b"line 0\nline 1\nline 2\n", b"")
    assert say("logs", "pod/web", "--tail=1")[1] == b"line 2\n"
    assert say("logs", "-l", "app=web", "--prefix", "--tail=1")[1] == (
        b"[pod/web/c] line 2\n"
    )


def test_logs_that_are_not_there_are_refused(say: Say) -> None:
    """In the server's words."""
    code, _, err = say("logs", "web", "--previous")

    assert code == 1
    assert err.startswith(
        b"Error from server (BadRequest): previous terminated container"
    )


def test_logs_are_followed_to_their_end(say: Say, server: ApiServer) -> None:
    """-f ends when the container does."""
    server.node.log.end()

    assert say("logs", "-f", "web")[1] == b"line 0\nline 1\nline 2\n"


def test_the_exit_code_is_the_commands(say: Say) -> None:
    """Output and errors stay apart."""
    script = "echo out; echo err >&2; exit 3"

    code, out, err = say("exec", "web", "--", "sh", "-c", script)

    assert (code, out) == (3, b"out\n")
    assert err == b"err\ncommand terminated with exit code 3\n"


def test_commands_need_their_dashes(say: Say) -> None:
    """As kubectl has it by now."""
    assert b"is not supported anymore" in say("exec", "web", "ls")[2]
    assert b"at least one command" in say("exec", "web")[2]


def test_much_goes_in_and_comes_out(client: RestClient) -> None:
    """A megabyte each way at once, up to the end of the input."""
    data = b"x" * 2**20
    running = client.exec("web", "default", "c", ["cat"], stdin=True, tty=False)
    received = io.BytesIO()

    def feed() -> None:
        running.write(data)
        running.close_stdin()

    writer = threading.Thread(target=feed)
    writer.start()
    while (piece := running.read()) is not None:
        received.write(piece[1])
    writer.join()

    assert received.getvalue() == data
    assert running.exit_code() == 0
    running.close()


def test_a_terminal_has_a_size(client: RestClient) -> None:
    """And the command learns of it."""
    running = client.exec(
        "web", "default", "c", ["sh", "-c", "read x; stty size"], stdin=True, tty=True
    )
    running.resize(101, 41)
    running.write(b"go\n")
    text = b""
    while (piece := running.read()) is not None:
        text += piece[1]
    running.close()

    assert b"41 101" in text


def test_a_refused_command_is_an_error(client: RestClient) -> None:
    """Before anything is streamed."""
    with pytest.raises(ApiError) as caught:
        client.exec("nope", "default", "c", ["ls"], stdin=False, tty=False)

    assert caught.value.message == 'pods "nope" not found'


def test_closing_ends_a_waiting_reader(client: RestClient) -> None:
    """From another thread."""
    running = client.exec("web", "default", "c", ["cat"], stdin=True, tty=False)
    reader = threading.Thread(target=running.read)
    reader.start()

    running.close()
    reader.join(10)

    assert not reader.is_alive()


def test_our_input_is_the_commands(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """-i hands it on, and its end too."""
    with (tmp_path / "in").open("w+b") as file:
        file.write(b"hello")
        file.seek(0)
        monkeypatch.setattr(sys, "stdin", file)

        assert say("exec", "-i", "web", "--", "cat") == (0, b"hello", b"")
