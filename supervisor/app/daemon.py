"""The daemon: builds its parts, starts them in order, stops them in reverse.

Rules
- The API answers before anything else happens; systemd hears READY only then.
- Stopping leaves all containers running; the next start takes them up again. It takes
  3 s at most (ending.py): each part has a share of that, and is told to end before any
  is waited for.
- A part that cannot start ends the daemon with one clear line and status 1; wrong
  settings with status 78, after which trying again is useless.
- The watchdog is fed only while the API answers a real request over the wire.
"""

import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from supervisor.api.http import create_app
from supervisor.api.registry import Registry
from supervisor.api.serving import Server
from supervisor.app import (
    allocator,
    certificates,
    cluster_id,
    former_stores,
    initial_objects,
    kubeconfig,
    logs,
    sdnotify,
    settings,
)
from supervisor.app.configured_engines import ConfiguredEngines
from supervisor.app.manifests import ManifestFolder
from supervisor.app.nodes import LocalNodes, Surroundings
from supervisor.app.settings import Settings, SettingsError
from supervisor.app.shutdown import Shutdown
from supervisor.app.snapshots import Snapshots
from supervisor.app.state_dir import StateDir, StateDirBusy
from supervisor.app.store_monitor import StoreMonitor
from supervisor.app.store_view import OpenStore
from supervisor.client.events import EventRecorder
from supervisor.client.node import NodeDirectory
from supervisor.client.rest import RestClient
from supervisor.controllers import all as controllers
from supervisor.engines.accesses import Accesses, AllowedFiles
from supervisor.engines.directory import Engines
from supervisor.kinds.identity import NAMESPACE
from supervisor.machinery.clock import SystemClock
from supervisor.machinery.loop import EventLoop
from supervisor.model.errors import ApiError
from supervisor.runtime.ownership import Claimant
from supervisor.store.base import StoreError
from supervisor.store.sqlite.store import SqliteStore

_BAD_SETTINGS = 78  # EX_CONFIG of sysexits.h
_STOP_GRACE_SECONDS = 1.0
"""For requests that the API is answering."""
_STOP_SHARE_SECONDS = 0.3
"""For each other part, engines apart."""
_DAY_SECONDS = 86400.0
_log = logging.getLogger(__name__)


class Daemon:
    """Use as `with Daemon(settings): …`; leaving the block stops it."""

    def __init__(self, chosen: Settings) -> None:
        self._settings = chosen
        self._cleanup = contextlib.ExitStack()
        self._controllers: list[controllers.Running] = []
        self.url = ""

    def __enter__(self) -> "Daemon":
        with contextlib.ExitStack() as started:
            self._start(started.callback)
            self._cleanup = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def _start(self, at_stop: Callable[..., Any]) -> None:
        state = StateDir(self._settings.state_path)
        at_stop(state.close)
        clock = SystemClock()
        at_stop(clock.close)
        store = SqliteStore(str(state.path / "store.db"))
        at_stop(store.close)
        self._watch_store(store, clock, state.path, at_stop)
        numbers = self._settings.failover.numbers
        registry = Registry(store, clock, toleration_seconds=numbers.toleration_seconds)
        configured = ConfiguredEngines(registry, self._settings.nodes)
        configured.apply()
        loop = EventLoop("probes")
        at_stop(loop.close)
        engines = self._engines(state, store, registry, clock, loop, configured)
        self._serve(registry, store, engines, clock, state.path, at_stop)
        self._start_controllers(registry, clock, at_stop)
        at_stop(engines.stop)
        engines.start()
        self._follow_manifests(registry, clock, at_stop)

    def _engines(
        self,
        state: StateDir,
        store: SqliteStore,
        registry: Registry,
        clock: SystemClock,
        loop: EventLoop,
        configured: ConfiguredEngines,
    ) -> Engines:
        former = former_stores.record(state.path, store.identity)
        view = OpenStore(store)
        nodes = LocalNodes(
            Surroundings(
                self._settings.cluster or cluster_id.find(state.path, registry),
                registry,
                clock,
                loop,
                self._settings.failover.numbers,
                seccomp_folder=state.path / "seccomp",
                store=view,
            )
        )
        allowed = AllowedFiles(
            self._settings.engine_files, configured.known_files(state.path)
        )
        return Engines(
            registry,
            clock,
            nodes,
            Accesses(registry, state.path / "engines", allowed),
            Claimant(store.identity, socket.gethostname(), former),
            taken_over=view.taken_over,
            gone=configured.again,
        )

    def _watch_store(
        self,
        store: SqliteStore,
        clock: SystemClock,
        state: Path,
        at_stop: Callable[..., Any],
    ) -> None:
        keep = self._settings.snapshots.keep
        watch = StoreMonitor(
            store, Snapshots(store, state / "snapshots", keep=keep), clock
        )
        at_stop(watch.stop)
        watch.start()

    def _serve(
        self,
        registry: Registry,
        store: SqliteStore,
        nodes: NodeDirectory,
        clock: SystemClock,
        state: Path,
        at_stop: Callable[..., Any],
    ) -> None:
        host, port = self._settings.address
        files = certificates.ensure(state, [host], now=clock.now())
        token = kubeconfig.token(state)
        app = create_app(
            registry,
            nodes,
            [token],
            clock=clock,
            read_only_reason=store.unwritable_reason,
            live_checks={"controllers": self._dead_controllers},
            ready_checks={
                "store": store.unwritable_reason,
                "stored-objects": lambda: _damage(store),
            },
        )
        server = Server(
            app,
            host,
            port,
            certificate=files.certificate,
            key=files.key,
            release_memory=allocator.trim,
        )
        server.start()
        at_stop(server.stop, _STOP_GRACE_SECONDS)
        self.url = f"https://{_reachable(host)}:{server.port}"
        self.client = RestClient(self.url, token=token, ca=files.authority)
        self.kubeconfig = state / "kubeconfig"
        kubeconfig.write(
            self.kubeconfig, server=self.url, authority=files.authority, token=token
        )

    def _start_controllers(
        self, registry: Registry, clock: SystemClock, at_stop: Callable[..., Any]
    ) -> None:
        def recorder_for(component: str) -> EventRecorder:
            recorder = EventRecorder(registry, clock, component)
            at_stop(recorder.stop, _STOP_SHARE_SECONDS)
            return recorder

        initial_objects.ensure(registry)
        keep = self._settings.events.keep_days * _DAY_SECONDS
        chosen = controllers.Settings(
            event_ttl_seconds=keep, failover=self._settings.failover.numbers
        )
        for running in controllers.start_all(registry, clock, recorder_for, chosen):
            at_stop(running.stop, _STOP_SHARE_SECONDS)
            self._controllers.append(running)

    def _dead_controllers(self) -> str:
        dead = [name for each in self._controllers for name in each.dead()]
        return f"no longer running: {', '.join(dead)}" if dead else ""

    def _follow_manifests(
        self, registry: Registry, clock: SystemClock, at_stop: Callable[..., Any]
    ) -> None:
        if not self._settings.manifests:
            return
        folder = ManifestFolder(Path(self._settings.manifests), registry, clock)
        folder.start()
        at_stop(folder.stop, _STOP_SHARE_SECONDS)


def _damage(store: SqliteStore) -> str:
    """How many objects cannot be read. Their names are not for everybody."""
    count = len(store.damaged())
    text = f"{count} object(s) are damaged; the daemon's log and `supervisor doctor`"
    return f"{text} name them" if count else ""


def _reachable(host: str) -> str:
    """The host to be named in the kubeconfig for the address listened on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


def run(
    *,
    config: Path | None = None,
    state_dir: Path | None = None,
    listen: str | None = None,
    manifests: Path | None = None,
    log_format: str | None = None,
    log_level: str | None = None,
) -> int:
    """Run until SIGTERM or SIGINT; the exit status of a daemon that could not start.
    Options beat the file.
    """
    try:
        chosen = settings.load(config)
        given = {"state_dir": state_dir, "listen": listen, "manifests": manifests}
        chosen = msgspec.structs.replace(
            chosen, **{k: str(v) for k, v in given.items() if v is not None}
        )
        logs.configure(log_format or chosen.log.format, log_level or chosen.log.level)
        _ = chosen.address
        return _run(chosen)
    except (SettingsError, StateDirBusy, StoreError, OSError, ValueError) as error:
        sys.stderr.write(f"error: {_reason(error)}\n")
        return _BAD_SETTINGS if isinstance(error, SettingsError) else 1


def _reason(error: Exception) -> str:
    """What a person needs of it: the file, and not the number, of a system error."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _run(chosen: Settings) -> int:
    allocator.configure()
    # The store holds secrets, in whatever folder it was put.
    os.umask(0o077)
    ending = Shutdown()
    with Daemon(chosen) as daemon:
        _log.info("the API answers at %s", daemon.url)
        _log.info("kubectl --kubeconfig %s get pods", daemon.kubeconfig)
        sdnotify.notify(f"READY=1\nSTATUS={_status(daemon)}")
        _watch_over(daemon, ending)
        sdnotify.notify("STOPPING=1\nSTATUS=stopping; containers go on running")
        _log.info("stopping; containers go on running")
    ending.leave(0)
    return 0


def _status(daemon: Daemon) -> str:
    """What `systemctl status` and the installer show."""
    return f"{daemon.url}, kubectl --kubeconfig {daemon.kubeconfig} get pods"


def _watch_over(daemon: Daemon, ending: Shutdown) -> None:
    """Wait for the end; meanwhile tell systemd that the API answers, if it asks."""
    limit = sdnotify.watchdog_seconds()
    if limit is None:
        ending.wait()
        return
    client = daemon.client
    while not ending.wait(limit / 3):
        if _answers(client):
            sdnotify.notify("WATCHDOG=1")


def _answers(client: RestClient) -> bool:
    try:
        client.get(NAMESPACE.resource, "default")
    except ApiError as error:
        _log.warning("the API does not answer its own daemon: %s", error)
        return False
    return True
