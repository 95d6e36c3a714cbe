"""SIGTERM ends the daemon within seconds, whatever is under way, and kills nothing."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.client.rest import RestClient
from supervisor.model.errors import ApiError
from tests.checks import eventually, shell
from tests.daemon import Daemon, running
from tests.integration.lab import Lab
from tests.integration.relay import Mode, Relay
from tests.integration.test_images import with_image

pytestmark = pytest.mark.docker

PATIENCE_SECONDS = 5.0
"""The daemon's own limit is 2.5 s; the rest is for a busy machine."""


def ends(daemon: Daemon) -> None:
    assert daemon.stop(timeout=PATIENCE_SECONDS) == 0
    assert "Traceback" not in daemon.tail(200)


def aside(call: Callable[[], object]) -> None:
    """Make a call in the background, whose failure is the daemon's end."""

    def run() -> None:
        with contextlib.suppress(ApiError, OSError):
            call()

    threading.Thread(target=run, daemon=True).start()


def test_a_pull_does_not_hold_up_the_end(own_lab: Lab, silent_image: str) -> None:
    """The engine has asked a registry that says nothing; another pod is in line."""
    own_lab.run("asks", with_image(silent_image, "Always"))
    own_lab.told("asks", "Pulling")
    own_lab.run("next", with_image(f"{silent_image}-other:1", None))
    ends(own_lab.daemon)


def test_a_probe_does_not_hold_up_the_end(own_lab: Lab) -> None:
    """An exec probe whose program hangs; its container goes on running."""
    probe = {
        "exec": {"command": ["sh", "-c", "touch /tmp/asked; sleep 120"]},
        "timeoutSeconds": 120,
    }
    own_lab.run("slow", shell("main", "exec sleep 600", livenessProbe=probe))
    own_lab.until("slow", lambda pod: pod["status"]["phase"] == "Running", within=20)
    eventually(
        lambda: own_lab.exec("slow", "main", "ls", "/tmp/asked")[0] == 0,
        within=20,
        what="the probe runs",
    )
    container = own_lab.running("slow", "main")
    ends(own_lab.daemon)
    container.reload()
    assert container.status == "running"


def test_hooks_and_graces_do_not_hold_up_the_end(own_lab: Lab) -> None:
    """One container ignores SIGTERM, another is in its preStop hook."""
    deaf = "trap '' TERM; while :; do sleep 1; done"
    hook = {"preStop": {"exec": {"command": ["sleep", "100"]}}}
    own_lab.run("deaf", shell("main", deaf), terminationGracePeriodSeconds=100)
    own_lab.run(
        "hook",
        shell("main", "exec sleep 600", lifecycle=hook),
        terminationGracePeriodSeconds=100,
    )
    for pod in ("deaf", "hook"):
        own_lab.ready(pod)
        own_lab.delete(pod)
        own_lab.told(pod, "Killing")
    ends(own_lab.daemon)


def test_streams_do_not_hold_up_the_end(own_lab: Lab) -> None:
    """Watches, a followed log, exec with its input open, and a request half sent."""
    lab, client = own_lab, own_lab.client
    lab.run("talks", shell("main", "while :; do echo x; sleep 0.1; done"))
    lab.ready("talks")
    with contextlib.ExitStack() as streams:
        watch = client.watch("pods", since="")
        streams.callback(watch.close)
        log = client.logs("talks", "default", [("follow", "true")])
        streams.callback(log.close)
        assert next(iter(log))
        session = client.exec(
            "talks", "default", "main", ["cat"], stdin=True, tty=False
        )
        streams.callback(session.close)
        session.write(b"hello\n")
        assert session.read()
        half = streams.enter_context(_connection(lab.daemon))
        half.sendall(b"GET /api/v1/pods HTTP/1.1\r\nHost: ")
        ends(lab.daemon)


def _connection(daemon: Daemon) -> socket.socket:
    text = daemon.kubeconfig.read_text()
    port = next(line for line in text.splitlines() if "server:" in line)
    return socket.create_connection(("127.0.0.1", int(port.rpartition(":")[2])))


@pytest.fixture
def relayed(tmp_path: Path) -> Iterator[tuple[Lab, Relay]]:
    """A daemon that has its engine through a relay, with a pod that runs."""
    relay = Relay(tmp_path / "engine.sock").start()
    node = {"name": "relayed", "engine": relay.address}
    with running(tmp_path / "daemon", nodes=[node]) as daemon:
        lab = Lab(daemon, "default")
        lab.run("web", shell("main", "exec sleep 600"))
        lab.ready("web")
        yield lab, relay
        relay.stop()


def test_an_engine_that_hangs_does_not_hold_up_the_end(
    relayed: tuple[Lab, Relay],
) -> None:
    """Starts, stops, streams and image pushes wait for its answer."""
    lab, relay = relayed
    relay.turn(Mode.FROZEN)
    lab.run("late", shell("main", "exec sleep 600"))
    lab.delete("web")
    for call in (
        lambda client: client.exec(
            "web", "default", "main", ["ls"], stdin=False, tty=False
        ),
        lambda client: next(iter(client.logs("web", "default", []))),
        lambda client: client.list("images.supervisor.io"),
    ):
        aside(_with_own_client(lab, call))
    ends(lab.daemon)


def _with_own_client(
    lab: Lab, call: Callable[[RestClient], object]
) -> Callable[[], object]:
    client = lab.daemon.new_client()
    return lambda: call(client)


def test_ssh_that_does_not_connect_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """The host takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        where = f"ssh://nobody@127.0.0.1:{listener.getsockname()[1]}"
        node = {"name": "far", "engine": where}
        with running(tmp_path / "daemon", nodes=[node]) as daemon:
            listener.settimeout(20)
            peer, _ = listener.accept()
            with peer:
                assert peer.recv(64).startswith(b"SSH-")
                ends(daemon)


STUCK = """
import threading
from supervisor.app.shutdown import Shutdown
Shutdown()
print("stuck", flush=True)
{words}
threading.Thread(target=threading.Event().wait).start()  # not a daemon thread
threading.Event().wait()
"""
TALKATIVE = """
import sys
threading.Thread(target=lambda: [print("x" * 9999) for _ in iter(int, 1)]).start()
"""


@pytest.mark.parametrize("words", ["", TALKATIVE], ids=["silent", "nobody reads"])
def test_a_process_that_is_stuck_anywhere_ends(words: str) -> None:
    """During its start, say, and also when nobody reads what it prints."""
    argv = [sys.executable, "-c", STUCK.format(words=words)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"stuck\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
