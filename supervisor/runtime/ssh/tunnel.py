"""One `ssh` process to one host: its engine's socket, and connections to its pods.

Rules
- One process for each host, in the background, started at the first use and restarted
  with backoff; less often when a person has to change something first.
- Calls while the tunnel is down fail at once with the reason.
- Nothing outlives us: the kernel ends ssh with our process, and the next process
  removes our folder.

Connections are requested through the control socket of ssh (mux.py). Its own listening
ports (-L, -D) would accept a connection before the remote end does, which would answer
a probe wrongly, and the port would be open to everyone on this machine.
"""

import logging
import os
import shutil
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from errno import ECONNREFUSED

from supervisor.machinery.backoff import delay
from supervisor.runtime.base import EngineUnavailable
from supervisor.runtime.reach import NoWay
from supervisor.runtime.ssh import mux
from supervisor.runtime.ssh.child import Child
from supervisor.runtime.ssh.command import (
    SshHost,
    Trouble,
    explain,
    is_forbidden,
    not_opened,
)
from supervisor.runtime.ssh.folder import SocketFolder

_LOOK_SECONDS = 0.02
_CONNECT_SECONDS = 30.0
"""Includes proxies and the key exchange, for which ssh has no timeout of its own."""
_ANSWER_SECONDS = 5.0
_CLOSE_SECONDS = 6.0
_FIRST_RETRY_SECONDS = 0.5
_LONGEST_RETRY_SECONDS = {Trouble.AWAY: 5.0, Trouble.REFUSED: 30.0}
_KEPT_LINES = 50
_log = logging.getLogger(__name__)


class SshTunnel:
    """Thread-safe. `ready` has to be called before anything else."""

    def __init__(self, host: SshHost) -> None:
        self.title = host.title
        self._host = host
        self._changed = threading.Condition()
        self._folder: SocketFolder | None = None
        self._thread: threading.Thread | None = None
        self._process: Child | None = None
        self._is_up = False
        self._closed = False
        self._trouble = ""
        #: Why the last failed connection through ssh failed.
        self._refusal = ""

    # -- for users of the tunnel

    def ready(self, timeout: float) -> str:
        """The path of the local end of the engine's socket. Raises EngineUnavailable.

        Waits up to `timeout` seconds for the first connection.
        """
        with self._changed:
            if self._thread is None and not self._closed:
                self._start()
            self._changed.wait_for(
                lambda: self._is_up or self._trouble or self._closed, timeout
            )
            self._check_up()
            return self._path("engine")

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect from the host to a TCP port there.

        Raises OSError, EngineUnavailable or NoWay.
        """
        try:
            return mux.open_stream(self._control(), host, port, timeout)
        except mux.MuxFailed as error:
            raise self._failure(error) from error

    async def connect_async(self, host: str, port: int) -> socket.socket:
        """The same, from an event loop."""
        try:
            return await mux.open_stream_async(self._control(), host, port)
        except mux.MuxFailed as error:
            raise self._failure(error) from error

    def refusal(self, patience: float) -> str:
        """Why the last failed connection failed; empty when none did.

        ssh reports it a moment after the connection has ended, so this waits for up to
        `patience` seconds.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._refusal, patience)
            return self._refusal

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._is_up = False
            self._changed.notify_all()
            thread = self._thread
            if self._process:
                self._process.terminate()
        if thread:
            thread.join(_CLOSE_SECONDS)

    # -- connections

    def _control(self) -> str:
        with self._changed:
            self._check_up()
            return self._path("control")

    def _check_up(self) -> None:
        if self._closed:
            raise EngineUnavailable(f"the way to {self.title} is closed")
        if not self._is_up:
            why = self._trouble or "no connection yet"
            raise EngineUnavailable(f"ssh to {self.title}: {why}")

    def _failure(self, error: mux.MuxFailed) -> Exception:
        """The failure of a connection: the pod's, or that of the way to it."""
        if isinstance(error, mux.MuxGone):
            return EngineUnavailable(f"ssh to {self.title}: {error}")
        if is_forbidden(self._refusal):
            return NoWay(
                f"the ssh server of {self.title} forbids connections to pods: see "
                "AllowTcpForwarding and PermitOpen in its configuration, and the "
                "options of the key there"
            )
        # ssh does not say which connection failed; nearly always it is this one.
        return ConnectionRefusedError(ECONNREFUSED, os.strerror(ECONNREFUSED))

    def _path(self, name: str) -> str:
        assert self._folder is not None
        return str(self._folder.path / name)

    # -- the process

    def _start(self) -> None:
        try:
            self._folder = SocketFolder()
        except OSError as error:
            text = f"no folder for the sockets of ssh: {error}"
            raise EngineUnavailable(text) from error
        # Not from a pool: ssh ends when the thread that started it does.
        self._thread = threading.Thread(
            target=self._keep, name=f"ssh-{self.title}", daemon=True
        )
        self._thread.start()

    def _keep(self) -> None:
        """Run ssh again and again until `close`."""
        failures = 0
        try:
            while not self._closed:
                came_up, trouble, text = self._run()
                failures = 1 if came_up else failures + 1
                self._down(text)
                most = _LONGEST_RETRY_SECONDS[trouble]
                pause = delay(failures, first=_FIRST_RETRY_SECONDS, maximum=most)
                with self._changed:
                    self._changed.wait_for(lambda: self._closed, pause)
        finally:
            if self._folder:
                self._folder.close()

    def _down(self, text: str) -> None:
        with self._changed:
            if text != self._trouble and not self._closed:
                _log.warning("ssh to %s: %s", self.title, text)
            self._is_up, self._trouble = False, text
            self._changed.notify_all()

    def _run(self) -> tuple[bool, Trouble, str]:
        """Run ssh once: whether it connected, and how and why it ended."""
        if shutil.which("ssh") is None:
            return False, Trouble.REFUSED, "there is no program ssh: install OpenSSH"
        said: deque[str] = deque(maxlen=_KEPT_LINES)
        try:
            process = self._spawn()
        except OSError as error:
            return False, Trouble.AWAY, f"it does not start: {error.strerror}"
        try:
            came_up = self._follow(process, said)
        finally:
            code = process.end()
            with self._changed:
                self._process = None
        return came_up, *explain(list(said), code == 0)

    def _spawn(self) -> Child:
        for name in ("control", "engine"):
            with suppress(FileNotFoundError):
                os.unlink(self._path(name))
        command = self._host.command(self._path("control"))
        with self._changed:
            self._refusal = ""
            self._process = process = Child(command)
            if self._closed:
                process.terminate()
        return process

    def _follow(self, process: Child, said: deque[str]) -> bool:
        """Read the output of ssh until it ends; set the tunnel up when it connects."""
        is_up = False
        give_up = time.monotonic() + _CONNECT_SECONDS
        while True:
            ended, lines = process.wait(None if is_up else _LOOK_SECONDS)
            for line in lines:
                self._note(line, said)
            if ended:
                return is_up
            if is_up:
                continue
            if time.monotonic() > give_up:
                said.append(f"no connection within {_CONNECT_SECONDS:.0f} seconds")
                return False
            if os.path.exists(self._path("control")):
                try:
                    is_up = self._bring_up(said)
                except mux.MuxFailed as error:
                    said.append(str(error))
                    return False

    def _bring_up(self, said: deque[str]) -> bool:
        listen, there = self._path("engine"), self._host.endpoint.path
        try:
            mux.forward(self._path("control"), listen, there, _ANSWER_SECONDS)
        except mux.MuxGone:
            return False  # it is about to end and to report why
        said.clear()
        with self._changed:
            self._is_up, self._trouble = True, ""
            self._changed.notify_all()
        _log.info("ssh to %s: connected", self.title)
        return True

    def _note(self, line: str, said: deque[str]) -> None:
        said.append(line)
        if reason := not_opened(line):
            with self._changed:
                self._refusal = reason
                self._changed.notify_all()
