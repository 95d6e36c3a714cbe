"""What the daemon tells systemd, heard as systemd hears it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.app import sdnotify


@pytest.fixture
def systemd() -> Iterator[socket.socket]:
    """The listening side of a notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        yield sock


def heard(systemd: socket.socket) -> str:
    return systemd.recv(4096).decode()


def test_systemd_hears_the_state_on_its_socket(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state arrives unchanged, as one message."""
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))

    sdnotify.notify("READY=1\nSTATUS=the API answers")

    assert heard(systemd) == "READY=1\nSTATUS=the API answers"


def test_the_socket_may_have_no_file(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that begins with @ is one of the abstract namespace."""
    name = f"supervisor-test-{os.getpid()}"
    systemd.bind(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")

    sdnotify.notify("WATCHDOG=1")

    assert heard(systemd) == "WATCHDOG=1"


def test_nothing_is_sent_where_nobody_asks(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of systemd, a notification is nothing."""
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    sdnotify.notify("READY=1")

    with pytest.raises(BlockingIOError):
        heard(systemd)


def test_a_deaf_systemd_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that is not there is no reason to end."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))

    sdnotify.notify("READY=1")


def test_the_watchdog_is_asked_for_in_microseconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty million microseconds for this process are thirty seconds."""
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))

    assert sdnotify.watchdog_seconds() == 30.0


def test_a_watchdog_without_a_process_is_for_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Systemd need not name the process."""
    monkeypatch.setenv("WATCHDOG_USEC", "500000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)

    assert sdnotify.watchdog_seconds() == 0.5


def test_the_watchdog_of_another_process_is_not_fed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A child that inherits the environment of a service is not the service."""
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")

    assert sdnotify.watchdog_seconds() is None


@pytest.mark.parametrize("text", [None, "", "0", "-1", "soon", "1.5", "²"])
def test_without_a_sensible_limit_there_is_no_watchdog(
    monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """What is no positive number of microseconds asks for nothing."""
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    if text is not None:
        monkeypatch.setenv("WATCHDOG_USEC", text)

    assert sdnotify.watchdog_seconds() is None
