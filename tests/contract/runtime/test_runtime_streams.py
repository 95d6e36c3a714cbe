"""Commands, logs and connections, for the fake engine and for Docker."""

from typing import Any

import pytest

from supervisor.model.streams import LogOptions
from supervisor.runtime.base import (
    ContainerPaused,
    EngineRefused,
    NotFound,
    State,
)
from supervisor.runtime.reach import PodAddress
from tests.contract.runtime.lab import (
    MISSING,
    Lab,
    dead,
    eventually,
    new_pod,
    newest,
    see,
    start,
)


def test_exec(lab: Lab) -> None:
    """An exit code comes with stdout, then stderr, cut at the limit."""
    made = start(lab, new_pod())
    command = ("sh", "-c", "echo out; echo err >&2; exit 3")

    done = lab.runtime.exec(made, command, timeout=10, limit=100)
    assert (done.exit_code, done.output) == (3, b"out\nerr\n")
    assert lab.runtime.exec(made, command, timeout=10, limit=6).output == b"out\ner"


def test_exec_timeout(lab: Lab) -> None:
    """A command that takes longer than it may has no exit code."""
    made = start(lab, new_pod())

    done = lab.runtime.exec(made, ("sh", "-c", "sleep 60"), timeout=0.3, limit=9)

    assert done.exit_code is None


def test_exec_refused(lab: Lab) -> None:
    """A command that is not there is refused; in a dead container it is NotFound."""
    pod = new_pod()
    made = start(lab, pod)

    with pytest.raises(EngineRefused, match="executable file not found"):
        lab.runtime.exec(made, MISSING, timeout=10, limit=100)
    with pytest.raises(EngineRefused, match="executable file not found"):
        lab.runtime.open_exec(made, MISSING, stdin=False, tty=False)

    lab.runtime.kill_container(made)
    with pytest.raises(NotFound):
        lab.runtime.exec(made, MISSING, timeout=10, limit=100)
    with pytest.raises(NotFound):
        lab.runtime.open_attach(made, stdin=False, tty=False)


def test_exec_paused(lab: Lab) -> None:
    """In a paused container nothing can be run or attached to; its logs are there."""
    pod = new_pod()
    made = start(lab, pod)
    command = ("sh", "-c", "echo out; echo err >&2; exit 3")
    lab.say(pod, "app", "hello")
    lab.pause(pod, "app")

    with pytest.raises(ContainerPaused):
        lab.runtime.exec(made, command, timeout=10, limit=100)
    with pytest.raises(ContainerPaused):
        lab.runtime.open_exec(made, command, stdin=False, tty=False)
    with pytest.raises(ContainerPaused):
        lab.runtime.open_attach(made, stdin=False, tty=False)
    eventually(lambda: b"".join(lab.runtime.logs(made, LogOptions())) == b"hello\n")

    lab.unpause(pod, "app")
    assert lab.runtime.exec(made, command, timeout=10, limit=100).exit_code == 3


def test_paused_containers_stop(lab: Lab) -> None:
    """A paused container runs, and is stopped, killed and removed like any other."""
    for stop in (
        lambda made: lab.runtime.stop_container(made, 1),
        lab.runtime.kill_container,
        lab.runtime.remove_container,
    ):
        pod = new_pod()
        made = start(lab, pod)
        lab.pause(pod, "app")
        assert newest(lab, pod, "app").state is State.RUNNING
        stop(made)
        left = see(lab, pod).containers
        assert not left or left[0].state is State.EXITED


def test_exec_session(lab: Lab) -> None:
    """A session carries input to a command, which ends when the input does."""
    made = start(lab, new_pod())
    session = lab.runtime.open_exec(
        made, ("sh", "-c", "cat; exit 4"), stdin=True, tty=False
    )

    session.write(b"hello")
    assert session.read() == (1, b"hello")
    session.close_stdin()

    assert session.read() is None
    assert session.exit_code() == 4
    session.close()


def test_attach(lab: Lab) -> None:
    """Whoever is attached reads what the container writes, until it ends."""
    pod = new_pod()
    session = lab.runtime.open_attach(start(lab, pod), stdin=False, tty=False)

    lab.say(pod, "app", "hello")
    assert session.read() == (1, b"hello\n")
    lab.exit(pod, "app", 0)

    assert session.read() is None
    session.close()


def test_logs(lab: Lab) -> None:
    """Logs are there for the living and the dead, from the end if so asked."""
    pod = new_pod()
    made = start(lab, pod)
    for line in ("one", "two", "three"):
        lab.say(pod, "app", line)

    def read(options: LogOptions) -> bytes:
        return b"".join(lab.runtime.logs(made, options))

    eventually(lambda: read(LogOptions()) == b"one\ntwo\nthree\n")
    lab.exit(pod, "app", 0)
    assert read(LogOptions(tail_lines=2)) == b"two\nthree\n"
    assert read(LogOptions(tail_lines=0)) == b""
    assert read(LogOptions(limit_bytes=5)) == b"one\nt"
    assert read(LogOptions(timestamps=True)).startswith(b"20")
    assert read(LogOptions(since=newest(lab, pod).finished_at + 60)) == b""
    with pytest.raises(NotFound):
        lab.runtime.logs("0" * 64, LogOptions())


def test_long_lines_of_logs(lab: Lab) -> None:
    """A line of any length is one line, with one timestamp, and counts as one."""
    pod = new_pod()
    made = start(lab, pod)
    lengths = (5, 50_000, 6, 16_384, 32_768, 40_000)
    for length in lengths:
        lab.say_at_length(pod, "app", length)
    expected = [b"a" * length for length in lengths]

    def read(**options: Any) -> list[bytes]:
        return b"".join(lab.runtime.logs(made, LogOptions(**options))).splitlines()

    eventually(lambda: read() == expected)
    stamped = [line.partition(b" ") for line in read(timestamps=True)]
    assert [text for _, _, text in stamped] == expected
    for count in range(1, len(lengths) + 2):
        assert read(tail_lines=count) == expected[-count:]
        shown = read(tail_lines=count, timestamps=True)
        assert [line.partition(b" ")[2] for line in shown] == expected[-count:]
    assert b"".join(read(tail_lines=1, limit_bytes=20_000)) == b"a" * 20_000
    following = lab.runtime.logs(
        made, LogOptions(follow=True, timestamps=True, tail_lines=1)
    )
    lab.exit(pod, "app", 0)
    assert [line.partition(b" ")[2] for line in b"".join(following).splitlines()] == (
        expected[-1:]
    )


def test_followed_logs(lab: Lab) -> None:
    """Followed logs go on with what is written, and end with the container."""
    pod = new_pod()
    stream = lab.runtime.logs(start(lab, pod), LogOptions(follow=True))
    chunks = iter(stream)

    lab.say(pod, "app", "first")
    assert next(chunks) == b"first\n"
    lab.say(pod, "app", "second")
    assert next(chunks) == b"second\n"
    lab.exit(pod, "app", 0)

    dead(lab, pod)
    assert list(chunks) == []


def test_dial_nobody(lab: Lab) -> None:
    """A port where nobody listens refuses the connection."""
    pod = new_pod()
    start(lab, pod)

    with pytest.raises(ConnectionRefusedError):
        lab.runtime.dial(PodAddress(see(lab, pod).ip), 1, 5)


def test_dial_nobody_inside(lab: Lab) -> None:
    """The same on the pod's own loopback, from inside."""
    pod = new_pod()
    start(lab, pod)

    with pytest.raises(ConnectionRefusedError):
        lab.runtime.dial_inside(see(lab, pod).sandboxes[0].id, 1)
